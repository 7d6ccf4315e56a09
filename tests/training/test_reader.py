"""How the reader is trained: exact features, honest negatives, a loss that says what it should and goes down."""

import json
import lzma
import math
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import training.reader.__main__
import training.reader.train
from rag.reading.evidence import load_reader
from rag.reading.features import (
    CODE_LIMIT,
    N_CHAR_FEATURES,
    N_PASSAGE_FEATURES,
    N_QUESTION_FEATURES,
    N_SENTENCE_FEATURES,
    N_SPECIAL,
    Lexicon,
    asking_mask,
    featurise,
)
from training.reader.__main__ import STAGES, main
from training.reader.batches import Targets, crop, to_batch
from training.reader.cloze import make_cloze
from training.reader.colloquial import ATTRIBUTES, attribute_miss, colloquial
from training.reader.data import EVIDENCE_ONLY, Example, bucket, find_pieces, half_of, split_sentences
from training.reader.evaluate import evidence_first, span_f1, span_figures
from training.reader.export import export
from training.reader.losses import listwise, reader_loss
from training.reader.model import Reader, Widths
from training.reader.negatives import (
    NearMisses,
    Passages,
    near_passages,
    on_other_passage,
    with_siblings,
    without_answer,
)
from training.reader.restore import restore_state
from training.reader.sampling import Sampler
from training.reader.scores import auc, calibration_error, platt
from training.reader.train import WARM_UP, blend, rate_at, start_state, train
from training.reader.vectors import count_vocabulary, train_vectors
from training.reader.written import FILE, Written

SUBJECTS = ("青石桥", "白水渠", "红叶寺", "金沙塔", "长安街", "望江楼")
SMALL = Widths(token=16, question=8, passage=8, head=8, dropout=0.0)


def example(subject: str, year: int) -> Example:
    sentences = (
        f"{subject}位于北山镇。",
        f"{subject}建于{year}年，由林望设计。",
        f"每年有{year * 3}人参观《山河录》展。",
    )
    answers = (f"{year}年",)
    question = f"{subject}建于哪一年？"
    return Example(question, subject, sentences, answers, find_pieces(sentences, answers), subject)


EXAMPLES = [example(subject, 1900 + 7 * n) for n, subject in enumerate(SUBJECTS)]


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    """Built as training builds it, from the examples' own text."""
    vocabulary = count_vocabulary(["".join(e.sentences) for e in EXAMPLES], min_char=1, n_bigrams=200)
    return Lexicon(vocabulary.code_ids, vocabulary.char_idf, vocabulary.bigrams, vocabulary.bigram_idf)


def small_reader(lexicon: Lexicon) -> Reader:
    torch.manual_seed(3)
    chars = torch.randn(len(lexicon.char_idf), 8) * 0.1
    bigrams = torch.randint(-127, 127, (len(lexicon.bigram_idf), 4), dtype=torch.int8)
    bigrams[:N_SPECIAL] = 0
    return Reader(chars, bigrams, SMALL)


# --- features ---------------------------------------------------------------------------------------------------


def plain_lexicon() -> Lexicon:
    """Every character has id 1 (unknown) and idf .5, every bigram idf 1."""
    return Lexicon(
        np.ones(CODE_LIMIT, dtype=np.int32),
        np.array([0.0, 0.5], dtype=np.float32),
        np.zeros(0, dtype=np.int64),
        np.array([0.0, 1.0], dtype=np.float32),
    )


def test_features_have_exact_values() -> None:
    f = featurise("桥长多少", ["桥长9米", "桥"], "桥", plain_lexicon())
    # title "桥\n", then "桥长9米\n" and "桥\n"
    assert f.sentence_of.tolist() == [0, 0, 1, 1, 1, 1, 1, 2, 2]
    assert f.starts.tolist() == [2, 7]
    assert f.char_features[:, 0].tolist() == [1, 0, 1, 1, 0, 0, 0, 1, 0]  # stands in the question
    assert f.char_features[:, 1].tolist() == [0, 0, 1, 1, 0, 0, 0, 0, 0]  # lies in a common bigram
    assert f.char_features[:, 9].tolist() == [0, 0, 0, 0, 1, 0, 0, 0, 0]  # a digit
    assert f.question_features[:, 2].tolist() == [0, 0, 1, 1]  # 多少 asks
    assert f.question_features[:, 3].tolist() == [1, 1, 0, 0]
    # shares of the question's weight: characters 桥 and 长 weigh the same, the only content bigram is 桥长
    assert f.sentence_features[:, 0].tolist() == [1.0, 0.0]
    assert f.sentence_features[:, 1].tolist() == [1.0, 0.5]
    assert f.sentence_features[:, 6].tolist() == [0.5, 0.25]  # the longest common run, in quarters
    assert f.sentence_features[:, 7] == pytest.approx([math.log(5) / 6, math.log(2) / 6])
    assert f.passage_features == pytest.approx([1.0, 1.0, 1.0, 1.0, 0.0, 0.5, 1.0, math.log(4) / 4])
    # among the two sentences 桥 stands in both, 长 in one; the title holds 桥, which leaves 长 and 桥长
    both, one = math.log(1 + 2 / (1 + 2)), math.log(1 + 2 / (1 + 1))
    bridge = both / (both + one)
    assert f.question_features[:, 9] == pytest.approx([bridge, 1 - bridge, 0, 0])
    assert f.sentence_features[:, 10] == pytest.approx([1.0, 0.5 * bridge])
    assert f.sentence_features[:, 11].tolist() == [1.0, 0.0]
    assert f.sentence_features[:, 14:].tolist() == [[0.0, 0.0], [1.0, 0.0]]  # before, after
    assert f.char_features[:, 24] == pytest.approx([bridge, 0, bridge, 1 - bridge, 0, 0, 0, bridge, 0])
    assert f.char_features[:, 25].tolist() == [0, 0, 0, 1, 0, 0, 0, 0, 0]
    shapes = [f.char_features.shape, f.question_features.shape, f.sentence_features.shape, f.passage_features.shape]
    assert shapes == [(9, N_CHAR_FEATURES), (4, N_QUESTION_FEATURES), (2, N_SENTENCE_FEATURES), (N_PASSAGE_FEATURES,)]


def test_runs_are_those_of_plain_substring_search(lexicon: Lexicon) -> None:
    rng = random.Random(5)
    for _ in range(50):
        question = "".join(rng.choice("甲乙丙1a") for _ in range(rng.randint(1, 9)))
        sentence = "".join(rng.choice("甲乙丙1a") for _ in range(rng.randint(1, 12)))
        features = featurise(question, [sentence], "", lexicon)
        for n in (1, 2, 3, 4):
            covered = [0.0] * len(sentence)
            for at in range(len(sentence) - n + 1):
                if sentence[at : at + n] in question:
                    covered[at : at + n] = [1.0] * n
            assert features.char_features[1:-1, n - 1].tolist() == covered


def test_unknown_characters_match_only_themselves() -> None:
    f = featurise("鑫", ["森", "鑫"], "", plain_lexicon())
    assert f.sentence_features[:, 1].tolist() == [0.0, 1.0]


def test_asking_words() -> None:
    assert [
        char for char, asks in zip("他是哪一年去哪里的", asking_mask("他是哪一年去哪里的"), strict=True) if asks
    ] == list("哪一哪里")


# --- data -------------------------------------------------------------------------------------------------------


def test_sentences_join_to_the_text() -> None:
    text = "他说：“走吧。”然后走了！\n第二段没有句号"
    assert split_sentences(text) == ("他说：“走吧。”", "然后走了！\n", "第二段没有句号")
    assert "".join(split_sentences(text)) == text


def test_pieces_are_every_occurrence_cut_at_sentences() -> None:
    sentences = ("甲乙。", "乙。甲乙")
    assert find_pieces(sentences, ["甲乙"]) == ((0, 0, 2), (1, 2, 4))
    assert find_pieces(sentences, ["乙。乙"]) == ((0, 1, 3), (1, 0, 1))
    assert find_pieces(sentences, ["丁", ""]) == ()


def test_splits_depend_on_the_article_alone() -> None:
    assert [bucket(title) for title in ("梵文", "青石桥")] == [bucket("梵文"), bucket("青石桥")]
    halves = [half_of(f"article {n}") for n in range(400)]
    assert 150 < halves.count("report") < 250


def test_crop_keeps_an_answering_sentence() -> None:
    rng = random.Random(0)
    for e in EXAMPLES * 5:
        cut = crop(e, 24, rng)
        assert cut.pieces and sum(map(len, cut.sentences)) <= 24
        for number, start, end in cut.pieces:
            assert cut.sentences[number][start:end] in e.answers


# --- negatives --------------------------------------------------------------------------------------------------


def holds_answer(e: Example, answers: Sequence[str]) -> bool:
    return any(answer in "".join(e.sentences) for answer in answers)


def test_without_answer_leaves_none_of_it() -> None:
    for e in EXAMPLES:
        rest = without_answer(e)
        assert rest is not None and not rest.pieces and rest.sentences == (e.sentences[0], e.sentences[2])
        assert not holds_answer(rest, e.answers)
    everywhere = Example("几？", "", ("7。", "7！"), ("7",), find_pieces(("7。", "7！"), ("7",)), "")
    assert without_answer(everywhere) is None


def test_near_passages_never_hold_an_answer() -> None:
    passages = Passages(SUBJECTS, tuple(e.sentences for e in EXAMPLES))
    found = near_passages(EXAMPLES, passages, 3)
    assert all(found)
    for e, places in zip(EXAMPLES, found, strict=True):
        assert all(not holds_answer(on_other_passage(e, "", passages.sentences[at]), e.answers) for at in places)


def test_near_misses_change_the_question_and_promise_no_answer() -> None:
    misses = NearMisses(EXAMPLES)
    rng = random.Random(1)
    seen = set()
    for e in EXAMPLES * 10:
        missed = misses.make(e, rng)
        if missed is None:
            continue
        seen.add(missed.question)
        assert missed.question != e.question and missed.pieces == () and missed.sentences == e.sentences
        assert e.title not in missed.question or "建于" not in missed.question
    assert len(seen) > 5


def test_a_number_becomes_another_number() -> None:
    e = Example("1987年谁到任？", "", ("1987年林望到任，1991年离开。",), ("林望",), ((0, 5, 7),), "")
    rng = random.Random(2)
    made = {NearMisses([e])._number(e, rng) for _ in range(20)}
    assert "1991年谁到任？" in made
    assert all(q is not None and len(q) == len(e.question) and q[4:] == e.question[4:] for q in made)


def test_sampled_pairs_hold_the_question_once_answered_and_once_not() -> None:
    passages = Passages(SUBJECTS, tuple(e.sentences for e in EXAMPLES))
    sampler = Sampler(EXAMPLES, near_passages(EXAMPLES, passages, 3), passages, NearMisses(EXAMPLES), ())
    for seed in range(6):
        for rows, joined in sampler.epoch(2, seed):
            assert len(rows) == 4 and len(joined) == 2
            for own, partner, together in zip(rows[::2], rows[1::2], joined, strict=True):
                assert own.pieces and not partner.pieces
                assert not together or (own.question == partner.question and not holds_answer(partner, own.answers))
    assert list(sampler.epoch(2, 4)) == list(sampler.epoch(2, 4))


def test_cloze_questions_ask_for_what_the_passage_holds_and_do_not_tell_it() -> None:
    text = "北山镇今年修建了一座新桥。大桥于2019年5月3日正式建成通车，总投资达到三亿元。镇长说大家都很高兴。"
    made = [make_cloze("新桥", text, random.Random(seed)) for seed in range(30)]
    kept = [m for m in made if m is not None]
    assert kept
    for e, others in kept:
        assert e.answers[0] not in e.question and asking_mask(e.question).any()
        assert all(e.sentences[n][a:b] == e.answers[0] for n, a, b in e.pieces)
        assert all(e.answers[0] not in sentence for sentence in others)


# --- loss, model, export ----------------------------------------------------------------------------------------


def targets(evidence: list[list[float]], joined: float) -> Targets:
    wanted = torch.tensor(evidence)
    nothing = torch.zeros(len(evidence), 3)
    return Targets(wanted, torch.ones_like(wanted), nothing, nothing, nothing, wanted.amax(1), torch.tensor([joined]))


def test_listwise_loss_is_the_formula() -> None:
    scores = torch.tensor([[2.0, 1.0], [0.5, -1.0]])
    all_of_it = sum(math.exp(v) for v in (2.0, 1.0, 0.5, -1.0)) + 1  # and the null option
    together = listwise(scores, targets([[1, 0], [0, 0]], 1.0))
    assert float(together) == pytest.approx(math.log(all_of_it) - 2.0, abs=1e-5)
    apart = listwise(scores, targets([[1, 0], [0, 0]], 0.0))
    first = math.log(math.exp(2) + math.exp(1) + 1) - 2.0
    second = math.log(math.exp(0.5) + math.exp(-1) + 1)
    assert float(apart) == pytest.approx((first + second) / 2, abs=1e-5)


def test_loss_goes_down_and_the_answer_is_found(lexicon: Lexicon) -> None:
    model = small_reader(lexicon)
    rows = [row for e in EXAMPLES for row in (e, without_answer(e) or e)]
    arrays, wanted = to_batch(rows, [False] * len(EXAMPLES), lexicon)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-2)
    losses = []
    for _ in range(60):
        loss = reader_loss(model(**arrays), wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.2 * losses[0]
    evidence, start, _, _ = model.eval()(**arrays)
    assert evidence[::2].argmax(dim=1).tolist() == [1] * len(EXAMPLES)
    assert all(wanted.starts[2 * n, start[2 * n].argmax()] == 1 for n in range(len(EXAMPLES)))


def test_rate_rises_then_falls_to_a_hundredth() -> None:
    rates = [rate_at(step, 1000, 2e-3) for step in range(1000)]
    assert rates[0] == pytest.approx(2e-3 / WARM_UP)
    assert rates[WARM_UP] == max(rates) == pytest.approx(2e-3)
    assert rate_at(1000, 1000, 2e-3) == pytest.approx(2e-5)


def test_training_keeps_an_averaged_state_that_loads(lexicon: Lexicon, tmp_path: Path) -> None:
    examples = EXAMPLES * 8  # more than one batch
    passages = Passages(SUBJECTS, tuple(e.sentences for e in EXAMPLES))
    sampler = Sampler(examples, near_passages(examples, passages, 3), passages, NearMisses(examples), ())
    unanswered = [rest for e in EXAMPLES if (rest := without_answer(e)) is not None]
    selection = {"cmrc": EXAMPLES, "drcd": EXAMPLES, "xquad": EXAMPLES, "unanswerable": unanswered}
    model, kept = small_reader(lexicon), tmp_path / "best.pt"
    before = {name: value.clone() for name, value in model.state_dict().items()}
    train(model, sampler, lexicon, epochs=1, seed=0, peak_rate=1e-2, selection=selection, keep=kept)
    state = torch.load(kept)
    model.load_state_dict(state)
    assert not torch.equal(state["enter.weight"], before["enter.weight"])
    assert torch.equal(state["bigram_table"], before["bigram_table"])


def test_padding_changes_nothing(lexicon: Lexicon) -> None:
    model = small_reader(lexicon).eval()
    e = EXAMPLES[0]
    longer = Example(e.question + "请问请问", "题目", e.sentences * 4, (), (), "")
    alone, _ = to_batch([e], [], lexicon)
    padded, _ = to_batch([e, longer], [], lexicon)
    with torch.no_grad():
        one, many = model(**alone), model(**padded)
    n, s = alone["chars"].shape[1], len(e.sentences)
    for a, b, size in zip(one[:3], many[:3], (s, n, n), strict=True):
        assert torch.allclose(a[0], b[0, :size], atol=1e-5)
    assert torch.allclose(one[3][0], many[3][0], atol=1e-5)


def test_what_is_exported_reads_like_what_was_trained(lexicon: Lexicon, tmp_path: Path) -> None:
    model = small_reader(lexicon).eval()
    export(model, lexicon, {"evidence": (0.5, -1.0), "answerable": (2.0, 0.25)}, tmp_path / "reader")
    e = EXAMPLES[2]
    reading = load_reader(tmp_path / "reader").read(e.question, [e.sentences], [e.title])[0]
    arrays, _ = to_batch([e], [], lexicon)
    with torch.no_grad():
        evidence, _, _, answerable = model(**arrays)
    assert reading.evidence == pytest.approx(torch.sigmoid(0.5 * evidence[0] - 1.0).tolist(), abs=2e-3)
    assert reading.answerable == pytest.approx(float(torch.sigmoid(2.0 * answerable[0] + 0.25)), abs=2e-3)


def test_vectors_of_like_contexts_are_alike() -> None:
    rng = random.Random(0)
    drinks, towns = ("茶", "酒"), ("京", "沪")
    texts = ["".join(f"我喝{rng.choice(drinks)}水。他住{rng.choice(towns)}城。" for _ in range(200))]
    vocabulary = count_vocabulary(texts, min_char=5, n_bigrams=50)
    chars, bigrams = train_vectors(texts, vocabulary, dim=6, n_contexts=20, seed=0)
    tea, wine, town = (chars[vocabulary.code_ids[ord(char)]] for char in "茶酒京")
    assert tea @ wine > tea @ town
    assert np.linalg.norm(chars[vocabulary.code_ids[ord("茶")]]) == pytest.approx(1.0, abs=1e-5)
    assert bigrams.shape == (len(vocabulary.bigrams) + 2, 6)


# --- figures ----------------------------------------------------------------------------------------------------


def test_span_f1_is_from_the_longest_common_substring() -> None:
    assert span_f1("1987年", "1987年5月") == pytest.approx(2 * (5 / 5) * (5 / 7) / (5 / 5 + 5 / 7))
    assert span_f1("《山河》", "山河") == 1.0
    assert span_f1("甲", "乙") == 0.0


def test_calibration_error_is_the_formula() -> None:
    # bin 0 holds .0 and .05 (none right), bin 9 holds .9 and 1. (one right)
    assert calibration_error([0.0, 0.05, 0.9, 1.0], [0, 0, 1, 0]) == pytest.approx((0.05 + 0.9) / 4)


def test_auc_and_platt() -> None:
    assert auc([3.0, 2.0], [1.0, 2.5]) == 3 / 4
    scale, shift = platt([-2.0, -1.0, 1.0, 2.0] * 25, [0, 0, 1, 1] * 20 + [0, 1, 0, 1] * 5)
    assert scale > 0 and abs(shift) < 1e-3


def test_figures_of_known_readings() -> None:
    from rag.types import Reading

    e = EXAMPLES[1]
    start = e.sentences[1].index(e.answers[0])
    right = Reading((0.1, 0.9, 0.2), ((0, 1), (start, start + 5), (0, 1)), (0.5,) * 3, 0.8)
    wrong = Reading((0.9, 0.1, 0.2), ((0, 1), (start, start + 5), (0, 1)), (0.5,) * 3, 0.8)
    assert evidence_first([e, e], [right, wrong]) == 0.5
    assert span_figures([e, e], [right, wrong]) == (0.5, 0.5)


def test_an_attribute_miss_asks_for_what_the_passage_does_not_say() -> None:
    rng = random.Random(3)
    by_question = dict(ATTRIBUTES)
    for own in EXAMPLES * 20:
        missed = attribute_miss(own, rng)
        assert missed is not None
        assert missed.pieces == ()
        assert missed.sentences == own.sentences
        assert missed.question.startswith(own.title)
    cost = next(words for asked, words in by_question.items() if asked == "花了多少钱")
    assert all(cost.search(text) for text in ("投资3亿元", "花了钱"))
    assert attribute_miss(replace(EXAMPLES[0], title="长" * 13), rng) is None


def test_colloquial_questions_keep_their_sense() -> None:
    rng = random.Random(1)
    said = {colloquial("青石桥为什么重修？", rng).rstrip("？") for _ in range(200)}
    assert said == {f"青石桥{word}重修" for word in ("为什么", "为啥", "为何", "怎么会", "凭什么")}


def test_a_sentence_without_a_span_is_evidence_and_no_edge(lexicon: Lexicon) -> None:
    own = replace(EXAMPLES[0], answers=(), pieces=((1, 0, EVIDENCE_ONLY),))
    _, targets = to_batch([own, replace(own, pieces=())], [False], lexicon)
    assert targets.evidence.tolist() == [[0, 1, 0], [0, 0, 0]]
    assert targets.answerable.tolist() == [1, 0]
    assert targets.starts.sum() == targets.ends.sum() == 0


def test_the_written_questions_say_where_the_answer_stands_without_its_words() -> None:
    rows = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
    assert len(rows) > 800
    assert all(row.keys() == {"context", "question", "evidence"} for row in rows)
    assert all(0 <= start < end for row in rows for start, end in row["evidence"])
    assert 0.2 < sum(not row["evidence"] for row in rows) / len(rows) < 0.5
    assert {r["context"] for r in rows} == {r["context"] for r in rows if r["evidence"]}


def test_written_questions_are_half_of_a_batch(lexicon: Lexicon) -> None:
    passages = Passages(tuple(SUBJECTS), tuple(e.sentences for e in EXAMPLES))
    near = near_passages(EXAMPLES, passages, 2)
    asked = replace(EXAMPLES[0], question="造桥的人叫啥", answers=(), pieces=((1, 0, EVIDENCE_ONLY),))
    none = replace(asked, question="票价多少", pieces=())
    sampler = Sampler(EXAMPLES, near, passages, NearMisses(EXAMPLES), (), (Written((asked,), (none,)),))
    rows, joined = next(sampler.epoch(4, seed=1))
    assert (len(rows), len(joined)) == (8, 4)
    written = rows[4:]
    assert [row.question for row in written[::2]] == ["造桥的人叫啥"] * 2
    assert all(row.pieces for row in written[::2])
    assert not any(row.pieces for row in written[1::2])


def test_a_blend_is_part_of_the_way_and_leaves_frozen_tables() -> None:
    before = {"a": torch.tensor([0.0, 1.0]), "table": torch.tensor([1, 2], dtype=torch.int8)}
    after = {"a": torch.tensor([1.0, 1.0]), "table": torch.tensor([1, 2], dtype=torch.int8)}
    assert blend(before, after, 0.6)["a"].tolist() == pytest.approx([0.6, 1.0])
    assert blend(before, after, 1.0)["a"].tolist() == after["a"].tolist()
    assert blend(before, after, 0.6)["table"].dtype == torch.int8


# --- from one training to the next --------------------------------------------------------------------------------


def test_training_goes_on_from_an_exported_reader(lexicon: Lexicon, tmp_path: Path) -> None:
    model = small_reader(lexicon)
    export(model, lexicon, {"evidence": (1.0, 0.0), "answerable": (1.0, 0.0)}, tmp_path)
    restored = start_state(tmp_path, small_reader(lexicon))
    assert restored.keys() == model.state_dict().keys()
    for name, value in model.state_dict().items():
        assert torch.equal(restored[name], value), name


def test_a_reader_of_other_widths_is_not_gone_on_from(lexicon: Lexicon, tmp_path: Path) -> None:
    export(small_reader(lexicon), lexicon, {"evidence": (1.0, 0.0), "answerable": (1.0, 0.0)}, tmp_path)
    chars, bigrams = torch.zeros(len(lexicon.char_idf), 8), torch.zeros(len(lexicon.bigram_idf), 4)
    other = Reader(chars, bigrams, replace(SMALL, passage=12))
    with pytest.raises(ValueError, match="is of another network: it has no "):
        restore_state(tmp_path / "reader.onnx", other.state_dict())


def test_siblings_are_passages_of_the_article_without_the_answer() -> None:
    first, second = replace(EXAMPLES[0], article="桥"), replace(EXAMPLES[1], article="桥")
    telling = replace(EXAMPLES[2], article="桥", sentences=(f"也有人说是{first.answers[0]}。",), pieces=())
    found = with_siblings([first, second, telling, replace(EXAMPLES[3], article="渠")])
    assert [(one.example, one.others) for one in found[:2]] == [
        (first, (second.sentences,)),
        (second, (first.sentences, telling.sentences)),
    ]
    assert all(one.example.article == "桥" for one in found)


def test_a_batch_has_its_share_of_sibling_pairs() -> None:
    passages = Passages(tuple(e.title for e in EXAMPLES), tuple(e.sentences for e in EXAMPLES))
    asked = replace(EXAMPLES[0], article="桥", title="兄弟篇")
    siblings = with_siblings([asked, replace(EXAMPLES[1], article="桥")])[:1]
    sampler = Sampler(EXAMPLES, [()] * 6, passages, NearMisses(EXAMPLES), (), (), siblings)
    assert sampler.n_own(4) == 3
    rows, joined = next(sampler.epoch(4, seed=1))
    assert [len(rows), joined[-1]] == [8, True]
    own, other = rows[-2:]
    assert (own.sentences, other.sentences, other.pieces) == (asked.sentences, EXAMPLES[1].sentences, ())


def write_sets(data: Path) -> None:
    """Question sets of a few rows in the layout of the data folder."""
    rows = [
        {"id": f"{n}{k}", "question": e.question, "answers": list(e.answers), "title": f"{e.title}{'甲乙丙丁'[k]}"}
        | {"context": "".join(e.sentences)}
        for k in range(4)
        for n, e in enumerate(EXAMPLES)
    ]
    news = [{"id": str(n), "title": e.title, "text": "".join(e.sentences) * 2} for n, e in enumerate(EXAMPLES)]
    files = dict.fromkeys((f"qa/{name}" for name in ("cmrc2018_train", "cmrc2018_trial", "drcd_dev", "xquad_zh")), rows)
    files["bench/unanswerable_dev"] = [row | {"answers": []} for row in rows]
    files |= {f"news/{name}": news * 4 for name in ("news_2023", "broadcast_2022_2026")}
    for name, own in files.items():
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        with lzma.open(data / f"{name}.jsonl.xz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in own)


def test_one_command_trains_all_stages_and_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_sets(tmp_path / "data")
    written = [Written((EXAMPLES[0],), (without_answer(EXAMPLES[0]) or EXAMPLES[0],))]
    monkeypatch.setattr(training.reader.train, "read_written", lambda data: written)
    monkeypatch.setattr(training.reader.__main__, "STAGES", [replace(one, pairs=4) for one in STAGES])
    flags = ["--data", "data", "--out", "model", "--work", "work", "--steps", "1"]
    monkeypatch.setattr("sys.argv", ["training.reader", *flags])
    monkeypatch.chdir(tmp_path)
    main()
    first, second = (torch.load(f"work/stage-{n}-of-1.pt") for n in (1, 2))
    assert not torch.equal(first["token.weight"], second["token.weight"])
    assert load_reader("model").read("青石桥建于哪一年？", [EXAMPLES[0].sentences], ["青石桥"])[0].evidence
    shipped = start_state(Path("model"), training.reader.train.gather(Path("data"), Path("work")).model)
    assert torch.equal(shipped["token.weight"], second["token.weight"])
    Path("work/stage-2-of-1.pt").unlink()
    before = Path("work/stage-1-of-1.pt").stat().st_mtime_ns
    main()
    assert Path("work/stage-1-of-1.pt").stat().st_mtime_ns == before
    assert torch.equal(torch.load("work/stage-2-of-1.pt")["token.weight"], second["token.weight"])
