"""The rest of an article that stands at the end of another one, where nothing on the page marks it: cut out and moved.

Only for an article that breaks off in mid-sentence, and only at paragraphs that look like the middle of one: so few
places are tried, and a page of whole articles is not touched.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from .cohesion import Cohesion
from .drafts import Draft
from .features import Statistics
from .marks import ends_sentence

_BINS = (0.001, 0.006, 0.012, 0.02, 0.03, 0.045, 0.07, 0.11, 0.16)
_MARGINS = (-0.1, -0.06, -0.03, -0.015, -0.005, 0.005, 0.015, 0.03, 0.06, 0.1)
_MAX_START = 0.5
"""Log odds from which a paragraph starts as paragraphs do, and is no rest of a sentence."""
_MAX_COMPARED = 20
_MAX_DISTANCE, _MAX_PARAGRAPHS = 5, 8
"""How far from the article its rest is looked for, and in how many of the last paragraphs of another one."""


@dataclass(frozen=True, slots=True)
class Cut:
    """`drafts[donor].body[at:]` as the rest of `drafts[host]`."""

    host: int
    donor: int
    at: int
    features: tuple[str, ...]


def move_tails(drafts: list[Draft], cohesion: Cohesion, statistics: Statistics, weights: dict[str, float]) -> None:
    """Moves paragraphs to the articles that break off and go on with them; drafts that are left empty stay."""
    for host, draft in enumerate(drafts):
        if not draft.breaks_off():
            continue
        cuts = list(find_cuts(drafts, host, cohesion, statistics))
        scores = [sum(weights.get(name, 0.0) for name in cut.features) for cut in cuts]
        if cuts and max(scores) > 0:
            best = cuts[max(range(len(cuts)), key=scores.__getitem__)]
            donor = drafts[best.donor]
            draft.body += donor.body[best.at :]
            del donor.body[best.at :]
            if donor.signed() and not draft.signed():
                draft.end += donor.end
                donor.end = []


def find_cuts(drafts: Sequence[Draft], host: int, cohesion: Cohesion, statistics: Statistics) -> Iterator[Cut]:
    """The places at which the rest of an article may begin, with what speaks for and against each."""
    own = drafts[host].texts()[-_MAX_COMPARED:]
    last = drafts[host].paragraphs()[-1].text if drafts[host].paragraphs() else ""
    for donor in range(max(0, host - _MAX_DISTANCE), min(len(drafts), host + _MAX_DISTANCE + 1)):
        body = drafts[donor].body
        places = [i for i, line in enumerate(body) if line.kind == "body"]
        for previous, at in list(pairwise(places))[-_MAX_PARAGRAPHS:]:
            first, before = body[at].text, body[previous].text
            start = statistics.start(first)
            middle, joined = start < -0.5, statistics.joined(last, first)
            if donor == host or not ends_sentence(before) or (start > _MAX_START and not joined):
                continue
            tail = [line.text for line in body[at:] if line.kind == "body"]
            kept = [
                line.text
                for line in drafts[donor].titles + body[max(0, at - _MAX_COMPARED) : at]
                if line.kind in ("body", "short")
            ]
            fit, stays = cohesion.between(tail, own), cohesion.between(tail, kept)
            names = _describe(drafts, host, donor, (fit, stays), (middle, joined), len(tail))
            seam, amid = statistics.seam(last, first), statistics.amid(first)
            margin = bisect_right(_MARGINS, fit - stays)
            names += [
                f"seam={seam}",
                f"amid={amid}",
                f"seam={seam // 2},margin={margin}",
                f"seam={seam // 2},{amid // 2}",
            ]
            yield Cut(host, donor, at, tuple(names))


def _describe(
    drafts: Sequence[Draft],
    host: int,
    donor: int,
    fits: tuple[float, float],
    form: tuple[bool, bool],
    n_paragraphs: int,
) -> list[str]:
    fit, stays = fits
    signed = drafts[donor].signed(), bool(drafts[donor].end), drafts[host].signed()
    margin = bisect_right(_MARGINS, fit - stays)
    return [
        "bias", f"fit={bisect_right(_BINS, fit)}", f"margin={margin}", f"margin={margin},{form}", f"form={form}",
        f"next={donor + 1 == host}", f"signed={signed}", f"paragraphs={min(n_paragraphs, 4)}",
    ]  # fmt: skip
