"""Fits the weights of index/pages/placing.py: which piece of a page is the rest of which article."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from sklearn.linear_model import LogisticRegression

from index.pages.drafts import Draft
from index.pages.joins import describe_join, find_breaks, is_apart
from index.pages.lines import Line
from index.pages.marks import ends_sentence
from index.pages.page import find_drafts
from index.pages.placing import Pair, find_pairs, place_drafts
from index.pages.tagger import Weights
from index.pages.tails import find_cuts, move_tails

from .label import pieces_of
from .types import GoldPage

_MIN_COUNT = 8


def fit_placing(pages: Iterable[GoldPage], weights: Weights) -> dict[str, float]:
    """Logistic regression over all pairs of these pages, as the fitted chain model finds their pieces."""
    pairs: list[Pair] = []
    labels: list[bool] = []
    for page in pages:
        drafts, cohesion = find_drafts(page.text, weights)
        stories = [story_of(page, draft) for draft in drafts]
        for pair in find_pairs(drafts, cohesion, weights.statistics):
            pairs.append(pair)
            piece, host = stories[pair.piece], stories[pair.host]
            in_order = (host[1] <= piece[1]) != pair.leads
            labels.append(piece[0] == host[0] >= 0 and in_order)
    return _fit("placing", [pair.features for pair in pairs], labels)


def fit_tails(pages: Iterable[GoldPage], weights: Weights) -> dict[str, float]:
    """Logistic regression over all places at which the rest of an article may begin, after placing."""
    rows: list[tuple[str, ...]] = []
    labels: list[bool] = []
    for page in pages:
        drafts, cohesion = find_drafts(page.text, weights)
        drafts = place_drafts(drafts, cohesion, weights.statistics, weights.placing)
        for host, draft in enumerate(drafts):
            story = story_of(page, draft)
            for cut in find_cuts(drafts, host, cohesion, weights.statistics) if draft.breaks_off() else ():
                body = drafts[cut.donor].body
                tail = story_of(page, Draft(body=body[cut.at :]))
                first = story_of(page, Draft(body=body[cut.at : cut.at + 1]))
                before = story_of(page, Draft(body=[line for line in body[: cut.at] if line.kind == "body"][-1:]))
                rows.append(cut.features)
                labels.append(tail[0] == first[0] == story[0] != before[0] and first[1])
    return _fit("tails", rows, labels)


def fit_joins(pages: Iterable[GoldPage], weights: Weights) -> dict[str, float]:
    """Logistic regression over all paragraphs that follow one that breaks off, in the articles as they are found."""
    rows: list[tuple[str, ...]] = []
    labels: list[bool] = []
    for page in pages:
        drafts, cohesion = find_drafts(page.text, weights)
        drafts = place_drafts(drafts, cohesion, weights.statistics, weights.placing)
        move_tails(drafts, cohesion, weights.statistics, weights.tails)
        breaks = find_breaks(drafts, weights.statistics)
        for draft in drafts:
            piece_of = dict(zip(map(id, draft.body), pieces_of(page, draft.body), strict=True))
            before: Line | None = None
            for last, line in pairwise(draft.body):
                before = last if last.kind == "body" else None if last.kind == "short" else before
                if line.kind == "body" and before and not ends_sentence(before.text):
                    apart = is_apart(last, line)
                    rows.append(tuple(describe_join(before, line, apart, breaks, weights.statistics)))
                    first, second = piece_of[id(before)], piece_of[id(line)]
                    labels.append(second is first or second.joins is first)  # one piece: a paragraph broken at a width
    return _fit("joins", rows, labels)


def story_of(page: GoldPage, draft: Draft) -> tuple[int, bool]:
    """The story that most of a draft's characters belong to (-1 for none), and whether to its moved part."""
    counts: Counter[tuple[int, bool]] = Counter()
    for piece in page.pieces:
        for line in draft.lines():
            counts[piece.story, piece.moved] += max(0, min(piece.end, line.end) - max(piece.start, line.start))
    return counts.most_common(1)[0][0] if counts else (-1, False)


def _fit(what: str, rows: Sequence[Sequence[str]], labels: Sequence[bool]) -> dict[str, float]:
    counts = Counter(name for row in rows for name in row)
    names = sorted(name for name, n in counts.items() if n >= _MIN_COUNT and name != "bias")
    number = {name: i for i, name in enumerate(names)}
    table = np.zeros((len(rows), len(names)))
    for cells, row in zip(table, rows, strict=True):
        cells[[number[name] for name in row if name in number]] = 1
    model = LogisticRegression(C=0.3, max_iter=1000).fit(table, labels)
    right = ((table @ model.coef_[0] + model.intercept_[0]) > 0) == np.array(labels)
    print(f"{what}: {len(rows)} pairs, {np.mean(labels):.3f} belong together, fit {right.mean():.4f}", flush=True)
    return {"bias": float(model.intercept_[0]), **{name: float(model.coef_[0][i]) for name, i in number.items()}}
