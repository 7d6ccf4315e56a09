"""`python -m rag ask "问题" --index .index [--json]` and `search`."""

import argparse
import dataclasses
import json
import re
import sys
from pathlib import Path
from typing import Any, get_args

from index.exit_status import exit_status

from .engine import Engine
from .language_model.flags import add_model_flags, add_reranker_flag, named_model, named_reranker, named_settings
from .settings import RagSettings
from .types import Answer, Hit, Mode


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 answered or refused, 2 an error that its user can repair."""
    options = _parser().parse_args(arguments)
    return exit_status(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    if options.command == "ask":
        engine = Engine.open(options.index, named_settings(options), model=named_model(options))
        answer = engine.answer(options.question, filtered=not options.no_filters)
        if options.suggest:
            answer = dataclasses.replace(answer, suggestions=engine.suggest(answer))
        print(_to_json(answer) if options.json else format_answer(answer))
    else:
        engine = Engine.open(options.index, RagSettings(reranker=named_reranker(options)))
        hits = engine.retrieve(options.question, options.top_k, options.mode, filtered=not options.no_filters)
        print(_to_json(hits) if options.json else "\n".join(map(format_hit, hits)))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m rag", description="Ask an index of documents.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (("ask", "a cited answer, or a refusal"), ("search", "the best chunks, with both legs' ranks")):
        command = commands.add_parser(name, help=text)
        command.add_argument("question")
        command.add_argument("--index", type=Path, default=Path(".index"), help="folder of the index (default .index)")
        command.add_argument("--json", action="store_true", help="print JSON and nothing else")
        command.add_argument("--no-filters", action="store_true", help="no date or source in the question is a filter")
        if name == "ask":
            command.add_argument("--suggest", action="store_true", help="also what could be asked next (slower)")
            add_model_flags(command)
        else:
            add_reranker_flag(command)
            command.add_argument("--mode", choices=get_args(Mode), default="reranked")
            command.add_argument("--top-k", type=int, default=10)
    return parser


def format_answer(answer: Answer) -> str:
    """An answer for the terminal: the text, then where each label points."""
    lines = [answer.text]
    if answer.standalone_question != answer.question:
        lines.insert(0, f"（{answer.standalone_question}）")
    if answer.filters:
        lines.insert(0, f"（{'；'.join(answer.filters)}。问题里加“不限时间”就在全部文章里找）")
    for citation in answer.citations:
        place = f"{citation.doc_id}[{citation.start}:{citation.end}]"
        place += f"  第{citation.page}页" if citation.page is not None else ""
        about = "，".join(part for part in (citation.article_title, citation.date, citation.source) if part)
        lines.append(f"  [{citation.label}] {about}  {place}")
    lines += [f"  没有找到出处：{said}" for said in _unsupported(answer)]
    if answer.model:
        lines.append(f"  由 {answer.model} 写成，每一句都和所引的原文核对过")
    if answer.notice:
        lines.append(f"  {answer.notice}")
    lines += [f"  接着可以问：{question}" for question in answer.suggestions]
    lines += [f"  相关：{related.title}  {related.doc_id}" for related in answer.related]
    return "\n".join(lines)


def _unsupported(answer: Answer) -> list[str]:
    """The sentences of an answer that nothing carries, without labels."""
    return [re.sub(r"\[\d+\]", "", answer.text[c.start : c.end]).strip() for c in answer.claims if not c.supported]


def format_hit(hit: Hit) -> str:
    """A hit on one line."""
    legs = f"bm25 {hit.bm25_rank or '-'} dense {hit.dense_rank or '-'}"
    text = " ".join(hit.chunk.text.split())
    return f"{hit.rank:2} {hit.score:.3f} ({legs}) {hit.chunk.doc_id} [{hit.chunk.title}] {text[:60]}"


def _to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Answer):
        return {**dataclasses.asdict(value), "notice": value.notice}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    raise TypeError(type(value).__name__)


if __name__ == "__main__":
    sys.exit(main())
