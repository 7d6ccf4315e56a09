"""What is said to the assistant and asks the documents nothing: greetings, thanks, insults, orders for other work.

Each pattern must fit the whole text, so that a question which only begins like one of them is asked: "谢谢" is none,
"谢谢公司的董事长是谁" is one. A courtesy before a question ("你好，请问……") is taken off.
"""

import re

from index.terms import fold

GREETING = "你好。这里是文档问答：只根据已收录的文章回答，每一句都标明出处；文章没有说的，会直说。请问一个具体的问题。"
THANKS = "不客气。还想知道什么，可以接着问。"
GO_ON = "好的。还想知道什么，可以接着问。"
FAREWELL = "再见。"
ABOUT = (
    "这里是文档问答，不是聊天机器人：从已收录的文章里找出回答问题的原句，标明出处，点开就能核对；文章没有说的，会直说。"
    "可以问人物、数字、时间、原因、做法，也可以接着上一个问题追问。"
)
SORRY = "抱歉没有帮上忙。可以换一种说法再问；这里只能回答文章里写到的内容。"
OTHER_WORK = "这里只回答已收录的文章里写到的内容，不写作、不编程、不计算、不翻译。请就文章的内容提问。"

_YOU = "(?:你|您|你们)"
_DO = "(?:做|干|帮我做|帮我干|帮我|帮忙|回答|问)?(?:些|点)?(?:什么|啥|哪些事|哪些问题|什么问题)"
_BOT = "(?:一?个)?(?:真?人|机器人|人工智能|程序|ai|大?模型|chatgpt|gpt|deepseek|豆包|文心一言|通义千问)"
_ABUSE = "笨蛋?|傻[逼瓜子叉]?|白痴|蠢货?|废物|垃圾|混蛋|智障|脑残|王八蛋|弱智|有病|没用|笨|差劲|讨厌|烦|sb|stupid|idiot"
_WORK = "诗歌?|词|歌词?|小说|故事|作文|文章|报告|论文|邮件|笑话|代码|程序|脚本|函数|情书|演讲稿|总结|计划|对联"
_PATTERNS: tuple[tuple[str, str], ...] = (
    (
        rf"(?:{_YOU}好|{_YOU}们?好|大家好|嗨|哈[喽啰罗]|喂|hello|hi|hey|早上好|上午好|中午好|下午好|晚上好|早安|晚安|早|在吗|在不在|{_YOU}在吗)"
        rf"(?:呀|啊|哦|呢)?(?:{_YOU}?(?:今天|最近)?(?:过得|还)?(?:怎么样|好吗|如何))?|{_YOU}?(?:今天|最近)过得(?:怎么样|好吗|如何)",
        GREETING,
    ),
    (
        r"(?:好的?|嗯|哦|行|明白了?|知道了?|懂了|收到|ok|不错|很好|太好了|厉害|真棒|非常好)?(?:多谢|谢谢|感谢|谢了|thanks?|thankyou|3q|辛苦)"
        r"(?:你们?|您|了|啦|啊|哦|你的(?:帮助|回答)|您的(?:帮助|回答))*",
        THANKS,
    ),
    (
        r"好的?|嗯+|哦+|行|明白了?|知道了?|懂了|收到|ok|不错|很好|太好了|厉害|真棒|非常好|不用了|没事了?|没有了|就这些了?"
        r"|(?:哈|呵|嘿|嘻)+|算了|再说|随便(?:聊聊|看看|问问)?|(?:你|您)?(?:真|好|太|很)?(?:厉害|聪明|棒|能干)了?|(?:你|您)?(?:答|回答|说)得(?:真|很|不)?(?:好|对|错)",
        GO_ON,
    ),
    (r"(?:谢谢|好的|谢了)?没有?(?:什么|别的|其他)*的?(?:事|问题)了?", THANKS),
    (
        r"(?:这|你|您)?(?:这?个)?(?:的?(?:答案|回答))?(?:不对|错了|答错了|说错了|不准|是错的|不正确)|胡说(?:八道)?|骗人|瞎说"
        r"|(?:我)?(?:没听懂|听不懂|没看懂|看不懂|不明白|不懂|没懂)|什么意思",
        SORRY,
    ),
    (r"再见|拜拜|bye|byebye|goodbye|回头见|下次见", FAREWELL),
    (
        rf"{_YOU}(?:到底|究竟)?(?:是(?:谁|什么(?:模型|东西|人|系统)?|{_BOT}吗?|谁(?:做|开发|创造|训练)的|用什么做的)|(?:觉得|认为|说|看)|叫(?:什么|啥)(?:名字)?"
        rf"|多大了?|几岁了?|[能会]{_DO}|可以{_DO}|有(?:什么|哪些)(?:功能|用|本领)|怎么用|从哪里?来|的名字(?:叫|是)(?:什么|啥))"
        r"|(?:这个?|本系统|系统)?(?:怎么用|怎么使用|如何使用)|帮助|help|使用(?:说明|方法)|whoareyou|自我介绍(?:一下)?"
        r"|(?:你的|这些)?(?:文章|文档|资料|数据)(?:是)?(?:从?哪里?来的?|来源(?:是什么)?)|(?:请)?介绍一下(?:你|您)自己",
        ABOUT,
    ),
    (
        rf"(?:{_YOU}|{_YOU}们|这个?(?:机器人|系统|东西|ai))?(?:真的?|太|是|就是|真是|好|个|一个|什么|大|他妈|tmd|怎么|这么|那么|可|也)*(?:{_ABUSE})(?:啊|吧|吗|了|呀)?"
        rf"|(?:{_YOU}|怎么)*(?:什么|啥|一点)(?:用|忙)?都(?:不会|不懂|不知道|没有|帮不上|答不出来?|没用)"
        r"|(?:给我)?滚(?:开|蛋|吧|出去)?|去死吧?|(?:操|草|靠)(?:你妈)?|(?:他|你)?妈的|闭嘴|fuck(?:you)?",
        SORRY,
    ),
    (
        rf"(?:请|麻烦|{_YOU})?(?:帮我|给我|替我|为我|帮忙|能|会|可以)*(?:再)?(?:写|作|编|创作|生成|画|讲|说|唱|来)"
        rf"(?:一[首篇段个封份则幅张副]|首|篇|段|个|封|份)[^？?]{{0,16}}?(?:{_WORK}|画|图|图片)(?:吧|吗|好吗|可以吗)?"
        rf"|(?:请|麻烦|帮我|给我)*用(?:python|java|c|c\+\+|javascript|go|rust|sql)[^？?]{{0,30}}(?:写|实现|排序)[^？?]{{0,30}}"
        r"|(?:请|麻烦|帮我|给我)*(?:把[^？?]{0,60}翻译成|翻译(?:一下|成|这|下面|以下|上面)|翻译$)[^？?]{0,60}",
        OTHER_WORK,
    ),
    (
        r"(?:现在|今天|明天)(?:是)?(?:几点|几号|星期几|周几|什么日子|多少度|天气(?:怎么样|如何|好吗)?)了?"
        r"|(?:请问|请|帮我|算一?下|计算)*[\d.,()零一二三四五六七八九十百千万]+(?:[-+*/x×÷^加减乘除]以?[\d.,()零一二三四五六七八九十百千万]+)+"
        r"(?:=|等于|是|得)(?:多少|几)?|(?:请问|请|帮我|算一?下|计算)*[\d.,()]+(?:[+*/×÷^][\d.,()]+)+",
        OTHER_WORK,
    ),
)
_COMPILED = tuple((re.compile(pattern), text) for pattern, text in _PATTERNS)
_TO_YOU = re.compile(
    r"(?!.*(?:[你您](?:好|觉得|认为|知道|看|说|猜|能告诉|告诉)|告诉[你您]|迷你|我和你))(?=.*[你您]).{2,10}"
)
"""A short text that speaks to whoever answers, and does not only begin a question with that (你知道……吗)."""
_QUOTES = re.compile(r"[“”《》「」\"]")
_CHATTY = re.compile(r"^(?:嗨|嘿|喂|你好|您好|hi|hello)(?=..)|[呢啊呀哦嘛]+$")
_CLAUSE = re.compile(r"[^，,。！!？?；;…\n]+")
_NOISE = re.compile(r"[\s，,。！!？?~～、；;…'’\"“”]+")
_COURTESY = re.compile(
    r"^(?:(?:你好|您好|你们好|谢谢你?|谢谢您|多谢|感谢|好的?|嗯+|哦+|行|明白了?|知道了?|懂了|收到|ok|不错|很好)"
    r"[啊呀了]?[，,。！!；;~ 　]+)++(?=.)",  # possessive: 明白了 may be read in two ways
    re.IGNORECASE,
)
_KANA = re.compile(r"[\u3041-\u309f\u30a1-\u30fa]")
_WORDS = re.compile(r"[^\W\d_]+")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_MIN_FOREIGN_WORDS, _MIN_KANA = 3, 3
"""A single の is part of a Chinese trade name."""
MAX_SMALL_TALK_CHARS = 120


def small_talk(text: str) -> str:
    """What to reply where a text is small talk or an order for other work; empty where it may ask the documents."""
    if len(text) > MAX_SMALL_TALK_CHARS:
        return ""
    bare = _NOISE.sub("", fold(text))
    if reply := _reply(bare):
        return reply
    clauses = [clause for clause in map(fold, _CLAUSE.findall(text)) if _NOISE.sub("", clause)]
    if len(clauses) > 1 and all(replies := [_reply(_NOISE.sub("", clause)) for clause in clauses]):
        return replies[-1]
    return ABOUT if _TO_YOU.fullmatch(bare) and not _QUOTES.search(text) else ""


def _reply(bare: str) -> str:
    """What to reply to a text without marks that is small talk as a whole; empty for any other."""
    for said in (bare, _CHATTY.sub("", bare)):
        for pattern, reply in _COMPILED:
            if pattern.fullmatch(said):
                return reply
    return ""


def without_courtesy(question: str) -> str:
    """The question without a greeting or thanks that a mark of punctuation sets off in front of it."""
    return _COURTESY.sub("", question.lstrip()) or question


def is_foreign(question: str) -> bool:
    """Whether a question is in another language than Chinese: kana, or words of letters and nothing Chinese.

    One or two words of letters may be names that stand in a Chinese text ("CCUS", "京和号 Y465").
    """
    if len(_KANA.findall(question)) >= _MIN_KANA:
        return True
    return not _HAN.search(question) and len(_WORDS.findall(question)) >= _MIN_FOREIGN_WORDS
