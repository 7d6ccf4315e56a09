"""Who somebody is ("齐银是谁", "赵爱彬是什么职务"): the sentence that introduces them, and the words that do.

A newspaper says a person's office once: in front of the name ("副经理齐银说"), or behind it ("齐银，项目组副经理"). The
form decides by itself; the models read such a short question badly, since all its words are the name.
"""

import re

from index.terms import fold

from ..question import is_name

_NAMED = r"(?P<name>[\u4e00-\u9fff]{2,6}?|[\u4e00-\u9fffA-Za-z]+(?:·[\u4e00-\u9fffA-Za-z]+)+)"
_ASKS = re.compile(
    rf"(?:请问|我想知道|你知道)?[，, ]*{_NAMED}(?:这个人|此人)?(?:"
    r"(?:到底|究竟|又)?是(?:谁|什么人|何许?人也?|哪位|哪个|[干做]什么(?:工作)?的|干啥的|什么(?:职务|职位|身份|来头|职业|工作))"
    r"|(?:现在)?(?:担任|任|当)的?(?:是)?(?:什么|啥|何)(?:职务?|职位|官)?|(?:的)?(?:职务|职位|身份|职业)(?:是什么|是啥)?|什么(?:职务|身份|来头))"
    r"[呢啊呀吗]?[？?。 ]*"
)
_NO_NAME = re.compile(
    r"[这那他她它你我您谁哪的]|^(?:记者|作者|厂长|主任|书记|部长|局长|院长|校长|队长|站长|经理|总裁|董事长)$"
)
_MAX_FULL_NAME = 3
_OFFICES = (
    "长|主任|经理|教授|记者|主席|书记|总裁|总监|检察官|法官|律师|研究员|工程师|设计师|教师|队员|院士|医生|护士|专家|司机|老师|先生|女士|学者|学家|"
    "主管|冠军|亚军|季军|得主|对手|员|者|人|师|家|手|民|友|兵|生|工|匠|教练|演员|作家|画家|导演|总理|总统|首相|大臣|大使|代表|委员|领导|负责人|创始人|老人|村民|农民|工人|户主"
)
_BEFORE = (
    r"(?P<before>[\u4e00-\u9fffA-Za-z0-9·“”]{{0,24}}(?:{offices}))[“]?(?:[\u4e00-\u9fff]{{1,8}}·)*{name}"
    r"(?![\u4e00-\u9fff]?(?:市|县|区|镇|乡|村|路))"
)
_BEHIND = (
    r"{name}(?:是|，(?:是|系|现任|曾任|时任)?|、|（|，?\d+岁，)(?P<behind>[^，。；（）]{{0,20}}(?:{offices}))(?=[，。；、）]|$)"
    r"|{name}(?P<duty>(?:负责|主管|分管|担任|出任|就任|兼任|来自)[^，。；]{{2,20}})"
)
_LONG_OFFICE = re.compile(
    rf"(?:{'|'.join(word for word in _OFFICES.split('|') if len(word) > 1)}|厂长|队长|站长|局长)$"
)
_THING = re.compile(rf"(?:{_OFFICES})$|[厂站部局县省市村镇院校馆桥船队组第首最副总]|负责|提出|设计|发明|建设|牵头|主持")
"""No name of a person, unless its form is one: a surname and what may follow it."""
_LEAD_IN = re.compile(
    r"^.*(?:据|对|向|由|和|与|跟|被|让|请|找到|遇到|见到|告诉|以及|来自|是|为|叫)(?=[\u4e00-\u9fff]{2})"
)


def asked_person(question: str) -> str:
    """The name of the person whom a question asks to be introduced; empty for any other question."""
    found = _ASKS.fullmatch(fold(question).strip())
    if found is None or _NO_NAME.search(found["name"]):
        return ""
    name = found["name"]
    is_thing = _LONG_OFFICE.search(name) or (_THING.search(name) and not is_name(name))
    return "" if is_thing else name


def is_full_name(name: str) -> bool:
    """Whether a name is a Chinese person's beyond doubt: a surname and one or two characters; others may be things."""
    return is_name(name) and len(name) <= _MAX_FULL_NAME


def introduces(text: str, name: str) -> bool:
    """Whether a sentence says who somebody is."""
    return bool(name) and bool(role_of(text, name))


def role_of(text: str, name: str) -> str:
    """The words of a sentence that say what somebody is or does; empty where it does not."""
    quoted = re.escape(name)
    if found := re.search(_BEFORE.format(offices=_OFFICES, name=quoted), text):
        return _LEAD_IN.sub("", found["before"])
    if found := re.search(_BEHIND.format(offices=_OFFICES, name=quoted), text):
        return str(found["behind"] or found["duty"])
    return ""
