"""Trains the vocabulary: a Unigram model over words of Han characters, Latin letters and numbers.

Punctuation and white space are dropped before the model sees the text: in a bag of tokens they say nothing.
Full-width forms, compatibility characters and case are folded, `1,000` is `1000`, and a year that is written
digit by digit in characters (二〇二三年) is the year in digits, so that both ways of writing meet in one token.
"""

import math
from collections import Counter
from collections.abc import Sequence

from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import Unigram

UNKNOWN = "<unk>"
WORD = r"\d+(?:\.\d+)*%?|[\p{Latin}\p{M}]+|\p{Han}+|[\p{L}&&[^\p{Latin}\p{Han}]]+"
N_ROUNDS = 5
MAX_HAN_PIECE_CHARS = 4
MAX_OTHER_PIECE_CHARS = 12
MIN_COHESION = 2.0
MIN_FUNCTION_COHESION = 4.0
"""In nats: 2 is seven times as often as chance, 4 is fifty-five times."""
FUNCTION_CHARACTERS = "的了是在和与及将也都就着把被对从为于向并等"
"""An n-gram that begins or ends in one of these is usually a phrase of the training text, not a word."""

CHARACTER_DIGITS = ("〇零", "一", "二", "三", "四", "五", "六", "七", "八", "九")


def year_rules() -> list[normalizers.Normalizer]:
    """二〇二三年 -> 2023年, from the century to the last digit.

    Each pattern starts with a literal character and looks behind only after it: the search for a literal is
    ten times faster than one for an alternation, and these rules run over every text that is embedded.
    """
    any_digit = "[0-9" + "".join(CHARACTER_DIGITS) + "]"
    rules: list[normalizers.Normalizer] = [normalizers.Replace("○", "〇")]
    for century, digits in (("二〇", "20"), ("二零", "20"), ("一九", "19"), ("一八", "18")):
        rules.append(normalizers.Replace(Regex(f"{century}(?={any_digit}{{2}}年)"), digits))
    pairs = [(character, str(digit)) for digit, chars in enumerate(CHARACTER_DIGITS) for character in chars]
    for character, digit in pairs:
        third = f"{character}(?<=(?:18|19|20){character})(?={any_digit}年)"
        rules.append(normalizers.Replace(Regex(third), digit))
    for character, digit in pairs:
        last = f"{character}年(?<=(?:18|19|20)[0-9]{character}年)"
        rules.append(normalizers.Replace(Regex(last), f"{digit}年"))
    return rules


def untrained_tokenizer() -> Tokenizer:
    """The normalisation and the cutting into words, with an empty model."""
    tokenizer = Tokenizer(Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(r"(?<=[0-9]),(?=[0-9]{3})"), ""),
            normalizers.NFKC(),
            normalizers.Lowercase(),
            *year_rules(),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(WORD), behavior="removed", invert=True)
    return tokenizer


def train_tokenizer(texts: Sequence[str], vocabulary_size: int, min_count: int = 12) -> Tokenizer:
    """Trains the vocabulary on texts; deterministic for the same texts.

    The candidates are the cohesive character n-grams; five rounds of cutting the texts with the pieces that are
    left, counting, and keeping the most frequent follow (expectation maximisation on the best segmentation).
    The library's own trainer took longer than this, and spent its vocabulary on phrases and on prefixes of them.
    """
    tokenizer = untrained_tokenizer()
    counts = candidate_pieces(tokenizer, texts, min_count)
    first, last = max(len(counts), vocabulary_size), vocabulary_size - 1
    for round_number in range(1, N_ROUNDS + 1):
        size = round(first * (last / first) ** min(1.0, round_number / (N_ROUNDS - 1)))
        pieces = set_pieces(tokenizer, counts, size)
        cut_counts = count_pieces(tokenizer, texts)
        counts = Counter({piece: cut_counts[piece] for piece in pieces})
    set_pieces(tokenizer, counts, last)
    return tokenizer


def candidate_pieces(tokenizer: Tokenizer, texts: Sequence[str], min_count: int) -> Counter[str]:
    """All characters, the frequent numbers and Latin words, and the cohesive n-grams of Han characters."""
    runs, others = split_words(tokenizer, texts)
    grams = Counter(character for run in runs for character in run)
    total = grams.total()
    for size in range(2, MAX_HAN_PIECE_CHARS + 1):
        sized = Counter(run[at : at + size] for run in runs for at in range(len(run) - size + 1))
        grams.update({gram: count for gram, count in sized.items() if count >= min_count})
    pieces = Counter({gram: n for gram, n in grams.items() if len(gram) == 1 or is_word(gram, grams, total)})
    pieces.update({word: n for word, n in others.items() if n >= min_count and len(word) <= MAX_OTHER_PIECE_CHARS})
    for word in others:
        for character in word:
            pieces.setdefault(character, 1)
    return pieces


def split_words(tokenizer: Tokenizer, texts: Sequence[str]) -> tuple[list[str], Counter[str]]:
    """The runs of Han characters, and the other words with their counts."""
    runs: list[str] = []
    others: Counter[str] = Counter()
    for text in texts:
        normal = tokenizer.normalizer.normalize_str(text)
        for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(normal):
            if "\u4e00" <= word[0] <= "\u9fff":
                runs.append(word)
            else:
                others[word] += 1
    return runs, others


def is_word(gram: str, grams: Counter[str], total: int) -> bool:
    """Whether an n-gram holds together: at its weakest point its halves meet far more often than by chance.

    One that begins or ends in a function character is a phrase, unless it is a pair that holds strongly (目的).
    """
    points = range(1, len(gram))
    if min(grams[gram[:at]] for at in points) == 0 or min(grams[gram[at:]] for at in points) == 0:
        return False
    cohesion = min(math.log(grams[gram] * total / (grams[gram[:at]] * grams[gram[at:]])) for at in points)
    if gram[0] in FUNCTION_CHARACTERS or gram[-1] in FUNCTION_CHARACTERS:
        return len(gram) == 2 and cohesion > MIN_FUNCTION_COHESION
    return cohesion > MIN_COHESION


def set_pieces(tokenizer: Tokenizer, counts: Counter[str], size: int) -> list[str]:
    """Makes every character and the most frequent pieces, `size` in all, the model; returns them."""
    total = counts.total()
    pieces = sorted(counts, key=lambda piece: (len(piece) > 1, -counts[piece], piece))[:size]
    scored = [(piece, math.log((counts[piece] + 0.5) / total)) for piece in pieces]
    tokenizer.model = Unigram([(UNKNOWN, 0.0), *scored], unk_id=0)
    return pieces


def count_pieces(tokenizer: Tokenizer, texts: Sequence[str]) -> Counter[str]:
    """How often each piece stands in the texts, cut by the tokenizer as it is."""
    counts: Counter[str] = Counter()
    for start in range(0, len(texts), 1000):
        for encoding in tokenizer.encode_batch(list(texts[start : start + 1000]), add_special_tokens=False):
            counts.update(encoding.tokens)
    return counts
