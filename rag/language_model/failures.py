"""Why a language model gave no answer that can be used, in the languages of the interface."""

from typing import Literal

from ..errors import GeneratorError

Kind = Literal[
    "no client", "late", "refused", "silent", "not understood", "filtered", "no stream", "cut off", "empty",
    "unreachable in time", "unreachable", "key", "unknown model", "limited", "server", "failed",
    "busy", "crashed", "too long", "late here", "unsupported",
]  # fmt: skip

_WORDS: dict[Kind, tuple[str, str]] = {
    # behind a server: {where} is its address, {model} the model's name, {said} what the server says of it
    "no client": (
        "没有安装 openai 客户端：pip install openai",
        "The openai client is not installed: pip install openai",
    ),
    "late": (
        "{where} 的语言模型 {model} 在 {seconds:g} 秒内没有写完。",
        "The language model {model} at {where} had not finished after {seconds:g} s.",
    ),
    "refused": (
        "{where} 的语言模型 {model} 不接受这个请求。",
        "The language model {model} at {where} does not accept this request.",
    ),
    "silent": (
        "{where} 的语言模型 {model} {seconds:g} 秒没有回音。",
        "The language model {model} at {where} said nothing for {seconds:g} s.",
    ),
    "not understood": (
        "{where} 的语言模型 {model} 的回答看不懂：不是 OpenAI 格式的流。",
        "The answer of the language model {model} at {where} is no stream of OpenAI's format.",
    ),
    "filtered": (
        "{where} 的语言模型 {model} 的内容过滤拦下了这个回答。",
        "The content filter of the language model {model} at {where} held this answer back.",
    ),
    "no stream": (
        "{where} 的语言模型 {model} 没有回答：地址是否指向 OpenAI 兼容的接口（通常以 /v1 结尾）？",
        "The language model {model} at {where} did not answer: is the address that of an OpenAI-compatible interface "
        "(it usually ends in /v1)?",
    ),
    "cut off": (
        "{where} 的语言模型 {model} 写到一半断开了。",
        "The language model {model} at {where} broke off in the middle.",
    ),
    "empty": (
        "{where} 的语言模型 {model} 的回答是空的。",
        "The answer of the language model {model} at {where} is empty.",
    ),
    "unreachable in time": (
        "{where} 在 {seconds:g} 秒内连不上：服务器在运行吗？",
        "{where} could not be reached within {seconds:g} s: is the server running?",
    ),
    "unreachable": (
        "{where} 连不上：服务器在运行吗？地址（{variable}）对吗？",
        "{where} cannot be reached: is the server running, and the address ({variable}) right?",
    ),
    "key": (
        "{where} 不接受密钥（{status}）：请检查 {variable}。",
        "{where} does not accept the key ({status}): check {variable}.",
    ),
    "unknown model": (
        "{where} 没有模型 {model}，或者地址不对（404）：请检查 {variables[0]} 和 {variables[1]}{said}。",
        "{where} has no model {model}, or the address is wrong (404): check {variables[0]} and {variables[1]}{said}.",
    ),
    "limited": (
        "{where} 限制了请求次数或额度用完（429）：请稍后再试{said}。",
        "{where} limits how often it is asked, or the quota is used up (429): try again later{said}.",
    ),
    "server": ("{where} 出错（{status}）{said}。", "{where} failed ({status}){said}."),
    "failed": (
        "{where} 的语言模型 {model} 出错{said}。",
        "The language model {model} at {where} failed{said}.",
    ),
    # in this program
    "busy": (
        "语言模型 {model} 一直在回答别的问题。",
        "The language model {model} was answering other questions all the time.",
    ),
    "crashed": ("语言模型 {model} 出错（{error}）。", "The language model {model} failed ({error})."),
    "too long": (
        "语言模型 {model} 最多读 {limit} 个记号，这里有 {n_tokens} 个。",
        "The language model {model} reads {limit} tokens at most, and here are {n_tokens}.",
    ),
    "late here": (
        "语言模型在 {seconds:g} 秒内没有写完。",
        "The language model had not finished after {seconds:g} s.",
    ),
    # wherever it runs
    "unsupported": (
        "语言模型 {model} 的回答没有一句能在原文里找到出处。",
        "Not one sentence of what the language model {model} wrote could be found in the articles.",
    ),
}


def failure(kind: Kind, *, said: str = "", **fields: object) -> GeneratorError:
    """The error to raise; `said`: the server's own words, where it gave some."""
    chinese, english = _WORDS[kind]
    return GeneratorError(
        chinese.format(said=f"，它说：{said}" if said else "", **fields),
        english.format(said=f"; it says: {said}" if said else "", **fields),
    )
