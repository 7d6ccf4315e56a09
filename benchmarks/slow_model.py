"""A language model by script for `benchmarks.load`: slow as a real one, and it says the same for the same passages."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.rag.llm_server import Call, ScriptedServer, serving

FIRST_TOKEN_S = 1.0
PIECE_S = 0.025
"""Between two pieces of `PIECE_CHARS`: about forty tokens a second, as a small model on one GPU writes."""
PIECE_CHARS = 2
NAME = "slow-script"
_FIRST_PASSAGE = re.compile(r'<passage n="1"[^>]*>(.*?)</passage>', re.DOTALL)
_SENTENCE = re.compile(r".+?[。！？]|.+", re.DOTALL)


def quote_first_passage(call: Call) -> None:
    """Says the first two sentences of the best passage, each with its label."""
    found = _FIRST_PASSAGE.search(call.body["messages"][-1]["content"])
    sentences = _SENTENCE.findall(found[1])[:2] if found else ["文档没有说。"]
    said = "".join(f"{sentence}[1]" if found else sentence for sentence in sentences)
    call.begin()
    time.sleep(FIRST_TOKEN_S)
    for at in range(0, len(said), PIECE_CHARS):
        time.sleep(PIECE_S)
        call.say(said[at : at + PIECE_CHARS])
    call.say(finish="stop")


@contextmanager
def slow_model() -> Iterator[ScriptedServer]:
    """The running server; any number of answers at once."""
    with serving(quote_first_passage) as server:
        yield server
