"""The end of a build: what all builders did is added up, verified, described in a manifest, and made live."""

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from ..errors import IndexDamagedError, IndexRefusedError
from ..searchable import Accept
from ..terms import split_terms, term_key
from .manifest import Claim, Live, manifest_key, publish, remove_values, write_value
from .opened import opened_with
from .sets import seen
from .terms_table import Change, apply_changes, take_back
from .work import ShardWork, Target, add_up, places_after

_PROBE_CHARS = 60


def holds_all(target: Target, works: Sequence[ShardWork]) -> bool:
    """Whether the live generation holds all this already; then what a dead build left is taken back."""
    if target.before is None or not target.is_same_set:
        return False
    if any(work.added or work.changed or work.removed for work in works):
        return False
    if [failure for work in works for failure in work.failed] != target.before.manifest["failed"]:
        return False
    take_back(target.server, target.own, target.generation)
    return True


def publish_generation(target: Target, works: Sequence[ShardWork], claim: Claim, accept: Accept | None) -> None:
    """Adds up what the builders did, verifies that it is there, and makes it the live generation."""
    server = target.server
    whole, change = add_up(list(works))
    before: dict[str, Any] = target.before.manifest if target.before and target.is_same_set else {}
    take_back(server, target.own, target.generation)
    histogram = Counter({int(n): n_terms for n, n_terms in before.get("frequencies", {}).items()})
    after = apply_changes(server, target.own, change, target.generation, histogram)
    _verify(target, whole)
    manifest = _manifest(target, whole, before, change, after)
    write_value(server, manifest_key(target.generation), manifest)
    live = Live(target.generation, target.own.name)
    if accept and (reasons := tuple(accept(opened_with(server, live, manifest)))):
        text = "The new index was built and not accepted; the one before stays live:"
        raise IndexRefusedError("\n  ".join([text, *reasons]), reasons)
    claim.check()  # nobody has taken over meanwhile
    publish(server, live)
    for generation in range(max(0, target.generation - 3), target.generation - 1):
        remove_values(server, manifest_key(generation))


def _verify(target: Target, whole: ShardWork) -> None:
    """Raises IndexDamagedError unless the server holds as many rows and documents as were built."""
    visible = seen(target.generation)
    counts = (
        ("rows", whole.n_chunks, target.server.count(target.own.rows, visible)),
        ("documents", whole.n_documents, target.server.count(target.own.documents, f"piece == 0 and {visible}")),
    )
    for what, expected, found in counts:
        if expected != found:
            raise IndexDamagedError(
                f"{target.server.address} holds {found} {what} of the new generation, {expected} were built. The live "
                f"one is as it was. Build again; if it happens again: --full"
            )


def _manifest(
    target: Target, whole: ShardWork, before: dict[str, Any], change: Change, frequencies: Counter[int]
) -> dict[str, Any]:
    return {
        "created": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "documents": whole.documents,
        "settings": whole.settings,
        "rules": whole.rules,
        "embedder": whole.embedder,
        "n_documents": whole.n_documents,
        "n_articles": whole.n_articles,
        "n_chunks": whole.n_chunks,
        "n_terms": before.get("n_terms", 0) + change.n_terms,
        "reference": min(filter(None, (before.get("reference", 0.0), whole.reference)), default=1.0),
        "frequencies": dict(frequencies),
        "places": places_after(whole, before.get("places", [])),
        "vectors": before.get("vectors") or {"search": target.server.address.index_type},
        "failed": whole.failed,
        "notes": whole.notes,
        "jumps": _jumps_after(whole, before.get("jumps", [])),
        "probe": _probe(target),
    }


def _jumps_after(whole: ShardWork, before: list[list[Any]]) -> list[list[Any]]:
    """The continuation notes of all articles of a generation; the first field is the document."""
    gone = {*whole.removed, *whole.changed, *whole.added}
    return sorted([*(jump for jump in before if jump[0] not in gone), *whole.jumps])


def _probe(target: Target) -> dict[str, Any] | None:
    """A text of the index with its terms: whoever opens it sees whether they are still made so."""
    found = target.server.query(target.own.rows, seen(target.generation), ["text"], limit=8)
    for record in found:
        text = record["text"][:_PROBE_CHARS]
        if keys := [term_key(term) for term in split_terms(text)]:
            return {"text": text, "keys": keys}
    return None
