"""The training code on tiny synthetic text: what is cut, what is drawn, and that it learns the same each time."""

import random
from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer

from index.embeddings import load_embedder
from rag.searching.spellings import in_characters, number_of
from training.embedder.bigrams import BigramBM25, bigram_terms
from training.embedder.contrastive import (
    Schedule,
    contrastive_loss,
    embed_bags,
    pair_loss,
    train_contrastive,
)
from training.embedder.corpus import News, QuestionRow, split_chunks, split_sentences
from training.embedder.evaluate import context_set, evaluate, gold_rank, measures, normalised
from training.embedder.initialise import count_matrix, initial_embeddings, rarity
from training.embedder.numerals import rewrite_numbers
from training.embedder.pairs import Bags, PairSampler, PairSettings, append, join, keep, split_pieces
from training.embedder.questions import QuestionSampler, mine_questions
from training.embedder.tokenizer import train_tokenizer, untrained_tokenizer
from training.embedder.tokens import TokenStore, build_store, encode, halves
from training.embedder.train import write_model

TOPICS = {
    "茶叶": ("茶农", "采摘", "春茶", "炒制", "绿茶", "茶园"),
    "航天": ("火箭", "发射", "卫星", "轨道", "飞船", "空间站"),
    "足球": ("球队", "进球", "主场", "比赛", "教练", "联赛"),
    "渔业": ("渔船", "出海", "捕捞", "海鲜", "码头", "休渔期"),
}


def synthetic_news(n_articles: int = 80) -> list[News]:
    """Articles whose sentences are made of the words of one topic."""
    source = random.Random(5)
    articles = []
    for number in range(n_articles):
        topic = list(TOPICS)[number % len(TOPICS)]
        sentences = [
            f"第{source.randint(1, 20)}天" + "".join(source.choices(TOPICS[topic], k=7)) + "。" for _ in range(8)
        ]
        articles.append(News(str(number), topic if number % 2 else "", "".join(sentences)))
    return articles


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train_tokenizer([article.text + article.title for article in synthetic_news()], 120, min_count=5)


@pytest.fixture(scope="module")
def store(tokenizer: Tokenizer) -> TokenStore:
    return build_store(tokenizer, synthetic_news(), seed=1)


def sampler_of(store: TokenStore, tokenizer: Tokenizer, **shares: float) -> PairSampler:
    weights = rarity(count_matrix(store, tokenizer.get_vocab_size()))
    return PairSampler(store, weights, halves(tokenizer), PairSettings(min_sentence_tokens=4, **shares))


def texts_of(bags: Bags) -> list[list[int]]:
    return [bags.ids[start:end].tolist() for start, end in zip(bags.offsets, bags.offsets[1:], strict=False)]


def bags_of(*texts: list[int]) -> Bags:
    return Bags(np.concatenate([np.array(text, np.int64) for text in texts]), np.cumsum([0, *map(len, texts)]))


def test_sentences_and_chunks_hold_the_text() -> None:
    text = "第一句。“第二句！”第三句没有句号\n第四句？" + "长" * 800 + "。尾"
    assert split_sentences(text)[:4] == ["第一句。", "“第二句！”", "第三句没有句号", "第四句？"]
    chunks = split_chunks(text, 350)
    assert "".join(chunks) == text.replace("\n", "")
    assert max(map(len, chunks)) == 350


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("ＧＤＰ增长７.６％", "gdp增长7.6%"),
        ("1,234,567元", "1234567元"),
        ("2021，300", "2021,300"),
        ("二〇二三年", "2023年"),
        ("一九四九年，二○一九年，二零零八年", "1949年,2019年,2008年"),
        ("第二十三年", "第二十三年"),
        ("二〇二三", "二〇二三"),
    ],
)
def test_two_ways_of_writing_are_normalised_to_one(text: str, normal: str) -> None:
    assert untrained_tokenizer().normalizer.normalize_str(text) == normal


def test_the_vocabulary_learns_words_and_keeps_every_character(tokenizer: Tokenizer) -> None:
    vocabulary = tokenizer.get_vocab()
    assert len(vocabulary) <= 120
    assert {"茶农", "火箭", "球队", "休渔期"} <= vocabulary.keys()
    characters = {character for article in synthetic_news() for character in article.text} - {"。"}
    assert characters <= vocabulary.keys()
    tokens = tokenizer.encode("火箭，发射卫星。", add_special_tokens=False).tokens
    assert tokens == ["火箭", "发射", "卫星"]
    assert tokenizer.token_to_id("<unk>") == 0


def test_the_vocabulary_is_the_same_twice(tokenizer: Tokenizer) -> None:
    again = train_tokenizer([article.text + article.title for article in synthetic_news()], 120, min_count=5)
    assert again.to_str() == tokenizer.to_str()


@pytest.mark.parametrize("number", [0, 3, 10, 11, 20, 47, 99])
def test_numbers_in_characters_come_back(number: int) -> None:
    assert number_of(in_characters(number)) == number


def test_numbers_are_rewritten_to_equal_values() -> None:
    seen = {rewrite_numbers("12月23日，第三届，7.6%，3.5万人", random.Random(seed)) for seed in range(40)}
    assert "12月23日，第3届，7.6%，35000人" in seen
    assert "十二月二十三日，第三届，百分之七点六，3.5万人" in seen
    assert len(seen) == 2 * 2 * 2  # three independent choices
    assert rewrite_numbers("没有数字", random.Random(1)) == "没有数字"


def test_encode_puts_texts_end_to_end(tokenizer: Tokenizer) -> None:
    ids, starts = encode(tokenizer, ["火箭发射", "", "茶农"])
    assert starts.tolist() == [0, 2, 2, 3]
    assert [tokenizer.id_to_token(token) for token in ids] == ["火箭", "发射", "茶农"]
    assert encode(tokenizer, [])[1].tolist() == [0]


def test_halves_make_up_their_piece(tokenizer: Tokenizer) -> None:
    table = halves(tokenizer)
    whole = tokenizer.token_to_id("茶农")
    assert [tokenizer.id_to_token(half) for half in table[whole]] == ["茶", "农"]
    assert table[tokenizer.token_to_id("茶")].tolist() == [-1, -1]
    assert table[0].tolist() == [-1, -1]


def test_bags_are_kept_joined_appended_and_split() -> None:
    bags = bags_of([1, 2, 3], [], [4])
    assert texts_of(keep(bags, np.array([True, False, True, False]))) == [[1, 3], [], []]
    assert texts_of(join(bags, bags_of([7], [8], []))) == [[1, 2, 3, 7], [8], [4]]
    assert texts_of(append(bags, bags_of([9], [5, 6]))) == [[1, 2, 3], [], [4], [9], [5, 6]]
    table = np.full((10, 2), -1, np.int32)
    table[2], table[4] = (5, 6), (7, 8)
    rng = np.random.default_rng(0)
    assert texts_of(split_pieces(bags, table, 1.0, rng)) == [[1, 5, 6, 3], [], [7, 8]]
    assert texts_of(split_pieces(bags, table, 0.0, rng)) == [[1, 2, 3], [], [4]]


def test_a_pair_is_a_sentence_and_its_surroundings(store: TokenStore, tokenizer: Tokenizer) -> None:
    sampler = sampler_of(
        store, tokenizer, title=0, whole_sentence=1, clause=0, question_word=0, other_numerals=0, split_piece=0,
        without_sentence=0, without_query_words=0, max_passage_tokens=30,
    )  # fmt: skip
    queries, passages = (texts_of(bags) for bags in sampler.draw(16, np.random.default_rng(2)))
    assert len(queries) == len(passages) == 16
    for query, passage in zip(queries, passages, strict=True):
        assert any(passage[at : at + len(query)] == query for at in range(len(passage)))
        assert len(query) < len(passage) <= 30


def test_a_passage_can_go_without_the_sentence(store: TokenStore, tokenizer: Tokenizer) -> None:
    sampler = sampler_of(
        store, tokenizer, title=0, whole_sentence=1, clause=0, question_word=0, other_numerals=0, split_piece=0,
        without_sentence=1, max_passage_tokens=60,
    )  # fmt: skip
    queries, passages = (texts_of(bags) for bags in sampler.draw(16, np.random.default_rng(2)))
    whole = [
        any(passage[at : at + len(query)] == query for at in range(len(passage)))
        for query, passage in zip(queries, passages, strict=True)
    ]
    assert not any(whole)


def test_the_last_pairs_are_titles(store: TokenStore, tokenizer: Tokenizer) -> None:
    sampler = sampler_of(store, tokenizer, title=0.25)
    queries, passages = sampler.draw(16, np.random.default_rng(2))
    topics = [tokenizer.encode(topic, add_special_tokens=False).ids for topic in TOPICS]
    assert all(query in topics for query in texts_of(queries)[-4:])
    assert all(texts_of(passages)[-4:])


def test_the_same_generator_draws_the_same_pairs(store: TokenStore, tokenizer: Tokenizer) -> None:
    sampler = sampler_of(store, tokenizer)
    first, second = (sampler.draw(16, np.random.default_rng(9)) for _ in range(2))
    assert [texts_of(bags) for bags in first] == [texts_of(bags) for bags in second]


def test_the_initial_embeddings_put_words_of_one_topic_together(store: TokenStore, tokenizer: Tokenizer) -> None:
    counts = count_matrix(store, tokenizer.get_vocab_size())
    rows = initial_embeddings(counts, rarity(counts), dim=8, seed=1)
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    rocket, satellite, tea = (unit[tokenizer.token_to_id(word)] for word in ("火箭", "卫星", "茶农"))
    assert rocket @ satellite > rocket @ tea + 0.5


def test_the_loss_is_the_formula() -> None:
    logits = np.array([[1.0, 0.0, -1.0], [0.6, 0.8, -0.6]]) / 0.5  # the last passage is a hard negative
    forward = -np.mean([logits[i, i] - np.log(np.exp(logits[i]).sum()) for i in range(2)])
    backward = -np.mean([logits[i, i] - np.log(np.exp(logits[:, i]).sum()) for i in range(2)])
    assert contrastive_loss(torch.tensor(logits)).item() == pytest.approx((forward + backward) / 2, abs=1e-6)


def test_the_loss_of_a_batch_is_that_of_its_cosines() -> None:
    weight = torch.eye(4)
    queries, passages = bags_of([1], [2, 3]), bags_of([1, 1], [2])
    cosines = torch.tensor([[1.0, 0.0], [0.0, 2**-0.5]])
    loss = pair_loss(weight, queries, passages, temperature=0.5)
    assert loss.item() == pytest.approx(contrastive_loss(cosines / 0.5).item(), abs=0.01)  # bfloat16


def test_a_bag_is_the_unit_sum_of_its_rows() -> None:
    weight = torch.tensor([[0.0, 0.0], [3.0, 0.0], [0.0, 2.0]])
    rows = embed_bags(weight, bags_of([1, 2, 2], [1]))
    np.testing.assert_allclose(rows.numpy(), [[0.6, 0.8], [1.0, 0.0]], atol=1e-6)


def test_training_lowers_the_loss_and_is_deterministic(store: TokenStore, tokenizer: Tokenizer) -> None:
    sampler = sampler_of(store, tokenizer)
    start = np.random.default_rng(1).standard_normal((tokenizer.get_vocab_size(), 16)).astype(np.float32)
    schedule = Schedule(n_steps=40, learning_rate=0.05, warmup_steps=5)

    def run() -> tuple[np.ndarray, list[float]]:
        losses: list[float] = []
        trained = train_contrastive(
            start, lambda rng: sampler.draw(32, rng), schedule, seed=3, report=lambda _, loss: losses.append(loss)
        )
        return trained, losses

    runs = [run(), run()]
    assert np.mean(runs[0][1][-10:]) < 0.7 * np.mean(runs[0][1][:5])
    np.testing.assert_array_equal(runs[0][0], runs[1][0])
    assert not np.array_equal(runs[0][0], start)


def test_the_learning_rate_warms_up_and_falls() -> None:
    schedule = Schedule(n_steps=100, learning_rate=1.0, warmup_steps=10)
    rates = [schedule.rate(step) for step in range(100)]
    assert rates[0] == pytest.approx(1 / 10)
    assert max(rates) == pytest.approx(1.0)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] == pytest.approx(0.05, abs=0.01)


def question_rows() -> list[QuestionRow]:
    contexts = [f"{a}{b}在{c}举行。" + "茶" * 5 for a in "火球渔空" for b in "队员" for c in ("主场", "码头")]
    return [QuestionRow(f"{c[0]}{c[1]}在哪里？", (c[3:5],), c[0], c) for c in contexts]


def test_hard_negatives_do_not_hold_the_answer() -> None:
    rows = question_rows()
    chunks, questions = mine_questions(rows)
    assert len(questions) == len(rows)
    for row, question in zip(rows, questions, strict=True):
        assert chunks[question.positive] == row.context
        assert all(row.answers[0] not in chunks[negative] for negative in question.negatives)
        # The nearest wrong chunk names the same team in the other place.
        assert chunks[question.negatives[0]][:3] == row.context[:3]


def test_questions_are_drawn_with_their_passages(tokenizer: Tokenizer) -> None:
    rows = [row for row in question_rows() if "队" in row.context]  # 员 is no piece of this vocabulary
    chunks, questions = mine_questions(rows)
    sampler = QuestionSampler(tokenizer, chunks, questions, halves(tokenizer))
    asked, positives, negatives = sampler.draw(8, np.random.default_rng(4))
    assert len(asked.offsets) == len(positives.offsets) == len(negatives.offsets) == 9
    known = {tuple(tokenizer.encode(chunk, add_special_tokens=False).ids) for chunk in chunks}
    assert {tuple(text) for text in texts_of(positives) + texts_of(negatives)} <= known
    assert len({tuple(text) for text in texts_of(positives)}) == 8


def test_bigram_bm25_is_the_formula() -> None:
    texts = ["北京大学在北京", "上海2023年", "天津"]
    assert bigram_terms("北京ＡＢ2.5") == ["北京", "ab2.5"]
    bm25 = BigramBM25(texts)
    n, df, tf, length, mean = 3, 1, 2, 6, (6 + 3 + 1) / 3
    idf = np.log(1 + (n - df + 0.5) / (df + 0.5))
    expected = idf * tf * 2.5 / (tf + 1.5 * (1 - 0.75 + 0.75 * length / mean))
    np.testing.assert_allclose(bm25.scores(["北京"]), [[expected, 0, 0]], rtol=1e-5)


def test_ranks_measures_and_normalisation() -> None:
    scores = np.array([0.5, 0.9, 0.5, 0.1], np.float32)
    assert gold_rank(scores, np.array([1])) == 1
    assert gold_rank(scores, np.array([0])) == 3  # the tie stands before it
    assert gold_rank(scores, np.array([0, 2])) == 2
    assert measures(np.array([1, 2, 11])) == pytest.approx((1 / 3, 2 / 3, (1 + 1 / 2) / 3))
    np.testing.assert_allclose(normalised(np.array([[1.0, 2.0], [0.0, 0.0]])), [[0.5, 1.0], [0.0, 0.0]])


def test_a_written_model_loads_and_is_evaluated(tmp_path: Path, tokenizer: Tokenizer) -> None:
    rows = np.random.default_rng(1).standard_normal((tokenizer.get_vocab_size(), 16)).astype(np.float32)
    write_model(tmp_path / "model", tokenizer, rows)
    embedder = load_embedder(str(tmp_path / "model"))
    texts = ["火箭发射卫星", "茶农采摘春茶", "龘"]
    peer = SentenceTransformer(str(tmp_path / "model"), device="cpu").float()
    np.testing.assert_allclose(embedder.embed_passages(texts), peer.encode(texts), atol=1e-5)
    assert not embedder.embed_passages(["龘"]).any()  # the unknown piece says nothing
    found = context_set("own", [QuestionRow(text, ("",), "", text) for text in texts[:2]])
    ranks = evaluate(found, embedder)
    assert {weight: values.tolist() for weight, values in ranks.items()} == {weight: [1, 1] for weight in ranks}
