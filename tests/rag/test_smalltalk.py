"""Small talk is answered without the documents; a question is never taken for it."""

from pathlib import Path

import pytest

from eval.datasets import read_set
from rag.conversation.smalltalk import (
    ABOUT,
    FAREWELL,
    GO_ON,
    GREETING,
    MAX_SMALL_TALK_CHARS,
    OTHER_WORK,
    SORRY,
    THANKS,
    is_foreign,
    small_talk,
    without_courtesy,
)

SETS = Path(__file__).parents[2] / "eval" / "sets"


@pytest.mark.parametrize(
    ("reply", "texts"),
    [
        (GREETING, ["你好", "您好！", "Hello", "hi", "早上好", "在吗？", "ＨＩ"]),
        (THANKS, ["谢谢", "谢谢你！", "好的，谢谢", "多谢您", "感谢你的帮助", "Thank you", "谢谢，没别的事了"]),
        (GO_ON, ["明白了", "不用了", "哈哈", "算了", "你真厉害！", "答得好", "随便聊聊"]),
        (FAREWELL, ["再见", "拜拜！", "bye"]),
        (
            ABOUT,
            [
                "你是谁？",
                "你叫什么名字",
                "你能做什么？",
                "你会些什么",
                "您能回答哪些问题？",
                "你是ChatGPT吗",
                "你是机器人吗？",
                "你是谁开发的",
                "怎么用？",
                "自我介绍一下",
                "Who are you?",
                "help",
                "你喜欢什么颜色",
                "你多少岁",
                "谁开发了你",
                "你觉得呢？",
                "嗨，你能做什么呢？",
                "这些文章是哪来的",
            ],
        ),
        (
            SORRY,
            [
                "你真笨",
                "笨蛋",
                "你是个废物",
                "垃圾！",
                "滚",
                "去死",
                "你真是垃圾",
                "傻逼",
                "你错了",
                "答案不对",
                "没听懂",
            ],
        ),
        (
            OTHER_WORK,
            [
                "写一首诗",
                "请帮我写一首关于长江的诗",
                "给我讲个笑话",
                "帮我写一段代码",
                "用Python写一个快速排序",
                "把这句话翻译成英文",
                "1+1等于几？",
                "3.5*2=",
                "12×3",
                "三加五等于多少",
                "现在几点了？",
                "今天天气怎么样",
            ],
        ),
    ],
)
def test_small_talk_has_its_reply(reply: str, texts: list[str]) -> None:
    assert {text: small_talk(text) for text in texts} == dict.fromkeys(texts, reply)


@pytest.mark.parametrize(
    "question",
    [
        "谢谢公司的董事长是谁",
        "你好集团什么时候成立？",
        "你知道采油十二厂厂长是谁吗？",
        "你能告诉我大桥有多长吗？",
        "你觉得厂长是谁？",
        "迷你马拉松有多长？",
        "翻译界的择书标准是什么？",
        "《你好》是谁导演的？",
        "“你追我赶”是什么活动？",
        "今天转移了多少人？",
        "什么意思的标语",
        "再见导弹",
        "谁写了一首诗？",
        "垃圾怎么分类？",
        "垃圾处理厂在哪儿？",
        "写诗的人叫什么",
        "2021-12-23",
        "12月23日的报道",
        "5G+工业互联网用到哪些行业？",
        "GRS1915+105",
        "行长是谁？",
        "好的政策有哪些？",
        "谁来翻译？",
        "早稻面积多少",
        "滚装船有几艘？",
        "1978年",
        "7.54亿户",
        "报名怎么用APP？",
        "",
        "？？？",
    ],
)
def test_a_question_is_no_small_talk(question: str) -> None:
    assert small_talk(question) == ""


@pytest.mark.parametrize("path", sorted(SETS.glob("*.jsonl")), ids=lambda path: path.stem)
def test_no_question_that_the_documents_answer_is_small_talk_or_foreign(path: Path) -> None:
    questions = [question.question for question in read_set(path) if question.answerable]
    assert [question for question in questions if small_talk(question) or is_foreign(question)] == []


def test_a_long_text_is_no_small_talk() -> None:
    assert small_talk("哈哈" * MAX_SMALL_TALK_CHARS) == ""
    assert small_talk("好" * 20_000) == ""


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("你好，采油十二厂厂长是谁？", "采油十二厂厂长是谁？"),
        ("好的，谢谢！副厂长呢？", "副厂长呢？"),
        ("谢谢公司的董事长是谁", "谢谢公司的董事长是谁"),
        ("谢谢，", "谢谢，"),
        ("行长是谁", "行长是谁"),
        ("", ""),
    ],
)
def test_a_courtesy_is_taken_off_a_question(said: str, asked: str) -> None:
    assert without_courtesy(said) == asked


@pytest.mark.parametrize(
    ("question", "foreign"),
    [
        ("Who is the director of plant twelve?", True),
        ("長慶油田の生産量はいくらですか", True),
        ("공장장은 누구 입니까", True),
        ("CCUS", False),
        ("优の良品的店有几家？", False),
        ("CCUS project", False),
        ("5G", False),
        ("“CCUS示范工程”是什么？", False),
        ("GRS1915+105", False),
        ("", False),
    ],
)
def test_other_languages_are_told_by_their_letters(question: str, foreign: bool) -> None:
    assert is_foreign(question) is foreign


@pytest.mark.parametrize("word", ["明白了。", "好的，", "谢谢你！"])
def test_courtesies_without_end_take_no_time(word: str) -> None:
    assert without_courtesy(word * 200) == word * 200
    assert without_courtesy(word * 200 + "油田在哪里？") == "油田在哪里？"
