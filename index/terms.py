"""Text -> search terms: the one tokenizer, for building and for asking.

Chinese has no spaces, and word segmenters cut a name differently in a question and in a text. So a run of Han
characters gives its overlapping character bigrams (and the character itself where it stands alone); a run of letters
or digits gives one term. Measured against characters, jieba and mixes in eval/LOG.md.
"""

import hashlib
import re
import unicodedata
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from .traditional import SIMPLIFIED

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_RUN = re.compile(rf"[{HAN}]+|[0-9]+(?:[.,][0-9]+)*|[^\W\d_{HAN}]+|\d+")
_HAN_CHARACTER = re.compile(rf"[{HAN}]")
_HAN_PAIR = re.compile(rf"[{HAN}]{{2}}")


class _Folding(dict[int, str]):
    """Code point -> the character that it is searched as; filled as characters are met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        folded = unicodedata.normalize("NFKC", character).lower()
        folded = folded if len(folded) == 1 else character
        self[code] = SIMPLIFIED.get(ord(folded), folded)
        return self[code]


_FOLDING = _Folding()
_folded = np.zeros(0x110000, np.uint32)
"""Code point -> the code point that it is searched as; 0 where no text had it yet (and for U+0000, which is folded
anew each time)."""
_SHORT = 32
"""Characters up to which a dictionary is faster than arrays."""


def fold(text: str) -> str:
    """Full-width forms to half-width, capitals to small letters, traditional characters to simplified ones.

    One character for one: offsets still hold.

    >>> fold("ＩＢＭ５月到臺灣")
    'ibm5月到台湾'
    """
    if len(text) <= _SHORT:
        return text.translate(_FOLDING)
    return fold_points(text).tobytes().decode("utf-32-le", "surrogatepass")


def fold_points(text: str) -> NDArray[np.uint32]:
    """The code points of a folded text, shape (len(text),)."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    folded = _folded[points]
    if not folded.all():
        new = np.unique(points[folded == 0])
        _folded[new] = [ord(_FOLDING[point]) for point in new.tolist()]
        folded = _folded[points]
    return folded


def split_terms(text: str) -> list[str]:
    """The terms of a text in order, with repeats.

    >>> split_terms("长庆油田H9平台，139.6万个")
    ['长庆', '庆油', '油田', 'h', '9', '平台', '139.6', '万个']
    """
    terms: list[str] = []
    for run in _RUN.findall(fold(text)):
        if not _HAN_CHARACTER.match(run):
            terms.append(run.replace(",", ""))
        elif len(run) == 1:
            terms.append(run)
        else:
            terms.extend(run[i : i + 2] for i in range(len(run) - 1))
    return terms


def terms_in(text: str, terms: Collection[str]) -> set[str]:
    """Those of some terms that `split_terms` gives for a text; a pair of Han characters is seen without splitting it.

    >>> sorted(terms_in("长庆油田，1,396万个", ["油田", "庆", "1396", "396", "长油"]))
    ['1396', '油田']
    """
    folded = fold(text)
    found = {term for term in terms if term in folded}
    unsure = {term for term in terms if (term in found or term[0].isdecimal()) and not _HAN_PAIR.fullmatch(term)}
    return found - unsure | (unsure & set(split_terms(text)) if unsure else set())


def term_key(term: str) -> int:
    """A 63-bit key of a term, so that terms are stored as one sorted array of integers.

    Terms of one or two characters are their code points (exact); longer ones a BLAKE2b hash with the top bit set
    (a collision among a million terms has a chance below 1e-6).
    """
    if len(term) <= 2:
        return (ord(term[0]) << 21 | ord(term[1])) if len(term) == 2 else ord(term)
    digest = hashlib.blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 2 | 1 << 62
