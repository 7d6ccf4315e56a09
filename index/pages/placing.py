"""Pieces of a page that stand apart from their article: which article each one is the rest of.

A page that breaks off in mid-sentence goes on somewhere: behind another article, before its own headline, on another
page (上接第1版). A pair of a piece and an article is weighed by what they share, by where they stand, and by whether
the one goes on with the other's last sentence; a piece that fits none stays alone.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush

from .cohesion import Cohesion
from .drafts import Draft
from .features import Statistics
from .marks import ends_sentence

_BINS = (0.001, 0.006, 0.012, 0.02, 0.03, 0.045, 0.07, 0.11, 0.16)
_MARGINS = (-0.06, -0.03, -0.015, -0.005, 0.005, 0.015, 0.03, 0.06)
_MAX_COMPARED = 10
_MAX_DISTANCE = 12
"""Articles farther apart on a page are not weighed: its reading stays linear."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A piece and the article that it may belong to, by their numbers on the page."""

    piece: int
    host: int
    leads: bool
    """The piece is what the article begins with, not what it ends with."""
    features: tuple[str, ...]

    @property
    def key(self) -> tuple[int, int, bool]:
        return self.piece, self.host, self.leads


def place_drafts(
    drafts: Sequence[Draft],
    cohesion: Cohesion,
    statistics: Statistics,
    weights: dict[str, float],
    *,
    only_noted: bool = False,
) -> list[Draft]:
    """The drafts with the pieces that belong together put together, best pair first.

    With `only_noted` only where one says that it goes on, and the other that it comes from another page.
    """

    def score(pair: Pair) -> float:
        return sum(weights.get(name, 0.0) for name in pair.features)

    def noted(pair: Pair) -> bool:
        return drafts[pair.host].has("forward") and drafts[pair.piece].has("back")

    scores: dict[tuple[int, int, bool], float] = {}
    keys_of: dict[int, set[tuple[int, int, bool]]] = {}
    waiting: list[tuple[float, tuple[int, int, bool]]] = []  # a heap, best first; old scores stay in it

    def weigh(pairs: Iterable[Pair]) -> None:
        for pair in pairs:
            value = score(pair)
            if value > 0 and not {pair.piece, pair.host} & placed and (not only_noted or noted(pair)):
                scores[pair.key] = value
                heappush(waiting, (-value, pair.key))
                for number in (pair.piece, pair.host):
                    keys_of.setdefault(number, set()).add(pair.key)

    placed: set[int] = set()
    weigh(find_pairs(drafts, cohesion, statistics))
    while waiting:
        value, key = heappop(waiting)
        if scores.get(key) != -value:
            continue
        piece, host, leads = key
        _put_together(drafts[host], drafts[piece], leads=leads)
        placed.add(piece)
        touched = keys_of.pop(piece, set()) | keys_of.pop(host, set())
        for old in touched:
            scores.pop(old, None)
        again = {p for p, h, _ in touched if h == host and p != piece}
        weigh(find_pairs(drafts, cohesion, statistics, again, host))  # its last paragraph is another one now
    return [draft for number, draft in enumerate(drafts) if number not in placed]


def find_pairs(
    drafts: Sequence[Draft],
    cohesion: Cohesion,
    statistics: Statistics,
    pieces: Collection[int] | None = None,
    only_host: int | None = None,
) -> list[Pair]:
    """The pairs of a piece without a headline (or one that says 上接) and an article near it, with their features."""
    pairs: list[Pair] = []
    opened = [draft.breaks_off() for draft in drafts]
    n_open = sum(opened)
    for number in range(len(drafts)) if pieces is None else sorted(pieces):
        piece = drafts[number]
        if not _is_piece(piece):
            continue
        near = range(max(0, number - _MAX_DISTANCE), min(len(drafts), number + _MAX_DISTANCE + 1))
        texts = _sample(piece)
        fits = {i: cohesion.between(texts, _sample(drafts[i])) for i in near if i != number}
        seams = {i: _seam(drafts[i], piece, statistics) for i in fits}
        for host, fit in fits.items():
            if only_host not in (None, host) or drafts[host].has("back"):
                continue
            margin = fit - max((f for i, f in fits.items() if i != host), default=0.0)
            place = _describe_place(number, host, opened, n_open)
            rival = max((seam for i, seam in seams.items() if i != host), default=-1)
            place.append(f"rival={max(-4, min(4, seams[host] - rival))},{seams[host] // 3}")
            names = _describe(piece, drafts[host], statistics, fit, margin)
            pairs.append(Pair(number, host, False, (*names, *place)))
            if drafts[host].paragraphs() and not drafts[host].signed():
                turned = _describe(drafts[host], piece, statistics, fit, margin)
                pairs.append(Pair(number, host, True, tuple(f"leads:{name}" for name in (*turned, *place))))
    return pairs


def _seam(host: Draft, piece: Draft, statistics: Statistics) -> int:
    """How well a piece goes on with the sentence with which an article breaks off; -1 where it breaks off none."""
    paragraphs = host.paragraphs()
    if not paragraphs or ends_sentence(paragraphs[-1].text):
        return -1
    return statistics.seam(paragraphs[-1].text, piece.paragraphs()[0].text)


def _sample(draft: Draft) -> list[str]:
    """What a draft is compared by: its headline and paragraphs, of a long one those near its ends."""
    texts = draft.texts()
    return texts if len(texts) <= 2 * _MAX_COMPARED else texts[:_MAX_COMPARED] + texts[-_MAX_COMPARED:]


def _is_piece(draft: Draft) -> bool:
    return bool(draft.paragraphs()) and (not draft.titles or draft.has("back"))


def _describe(piece: Draft, host: Draft, statistics: Statistics, fit: float, margin: float) -> list[str]:
    first = piece.paragraphs()[0].text
    last = host.paragraphs()[-1].text if host.paragraphs() else ""
    opened = bool(last) and not ends_sentence(last)
    middle = statistics.start(first) < -0.5
    joined = opened and statistics.joined(last, first)
    seam, amid = _seam(host, piece, statistics), statistics.amid(first)
    form = f"{opened},{middle},{joined}"
    fit_bin, margin_bin = bisect_right(_BINS, fit), bisect_right(_MARGINS, margin)
    start = round(max(-4.0, min(3.0, statistics.start(first))))
    return [
        "bias", f"form={form}", f"fit={fit_bin}", f"margin={margin_bin}", f"fit={fit_bin},{opened}",
        f"margin={margin_bin},{opened}", f"notes={host.has('forward')},{piece.has('back')}",
        f"signed={piece.signed()},{host.signed()},{bool(piece.end)}", f"ends={bool(host.end)},{bool(piece.end)}",
        f"titled={bool(host.titles)},{bool(piece.titles)}", f"text={bool(last)}", f"start={start}",
        f"same title={bool(piece.titles) and _title(piece) == _title(host)}",
        f"indented={piece.paragraphs()[0].indented},{middle}", f"seam={seam}", f"amid={amid},{opened}",
        f"seam={seam // 2},fit={fit_bin // 2}", f"seam={seam // 2},margin={margin_bin // 2}",
        f"seam={seam // 2},amid={amid // 2}",
    ]  # fmt: skip


def _describe_place(piece: int, host: int, opened: Sequence[bool], n_open: int) -> list[str]:
    distance = host - piece
    place = "before" if distance == 1 else "after" if distance == -1 else "far"
    n_open -= opened[piece]
    only = opened[host] and n_open == 1
    return [
        f"place={place},{piece == 0}",
        f"place={place},{opened[host]}",
        f"only={only}",
        f"open={min(n_open, 3)}",
    ]


def _title(draft: Draft) -> str:
    return "".join("".join(line.text.split()) for line in draft.titles)


def _put_together(host: Draft, piece: Draft, *, leads: bool) -> None:
    """Adds a piece to its article: behind it, with its own headline and marks as they stand, or in front of it."""
    if leads:
        host.top = piece.top + host.top
        host.body = piece.titles + piece.body + host.body
        host.end = piece.end + host.end
    else:
        again = bool(piece.titles) and _title(piece) == _title(host)
        titles = [replace(line, kind="repeat") for line in piece.titles] if again else piece.titles
        host.body += [*titles, *piece.top, *piece.body]
        host.end += piece.end
