"""History + follow-up -> a question that stands alone.

Rules without a language model, over what was said and, where that does not decide, over the documents. An ellipsis
("那2014年呢？", "副厂长呢？") takes the last stand-alone question and puts its own words in the place of those of the
same sort. A pronoun ("它由哪些公司组成？") gets its antecedent. A question without a topic of its own ("为什么？",
"摆了多少文物？"), of which the last question's article speaks as well as any other, gets the topic of the last one. A
question that stands alone is left as it is, so that history does not leak into it.

The last question is the last one that was answered: a refused one gives no topic to go on with, unless the follow-up is
worded so that it means that one.
"""

import re
from collections.abc import Sequence

from .conversation.refer import (
    MIN_NAME_CHARS,
    content,
    content_runs,
    is_measured,
    is_person,
    lead,
    longest_shared,
    person,
    thing,
    with_head,
)
from .conversation.substitute import parallel, substitute
from .conversation.talk import Find, Talk, talk_of
from .question import asks, coverage, question_kind
from .refusals import is_refusal
from .types import Turn

_END = r"[？?。！!，, ]*$"
_MOVES_ON = re.compile(
    r"^(?:换[个一]+(?:话题|问题)|(?:还有|再问)?[下另]?[一个]+(?:别的)?问题|说[点个]别的|对了|顺便问一?下)[，,：:。 ]+"
)
_OPENER = re.compile(
    r"^(?:(?:另外|此外|那么?|那就|所以)[，, ]+|(?:我?[还再又]?(?:想|要)?再?(?:请问|问一?下|问问|想知道))[，,：: ]*"
    r"|那么?(?![么里边儿时些天年月样个家座条项位场次种起艘只颗口架台支部份间套][^呢]|[里边儿时天年][^呢]))"
)
_ELLIPSIS = re.compile(rf"^(?:换成|如果是|要是|再问一?下|而)?[，, ]?(?P<what>.{{1,20}}?)呢{_END}")
_OWN_TOPIC = re.compile(r"^(?P<what>[^，,]{1,12}?)呢[，,？? ]+(?P<rest>.{2,})$")
_INSTEAD = re.compile(
    rf"^(?:我(?:问|说|指)的)?不是(?P<old>[^，,]{{1,20}})[，, ]+(?:而?是|我(?:问|说|指)的是)(?P<new>.{{1,24}}?){_END}"
)
_CORRECTION = re.compile(
    r"^(?:(?:不是|不对|错了|不)[，,。 ]*)?(?:(?:我?[问说指]的|我)是[说问指]?|我想?[问指]的是)"
    rf"(?P<what>.{{1,40}}?){_END}"
    rf"|^(?:不是|不对|错了|不)[，,。 ]*是(?P<bare>.{{1,24}}?){_END}"
)
_MORE = re.compile(
    rf"^(?:那么?)?(?:还有(?:呢|吗|别的吗|其他的吗|哪些)?|然后呢|接着呢|具体呢|详细说说|再说说|继续){_END}"
)
_AGAIN = re.compile(rf"^(?:请|麻烦)?(?:再说一?遍|再讲一?[遍次]|重复一?[遍下]|你说什么){_END}")
_THIS_ARTICLE = re.compile(
    r"^(?:请|帮我)?(?:总结|概括|归纳|介绍)一?下?(?:(?:这|那|该)一?篇)?(?:文章|报道|新闻|全文|内容)?[。！!]*$"
    rf"|^(?:(?:这|那|该)一?篇)?(?:文章|报道|新闻|全文)(?:主要|大概|都)?(?:讲|说|写)了?(?:些)?(?:什么|啥)(?:内容|事)?{_END}"
)
_FIRST_OF = re.compile(
    r"(?:[里中]|其中|当中)?[，, ]*(?:的)?(?:第[一二三四五六1-6](?:[个项条件点]|大)?|最先|首先|其一)(?:是|的)?"
)
_BARE = re.compile(
    r"^(?:那么?|这是)?(?:为什么|为何|为啥|怎么会|怎么(?:办|做)到的|怎么做的|什么原因|在哪里?|什么时候|谁|多少)"
    rf"(?:会?(?:这[样么]|如此)[\u4e00-\u9fff]{{0,2}}|是这样)?的?{_END}"
)
_BARE_WHERE = re.compile(rf"^(?:那么?)?在(?:哪里?|哪儿|什么地方|何处){_END}")
_ORDINAL = re.compile(
    r"^(?:那么?)?(?:其中)?(?:的)?(?P<which>(?:第[一二三四五六七八九十1-9]|最后一?|前一|后一)(?:[个项条点家件步方种类]面?|大)[\u4e00-\u9fff]{0,2}?)"
    rf"(?:具体|分别|到底)?(?:是|指|叫|说|讲)?(?:的?是?)?(?:什么|啥|哪[个些项条]?|谁)?(?:内容|意思)?(?:呢)?{_END}"
)
_ORDINAL_END = re.compile(r"，(?:第[一二三四五六七八九十1-9]|最后|前一|后一)[^，]{0,4}是什么？$")
"""What a question about an item ended with; the next item takes its place."""
_NO_SUBJECT = re.compile(r"^(?:由|被|从|给|向|跟|在)(?:哪|谁|什么|何|多少|几)")
"""A question that begins with its preposition says nothing of what it asks about."""
_COMPARE = re.compile(
    rf"^(?:(?:比起?|相比)(?P<what>.{{1,16}}?)|(?:[和跟与同])(?P<with>.{{1,16}}?)(?:相比|比起来|比))(?:呢|怎么样|如何){_END}"
)
_HE = re.compile(r"(?:^|(?<=[，,、：:对和跟与给把被让由为向请叫是在说问从比据]))[他她](?!们|国|乡|人|山|杀|日|处)")
_IT = re.compile(r"(?:^|(?<=[，,、：:对和跟与给把被让由为向请叫是在说问从比据]))[他她]们|它们?")
_THERE = re.compile(r"(?:在|从|到)?(?:那里|那儿|那边|这里|这儿|该地)(?=[^呢])|^在?当地")
_THEN = re.compile(r"^(?:当时|那时候?|那天|当天|那一?[年月天次])[，,的]?")
_THIS = re.compile(
    r"(?:^|(?<=[对在由从被把给向和与跟，,]))(?:(?:这|那)(?:一)?(?:[个家座项条次起位名场种篇艘只部趟支件列款颗口架台份间套]|(?=船|桥|站|厂|县|书|事|案|人))|该(?=公司|集团|项目|平台|系统|工程|中心|地区|[厂站桥县市省校馆院所案船队岛镇村])|此(?![外前后次时刻类]))"
)
_AMONG = re.compile(r"其中|里面|当中")
_POSSESSIVE = re.compile(r"^其(?!中|他|它|实|余)|(?<=[，,])其(?!中|他|它|实|余)")
_ITS = re.compile(r"^(?:[它他她]们?的?|其(?!中))(?=.{2})")
_THAN_BEFORE = re.compile(r"^(?:[比和跟与同]|相比)(?:去年|上年|上一年|前年|同期|以前|之前|往年|上[个月半年届次])")
_FILLER = re.compile(
    r"^(?:同比|环比|会|能|可以|应该|那么?|还|又|也|另外|具体|总共|一共|分别|后来|结果|之后|此前|现在|已经|预计|到底|究竟|大概)+"
)
_PRONOUN = re.compile(r"[它他她这那该此其]")
_ORGAN = re.compile(r".{2}[部委局厂院校馆站署]$")
_CLAUSE_END = re.compile(r"[，,。；;？?！!]")
_QUOTED = re.compile(r"[“《「]([^”》」]+)[”》」]")
_GO_ON = "，还有哪些？"
"""How a question that was only asked to go on ends; it is taken off again before the next is made of it."""
MAX_HISTORY = 4
MAX_ASKED_CHARS = 300
"""Of the last question: a history comes from the caller and may be of any length."""
MAX_FRAGMENT_CHARS = 3
"""A question with no more characters that can stand in a document has no topic."""
MAX_DEPENDENT_CHARS = 9
"""A question with more says enough to be found."""
MIN_TELLING_CHARS, MIN_TOLD = 4, 0.5
"""Of a question with a pronoun: from how many characters, and which share of them in an article, it names its own."""
MIN_HELD, MIN_HELD_SHARE = 0.6, 0.6
"""Of a question's words, how many must stand in the last question's article for it to be about that: in all, and
compared with the article that holds most of them. See eval/LOG.md."""


def _no_documents(question: str) -> Sequence[str]:
    return ()


def rewrite(question: str, history: Sequence[Turn], find: Find = _no_documents) -> str:
    """The question as it stands alone; unchanged where it already does or where there is no history."""
    if not history:
        return question
    bare = question.strip()
    if moves_on := _MOVES_ON.match(bare):
        return bare[moves_on.end() :] or question
    answered = [turn for turn in history[-MAX_HISTORY:] if not is_refusal(turn.answer)]
    if answered and is_refusal(history[-1].answer):
        talk = _talk_over_refusals(bare, history[-MAX_HISTORY:], answered, find)
    else:
        talk = _talk_after(history[-MAX_HISTORY:], find)
    return _elliptic(bare, talk) or _whole(_OPENER.sub("", bare) or bare, talk)


def _talk_after(turns: Sequence[Turn], find: Find) -> Talk:
    """The talk of these turns, the last one last."""
    *before, last = turns
    asked = last.standalone_question or rewrite(last.question[:MAX_ASKED_CHARS], before, find)
    asked = asked[:MAX_ASKED_CHARS].removesuffix(_GO_ON)
    earlier = [(turn.standalone_question or turn.question)[:MAX_ASKED_CHARS] for turn in before]
    return talk_of([*earlier, asked], last, find)


def _talk_over_refusals(bare: str, turns: Sequence[Turn], answered: Sequence[Turn], find: Find) -> Talk:
    """The talk of the last turn, which was refused, or of the last one that was answered: which a follow-up means.

    Of the articles near the refused question those count most that have the follow-up's words.
    """
    own = content_runs(_FILLER.sub("", _PRONOUN.sub("", _OPENER.sub("", bare))))
    refused = _talk_after(turns, lambda asked: sorted(find(asked), key=lambda text: -coverage(own, text)))
    told = _talk_after(answered, find)
    return refused if _means_refused(bare, own, refused, told) else told


def _means_refused(bare: str, own: Sequence[str], refused: Talk, told: Talk) -> bool:
    """Whether a follow-up is about the question that was refused last, and not about the one answered before it.

    It is where it corrects that question or says it again; where what it names has a place there, or in neither of the
    two; and where more of its words stand in an article near the refused question.
    """
    if _INSTEAD.match(bare) or _CORRECTION.match(bare) or _AGAIN.match(bare):
        return True
    ellipsis = _ELLIPSIS.match(_OPENER.sub("", bare))
    if ellipsis and not asks(what := ellipsis.group("what")):
        return _has_place(what, refused) or not _has_place(what, told)
    here, there = (max((coverage(own, text) for text in talk.here), default=0.0) for talk in (refused, told))
    return refused.here != told.here and here > there


def _has_place(what: str, talk: Talk) -> bool:
    """Whether what an ellipsis names takes the place of something in the question, and is not only set before it."""
    return not _instead(what, talk).startswith(f"{what}，")


def asks_for_more(question: str) -> bool:
    """Whether a follow-up only asks to go on ("还有呢？"): what was already said need not be said again."""
    return bool(_MORE.match(question.strip()))


def _elliptic(bare: str, talk: Talk) -> str:
    """A follow-up that is no whole question, completed by the last one; empty where it is one."""
    asked = talk.asked
    if instead := _INSTEAD.match(bare):
        old, new = instead.group("old"), instead.group("new")
        return asked.replace(old, new) if old in asked else _instead(new, talk)
    if correction := _CORRECTION.match(bare):
        what = correction.group("what") or correction.group("bare")
        return bare[bare.index(what) :] if asks(what) or what.endswith("吗") else _instead(what, talk)
    if _AGAIN.match(bare):
        return asked
    if _THIS_ARTICLE.match(bare) and talk.here and (headline := talk.here[0].split("\n", 1)[0]):
        return f"《{headline}》讲了什么？"
    if asks_for_more(bare):
        return content(_FIRST_OF.sub("", asked)) + _GO_ON
    if _BARE_WHERE.match(bare) and talk.here:
        return f"{talk.about}{bare}"
    if _BARE.match(bare):
        return f"{content(asked)}，{bare}"
    if ordinal := _ORDINAL.match(bare):
        return f"{content(_ORDINAL_END.sub('', asked))}，{ordinal.group('which')}是什么？"
    if compared := _COMPARE.match(bare):
        with_what = compared.group("what") or compared.group("with")
        end = "多多少" if question_kind(asked) == "number" else "怎么样"
        return f"{content(asked)}，比{with_what}{end}？"
    opened = _OPENER.sub("", bare)
    if (ellipsis := _ELLIPSIS.match(opened)) and not asks(ellipsis.group("what")):
        return _instead(ellipsis.group("what"), talk)
    return ""


def _instead(what: str, talk: Talk) -> str:
    """The question that was asked, about something else; or about something of what the talk is about."""
    if its := _ITS.match(what):
        what = what[its.end() :]
        return f"{talk.about}的{what}是{'多少' if is_measured(what) else '什么'}？"
    asked = talk.asked
    if (among := _AMONG.match(what)) and question_kind(asked) == "number":
        return f"{content(asked)}，{what[among.end() :]}有多少？"
    before = _ELLIPSIS.match(_OPENER.sub("", talk.last.question.strip()))
    if before:  # a chain of ellipses: the one before made room for itself in the same way
        asked = asked.removeprefix(f"{before.group('what')}，")
    return substitute(asked, what, talk.here, [*talk.find(f"{what}，{asked}"), *talk.find(what)])


def _whole(question: str, talk: Talk) -> str:
    """A whole question with antecedents in the place of its pronouns, or with a topic where it has none."""
    if own := _OWN_TOPIC.match(question):
        question = own.group("what") + own.group("rest")
    if _AMONG.search(question):
        return f"{content(talk.asked)}，{_AMONG.sub('', question, count=1)}"
    if (resolved := _resolve(question, talk)) != question:
        return question if _means_its_own(question, talk) else resolved
    if not _depends(question, talk):
        return question
    if beginning := parallel(question, talk.asked):
        return beginning + question
    return f"{talk.about}{question}" if talk.here else f"{content(talk.asked)}，{question}"


def _resolve(question: str, talk: Talk) -> str:
    """The question with what its pronouns mean in their place."""
    if _HE.search(question) and (name := person(talk.asked, talk.last)):
        return _HE.sub(name, question, count=1)
    if place := _THERE.search(question):
        where = lead(talk.last.answer) if question_kind(talk.asked) in ("place", "fact") else ""
        return f"{question[: place.start()]}{where or talk.about}{question[place.end() :]}"
    if _THEN.search(question):
        return f"{content(talk.asked)}，{_THEN.sub('', question)}"
    meant = thing(talk.asked, talk.last, talk.about, talk.here)
    if this := _THIS.search(question):
        before, rest = question[: this.start()], question[this.end() :]
        named, n_head = with_head(rest, talk.asked, talk.last)
        if named:
            return before + named + rest[n_head:]
        known = not talk.here or coverage(content_runs(rest)[:1], talk.asked + talk.here[0]) > 0
        return before + meant + rest if known else question  # else it is of another story
    for pronoun, suffix in ((_POSSESSIVE, "的"), (_IT, "")):
        if match := pronoun.search(question):
            return question[: match.start()] + meant + suffix + question[match.end() :]
    return question


def _means_its_own(question: str, talk: Talk) -> bool:
    """Whether a pronoun stands for what the question itself names: in a clause before it, or in words that another
    article than the talk's holds.
    """
    before = _CLAUSE_END.split(question)[0] if _CLAUSE_END.search(question.rstrip("？?。！!")) else ""
    if len("".join(content_runs(before))) >= MIN_TELLING_CHARS and not _PRONOUN.search(before):
        return True
    own = content_runs(_PRONOUN.sub(" ", _THIS.sub(" ", question)))
    if len("".join(own)) < MIN_TELLING_CHARS:
        return False
    held, best = _held(own, question, talk)
    return best >= MIN_TOLD and held < MIN_HELD_SHARE * best


def _depends(question: str, talk: Talk) -> bool:
    """Whether a question without a pronoun has no topic of its own, and the talk's article speaks of it."""
    own = content_runs(_FILLER.sub("", question))
    said_here = len("".join(own)) > 1 and any(coverage(own, text) >= MIN_HELD for text in talk.here)
    if not (asks(question) or question.endswith(("？", "?")) or said_here):
        return False  # it only says something: 哈哈
    if _is_fragment(question):
        return not (own and is_person(own[0], talk.find(question)))
    if _THAN_BEFORE.match(question) or _NO_SUBJECT.match(question):
        return True
    if len("".join(own)) > MAX_DEPENDENT_CHARS or coverage(own, "，".join(content_runs(talk.asked))) > 0:
        return False  # it says enough, or names the last question's topic, or the same thing of another
    around = talk.find(question)
    if not talk.here or any(name not in talk.here[0] for name in _QUOTED.findall(question)):
        return False
    if any(longest_shared(own, text) >= MIN_NAME_CHARS for text in around):
        return False
    if _ORGAN.search(own[0]) and any(own[0] in text for text in around):
        return False
    held, best = _held(own, question, talk)
    return coverage(own[:1], talk.here[0]) > 0 and held >= MIN_HELD and held >= MIN_HELD_SHARE * best


def _held(own: Sequence[str], question: str, talk: Talk) -> tuple[float, float]:
    """The share of a question's words in the talk's article, and the highest share in any."""
    here = max((coverage(own, text) for text in talk.here), default=0.0)
    return here, max((coverage(own, text) for text in talk.find(question)), default=0.0)


def _is_fragment(question: str) -> bool:
    """Whether so few words of a question can stand in a document that it has no topic: 装好多少了？"""
    own = "".join(content_runs(_FILLER.sub("", question)))
    return len(own) <= MAX_FRAGMENT_CHARS and not _QUOTED.search(question) and not re.search(r"[A-Za-z\d]", own)
