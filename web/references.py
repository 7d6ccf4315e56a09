"""The names that links of the conversation carry: which citation of which answer they open.

A citation of answer 3 with label 2 is `#cite-3-2`; the second related article of answer 0 is `#related-0-1`; the
question of exchange 3, to be changed, is `#edit-3`. All parts are numbers, looked up on the server in the reader's own
conversation: a forged one opens nothing.
"""

import re
from dataclasses import dataclass
from typing import Literal

_EDIT = re.compile(r"#edit-(\d{1,6})", re.ASCII)
_PATTERN = re.compile(r"#(cite|related)-(\d{1,6})-(\d{1,6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Reference:
    kind: Literal["cite", "related"]
    exchange: int
    """`Exchange.number`."""
    item: int
    """A citation's label, or the 0-based place of a related article."""

    @property
    def href(self) -> str:
        return f"#{self.kind}-{self.exchange}-{self.item}"


def parse(href: str) -> Reference | None:
    """The reference that a link names, or None: it comes from the browser and can be anything."""
    found = _PATTERN.fullmatch(href)
    if found is None:
        return None
    kind: Literal["cite", "related"] = "cite" if found[1] == "cite" else "related"
    return Reference(kind, int(found[2]), int(found[3]))


def named_article(data: object) -> tuple[str, int] | None:
    """The document and the number of an article that a click names, or None: the browser can send anything."""
    if not isinstance(data, dict):
        return None
    doc_id, number = data.get("doc"), data.get("article")
    return (doc_id, number) if isinstance(doc_id, str) and isinstance(number, int) else None


def edit_href(number: int) -> str:
    """The link that changes the question of an exchange."""
    return f"#edit-{number}"


def parse_edit(href: str) -> int | None:
    """The exchange whose question is to be changed, or None: no exchange (any more)."""
    found = _EDIT.fullmatch(href)
    return int(found[1]) if found else None
