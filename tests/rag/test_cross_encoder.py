"""Any cross-encoder as reranker, with tiny transformers made here."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import CrossEncoder
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

from index.errors import ModelError, SettingsError
from index.store import Index
from rag import Engine, RagSettings
from rag.__main__ import main
from rag.cross_encoder import CrossEncoderReranker, rerank_with
from rag.language_model.flags import add_model_flags, named_settings
from rag.reading.evidence import LexicalReader

from .pieces import hit, weights

QUESTION = "西堠门公铁大桥的主跨是多少米？"
MAX_TOKENS = 24
CHARACTERS = sorted(set("西堠门公铁大桥的主跨是多少米长江上修好了青河一座二三四五六七八九十这里有人来看过说话"))


def write_cross_encoder(folder: Path, n_labels: int = 1, prompt: str = "") -> Path:
    """A random transformer over pairs of texts, as `transformers` saves one; longer pairs than `MAX_TOKENS` are cut."""
    folder.mkdir(parents=True)
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *CHARACTERS]
    (folder / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    BertTokenizerFast(vocab=str(folder / "vocab.txt"), model_max_length=MAX_TOKENS).save_pretrained(folder)
    torch.manual_seed(5)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        num_labels=n_labels,
        initializer_range=0.5,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    if prompt:
        model = CrossEncoder(str(folder), prompts={"ask": prompt}, default_prompt_name="ask", device="cpu")
        model.save_pretrained(str(folder))
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_cross_encoder(tmp_path_factory.mktemp("cross") / "tiny")


@pytest.fixture(scope="module")
def reranker(folder: Path) -> CrossEncoderReranker:
    return CrossEncoderReranker(str(folder))


def by_hand(folder: Path, question: str, texts: Sequence[str]) -> np.ndarray:
    """The sigmoid of the logit of each pair, one by one, through transformers alone."""
    tokenizer = BertTokenizerFast.from_pretrained(folder)
    model = BertForSequenceClassification.from_pretrained(folder).eval()
    scores = []
    for text in texts:
        pair = tokenizer(question, text, truncation="longest_first", max_length=MAX_TOKENS, return_tensors="pt")
        with torch.no_grad():
            scores.append(torch.sigmoid(model(**pair).logits[0, 0]).item())
    return np.array(scores)


def test_scores_are_the_models_own(reranker: CrossEncoderReranker, folder: Path) -> None:
    texts = ["大桥主跨", "长江上的桥修好了", "这里有人来看过"]
    scores = reranker.scores("大桥多长", texts)
    np.testing.assert_allclose(scores, by_hand(folder, "大桥多长", texts), atol=1e-5)
    assert len(set(scores.round(6))) == len(texts)
    assert reranker.scores("大桥多长", []).shape == (0,)


def test_a_pair_is_cut_where_the_model_says(reranker: CrossEncoderReranker, folder: Path) -> None:
    cut, longer = "青河" * 30, "青河" * 30 + "西堠门公铁大桥"
    assert reranker.scores("长江", [cut])[0] == pytest.approx(reranker.scores("长江", [longer])[0], abs=1e-6)
    np.testing.assert_allclose(reranker.scores("长江", [longer]), by_hand(folder, "长江", [longer]), atol=1e-5)


def test_the_prompt_that_a_model_declares_is_used(tmp_path: Path) -> None:
    with_prompt = CrossEncoderReranker(str(write_cross_encoder(tmp_path / "prompt", prompt="说话")))
    without = CrossEncoderReranker(str(write_cross_encoder(tmp_path / "plain")))
    assert with_prompt.scores("长江", ["大桥"])[0] != pytest.approx(without.scores("长江", ["大桥"])[0], abs=1e-4)


def test_hits_come_in_the_order_of_the_scores_and_keep_what_the_legs_said(
    reranker: CrossEncoderReranker, folder: Path
) -> None:
    hits = [hit(0, 5, rank=1, score=0.9), hit(5, 12, rank=2, score=0.8), hit(12, 30, rank=3, score=0.7)]
    texts = [one.chunk.text for one in hits]
    ordered = rerank_with(reranker, "大桥", hits)
    expected = sorted(zip(by_hand(folder, "大桥", texts), texts, strict=True), reverse=True)
    assert [one.chunk.text for one in ordered] == [text for _, text in expected]
    assert [one.score for one in ordered] == pytest.approx([score for score, _ in expected], abs=1e-5)
    assert [(one.rank, one.source) for one in ordered] == [(1, "reranked"), (2, "reranked"), (3, "reranked")]
    assert rerank_with(reranker, "大桥", []) == []


def test_an_engine_reads_what_the_cross_encoder_chooses(sample: Index, folder: Path) -> None:
    settings = RagSettings(reranker=str(folder), n_reranked=20, n_read=3)
    plain = Engine.over(sample, RagSettings(n_read=3), LexicalReader(), weights())
    engine = plain.with_settings(settings)
    fused = engine.retrieve(QUESTION, 20, "hybrid")
    assert [one.chunk for one in fused] == [one.chunk for one in plain.retrieve(QUESTION, 20, "hybrid")]
    answer = engine.answer(QUESTION)
    texts = [f"{one.chunk.title}\n{one.chunk.text}" if one.chunk.title else one.chunk.text for one in answer.hits]
    np.testing.assert_allclose([one.score for one in answer.hits], by_hand(folder, QUESTION, texts), atol=1e-5)
    assert [one.score for one in answer.hits] == sorted((one.score for one in answer.hits), reverse=True)
    assert (answer.reranker, plain.answer(QUESTION).reranker) == (str(folder), "")
    assert "rerank" in answer.timings_ms
    assert "rerank" not in plain.answer(QUESTION).timings_ms
    assert engine.with_settings(RagSettings()).answer(QUESTION).reranker == ""


@pytest.mark.parametrize(
    ("flags", "environment", "expected"),
    [([], {}, ""), ([], {"WENDA_RERANKER": " a/b "}, "a/b"), (["--reranker", "c"], {"WENDA_RERANKER": "a/b"}, "c")],
)
def test_the_flag_comes_before_the_environment(flags: list[str], environment: dict[str, str], expected: str) -> None:
    parser = argparse.ArgumentParser()
    add_model_flags(parser)
    assert named_settings(parser.parse_args(flags), environment).reranker == expected


def test_a_model_that_gives_several_scores_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"gives 3 scores .* one"):
        CrossEncoderReranker(str(write_cross_encoder(tmp_path / "three", n_labels=3)))


def test_what_is_no_model_is_refused_with_the_repair(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nowhere' cannot be loaded: there is no such folder\. Set the folder"):
        CrossEncoderReranker(str(tmp_path / "nowhere"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match="empty' cannot be loaded"):
        CrossEncoderReranker(str(tmp_path / "empty"))
    with pytest.raises(SettingsError, match="n_reranked is 0"):
        RagSettings(n_reranked=0)


@pytest.mark.parametrize("command", ["ask", "search"])
def test_the_command_line_takes_a_reranker(
    sample_path: Path, folder: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--index", str(sample_path), "--json", "--reranker", str(folder)]
    assert main([command, QUESTION, *flags]) == 0
    said = json.loads(capsys.readouterr().out)
    hits = said["hits"] if command == "ask" else said
    texts = [f"{one['chunk']['title']}\n{one['chunk']['text']}".strip() for one in hits]
    np.testing.assert_allclose([one["score"] for one in hits], by_hand(folder, QUESTION, texts), atol=1e-5)
