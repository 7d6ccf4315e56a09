"""What the reader sees of a question and a passage: ids, overlap and character classes as arrays.

The one featuriser: training and reading both import it. Every array has one row per character of the passage
(its title first), of the question, or per sentence; nothing here knows a model. Normalisation (NFKC, lower case)
maps one code point to one code point, so that offsets stay those of the text as given.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from rag.reading.overlap import Bools, Floats, Ints, Overlap, common_runs, covered_by, density

CODE_LIMIT = 0x110000
N_SPECIAL = 2
"""Id 0 is padding, id 1 an unknown character or bigram."""
MAX_QUESTION_CHARS = 64
"""A longer question keeps its last characters: that is where Chinese asks."""
MAX_TITLE_CHARS = 40
MAX_SENTENCE_CHARS = 400
"""Characters of a sentence after these are not read."""
N_CHAR_FEATURES = 28
N_QUESTION_FEATURES = 11
N_SENTENCE_FEATURES = 16
N_PASSAGE_FEATURES = 8

_ASKING = re.compile(
    "什么时候|什么|甚么|多少|多长|多大|多高|多久|多远|哪些|哪里|哪儿|哪个|哪位|哪一|哪|谁|何时|何地|何处|为何|如何|何|几|"
    "怎么样|怎么|怎样|是否|吗|呢|请问"
)
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑谢罗梁宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石"
    "廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_CLASSES = (
    "0123456789",
    "零一二三四五六七八九十百千万亿两〇半",
    "年月日时分秒号周岁点",
    SURNAMES,
    "省市县区国州镇村岛山河湖海洋洲乡路街港",
    "会社院校部局司团队厂党委军所馆公",
    "个名人位元只次倍度米里吨件岁%",
)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Which characters and bigrams have ids, and how rare they are (0 everywhere, 1 never seen)."""

    code_ids: npt.NDArray[np.int32]
    """`(CODE_LIMIT,)`: code point -> character id."""
    char_idf: Floats
    bigrams: Ints
    """Sorted keys of `bigram_keys`; the id is the position plus `N_SPECIAL`."""
    bigram_idf: Floats


@dataclass(frozen=True, slots=True)
class Features:
    """One question against one passage. `n` characters of title and sentences, `m` of the question, `s` sentences."""

    chars: Ints  # (n,)
    bigrams: Ints  # (n,) of the character and the one after it
    char_features: Floats  # (n, N_CHAR_FEATURES)
    sentence_of: Ints  # (n,) 0 in the title, i + 1 in sentence i
    question_chars: Ints  # (m,)
    question_bigrams: Ints  # (m,)
    question_features: Floats  # (m, N_QUESTION_FEATURES)
    sentence_features: Floats  # (s, N_SENTENCE_FEATURES)
    passage_features: Floats  # (N_PASSAGE_FEATURES,)
    starts: Ints  # (s,) where each sentence starts among the n characters


@cache
def normalised_code_points() -> npt.NDArray[np.uint32]:
    """`(CODE_LIMIT,)`: each code point's NFKC lower-case form where that is a single code point, else itself."""
    table = np.arange(CODE_LIMIT, dtype=np.uint32)
    for code in range(0x30000):
        if 0x3400 <= code < 0xA000 or 0xAC00 <= code < 0xF900 or code >= 0x20000:
            continue  # ideographs, Hangul, surrogates and private use map to themselves
        form = unicodedata.normalize("NFKC", chr(code)).lower()
        if len(form) == 1:
            table[code] = ord(form)
    return table


def code_points(text: str) -> npt.NDArray[np.uint32]:
    """The code points of a text; lone surrogates are code points too."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def bigram_keys(ids: npt.NDArray[np.integer]) -> Ints:
    """`(n - 1,)`: one number for each pair of neighbouring ids."""
    wide = ids.astype(np.int64)
    return (wide[:-1] << 20) | wide[1:]


@cache
def _class_table() -> npt.NDArray[np.bool_]:
    """`(len(_CLASSES) + 3, CODE_LIMIT)`: the listed classes, Latin letters, ideographs, everything else."""
    table = np.zeros((len(_CLASSES) + 3, CODE_LIMIT), dtype=np.bool_)
    for row, members in enumerate(_CLASSES):
        table[row, [ord(member) for member in members]] = True
    latin, ideographs, other = len(_CLASSES), len(_CLASSES) + 1, len(_CLASSES) + 2
    table[latin, [*range(ord("a"), ord("z") + 1), *range(0xC0, 0x250)]] = True
    table[ideographs, 0x3400:0xA000] = True
    table[ideographs, 0x20000:0x30000] = True
    table[other] = ~(table[0] | table[latin] | table[ideographs])
    return table


@dataclass(frozen=True, slots=True)
class _Symbols:
    """A text as numbers."""

    codes: Ints  # normalised code points: what is compared
    ids: Ints
    bigrams: Ints  # the last one is 1: nothing follows
    char_idf: Floats
    bigram_idf: Floats


def _symbols(text: str, lexicon: Lexicon) -> _Symbols:
    codes = normalised_code_points()[code_points(text)].astype(np.int64)
    ids = lexicon.code_ids[codes].astype(np.int64)
    bigrams = np.ones(len(ids), dtype=np.int64)
    if len(ids) > 1 and len(lexicon.bigrams):
        keys = bigram_keys(ids)
        place = np.minimum(np.searchsorted(lexicon.bigrams, keys), len(lexicon.bigrams) - 1)
        bigrams[:-1] = np.where(lexicon.bigrams[place] == keys, place + N_SPECIAL, 1)
    return _Symbols(codes, ids, bigrams, lexicon.char_idf[ids], lexicon.bigram_idf[bigrams])


def cut_question(question: str) -> str:
    """The part of a question that is read."""
    return question[-MAX_QUESTION_CHARS:]


def asking_mask(question: str) -> Bools:
    """`(m,)`: true for the characters that ask (什么, 多少, 谁 ...)."""
    mask = np.zeros(len(question), dtype=np.bool_)
    for found in _ASKING.finditer(question):
        mask[found.start() : found.end()] = True
    return mask


def featurise(question: str, sentences: Sequence[str], title: str, lexicon: Lexicon) -> Features:
    """Computes the arrays of one question against one passage of at least one sentence."""
    question = cut_question(question) or "?"
    parts = [title[:MAX_TITLE_CHARS] + "\n", *(s[:MAX_SENTENCE_CHARS] + "\n" for s in sentences)]
    lengths = np.array([len(part) for part in parts])
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64)
    sentence_of = np.repeat(np.arange(len(parts)), lengths)
    passage, asked = _symbols("".join(parts), lexicon), _symbols(question, lexicon)
    classes, asked_classes = _class_table()[:, passage.codes], _class_table()[:, asked.codes]
    asking = asking_mask(question)
    content = ~asking & ~asked_classes[-1]
    equal = (passage.codes[:, None] == asked.codes[None, :]) & content[None, :]
    runs = common_runs(equal, 4)
    overlap = Overlap.of(runs, starts, asked.char_idf, asked.bigram_idf, content)
    covers = [covered_by(np.asarray(run.any(axis=1)), n + 1) for n, run in enumerate(runs)]
    weight = passage.char_idf * covers[0] + passage.bigram_idf * covers[1]
    own = overlap.bigram_share[sentence_of]
    before = overlap.bigram_share[np.maximum(sentence_of - 1, 0)]
    columns = [
        *covers,
        passage.char_idf,
        passage.char_idf * covers[0],
        passage.bigram_idf * covers[1],
        density(weight.astype(np.float32), 8),
        density(weight.astype(np.float32), 24),
        *classes,
        sentence_of == 0,
        own,
        own / max(float(overlap.bigram_share[1:].max()), 1e-6),
        before,
        np.minimum(sentence_of, 20) / 20,
        np.minimum(equal @ overlap.local_chars, 1.0),
        covers[1] & ~overlap.chars_in[0][np.argmax(equal, axis=1)],
        overlap.left_share[sentence_of],
        overlap.left_share[np.minimum(sentence_of + 1, len(parts) - 1)],
    ]
    return Features(
        chars=passage.ids,
        bigrams=passage.bigrams,
        char_features=np.stack(columns, axis=1).astype(np.float32),
        sentence_of=sentence_of,
        question_chars=asked.ids,
        question_bigrams=asked.bigrams,
        question_features=_question_features(asked, asking, runs, overlap),
        sentence_features=overlap.sentence_features(lengths[1:] - 1),
        passage_features=overlap.passage_features(),
        starts=starts[1:],
    )


def _question_features(asked: _Symbols, asking: Bools, runs: list[Bools], overlap: Overlap) -> Floats:
    """`(m, N_QUESTION_FEATURES)`: rarity, asking, and where in the passage the question's characters stand."""
    covers = [covered_by(np.asarray(run.any(axis=0)), n + 1) for n, run in enumerate(runs)]
    best = 1 + int(np.argmax(overlap.bigram_share[1:]))
    columns = [
        asked.char_idf,
        asked.bigram_idf,
        asking,
        *covers,
        overlap.chars_in[best],
        overlap.chars_in[0],
        overlap.local_chars,
        overlap.chars_in[1:].mean(axis=0),
    ]
    return np.stack(columns, axis=1).astype(np.float32)
