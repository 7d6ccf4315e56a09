"""What an embedder promises: unit rows in order, the same as sentence-transformers, no torch without need."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import huggingface_hub
import numpy as np
import pytest
import torch
from safetensors.numpy import save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, StaticEmbedding, Transformer
from tokenizers import Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import Unigram
from transformers import AutoModel, BertConfig, BertModel, BertTokenizerFast

from index.embeddings import DEFAULT, SHIPPED_NAME, StaticEmbedder, TransformerEmbedder, load_embedder
from index.errors import ModelError

TEXTS = [
    "工信部要求各地加快建设5G网络。",
    "工业和信息化部发布通知：2023年12月31日前完成。",
    "The quick brown fox — 第３届ＡＢＣ大会",
    "龘靐齉𠮷😀",
    "长江经济带发展成为重大国家战略。" * 200,
    "a",
    "７月２８日，台风“杜苏芮”在福建登陆\n\n风力15级",
]
WITHOUT_PIECES = ["", "   \n", "。，！？", "\u200b"]
CHARACTERS = "工信部业和息化发布通知要求各地加快建设网络年月日前完成长江"


def write_static(folder: Path, dim: int = 8, dtype: type = np.float16, prompts: dict | None = None) -> Path:
    """A static model with random vectors over a few characters."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer(Unigram([("<unk>", 0.0), *((c, -1.0) for c in sorted(set(CHARACTERS)))], unk_id=0))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    rows = np.random.default_rng(7).standard_normal((tokenizer.get_vocab_size(), dim)).astype(dtype)
    rows[0] = 0
    save_file({"embedding.weight": rows}, folder / "model.safetensors")
    package = "sentence_transformers.sentence_transformer.modules.static_embedding"
    modules = [{"idx": 0, "name": "0", "path": "", "type": f"{package}.StaticEmbedding"}]
    (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    config = {"prompts": prompts or {}, "model_type": "SentenceTransformer"}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def bert_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny random transformer with prompts that differ for queries and documents."""
    folder = tmp_path_factory.mktemp("bert")
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *sorted(set(CHARACTERS + "问文："))]
    (folder / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    tokenizer = BertTokenizerFast(vocab=str(folder / "vocab.txt"))
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(folder / "raw")
    tokenizer.save_pretrained(folder / "raw")
    transformer = Transformer(str(folder / "raw"))
    model = SentenceTransformer(
        modules=[transformer, Pooling(16)], prompts={"query": "问：", "document": "文："}, device="cpu"
    )
    model.save_pretrained(str(folder / "model"), create_model_card=False)
    return folder / "model"


def test_the_shipped_model_equals_sentence_transformers() -> None:
    peer = SentenceTransformer(DEFAULT, device="cpu").float()
    expected = peer.encode(TEXTS + WITHOUT_PIECES, convert_to_numpy=True)
    rows = load_embedder().embed_passages(TEXTS + WITHOUT_PIECES)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, expected, atol=1e-5)


def test_the_shipped_model_in_its_stored_precision_is_near() -> None:
    expected = SentenceTransformer(DEFAULT, device="cpu").encode(TEXTS[:3], convert_to_numpy=True)
    np.testing.assert_allclose(load_embedder().embed_passages(TEXTS[:3]), expected, atol=4e-3)


def test_a_very_long_text_is_summed_exactly() -> None:
    text = "长" * 3000 + "江" * 20000
    model = StaticEmbedding.load(DEFAULT)
    ids = model.tokenizer.encode(text, add_special_tokens=False).ids
    total = model.embedding.weight.detach().double().numpy()[ids].sum(axis=0)
    row = load_embedder().embed_passages([text])[0]
    np.testing.assert_allclose(row, total / np.linalg.norm(total), atol=1e-6)


def test_rows_are_unit_rows_in_the_order_of_the_texts() -> None:
    embedder = load_embedder()
    texts = [text for text in TEXTS if text != TEXTS[3]] * 200  # more than one batch
    rows = embedder.embed_passages(texts)
    assert rows.shape == (len(texts), embedder.dim)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    for at in (0, 1, 5, 511, 512, 513, len(texts) - 1):
        np.testing.assert_allclose(rows[at], embedder.embed_passages([texts[at]])[0], atol=1e-6)


def test_a_text_without_pieces_has_a_zero_row() -> None:
    rows = load_embedder().embed_passages([*WITHOUT_PIECES, "北京"])
    assert not rows[:-1].any()
    assert np.linalg.norm(rows[-1]) == pytest.approx(1.0, abs=1e-5)


def test_full_width_forms_case_and_years_in_characters_are_the_same_text() -> None:
    embedder = load_embedder()
    rows = embedder.embed_queries(["２０２３年ＧＤＰ增长", "2023年gdp增长", "二〇二三年GDP增长"])
    np.testing.assert_allclose(rows[1:], rows[:1].repeat(2, axis=0), atol=1e-6)


def test_an_abbreviation_is_nearer_to_its_long_form_than_to_another_ministry() -> None:
    rows = load_embedder().embed_queries(["工信部", "工业和信息化部", "交通运输部", "农业农村部"])
    cosines = rows[0] @ rows[1:].T
    assert cosines.argmax() == 0


def test_no_texts_give_no_rows(tmp_path: Path) -> None:
    embedder = load_embedder(str(write_static(tmp_path / "model")))
    assert embedder.embed_passages([]).shape == (0, 8)
    assert embedder.embed_queries([]).shape == (0, 8)


def test_one_piece_twice_is_the_mean_of_the_weights(tmp_path: Path) -> None:
    folder = write_static(tmp_path / "model")
    embedder = load_embedder(str(folder))
    assert isinstance(embedder, StaticEmbedder)
    model = StaticEmbedding.load(str(folder))
    rows = model.embedding.weight.detach().float().numpy()
    first, second = (model.tokenizer.token_to_id(character) for character in "工部")
    total = 2 * rows[first] + rows[second]
    np.testing.assert_allclose(embedder.embed_passages(["工部工"])[0], total / np.linalg.norm(total), atol=1e-6)


def test_the_name_of_the_shipped_model_moves_between_machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    embedder, by_name = load_embedder(), load_embedder(SHIPPED_NAME)
    assert embedder.name == by_name.name == SHIPPED_NAME
    assert embedder.fingerprint == by_name.fingerprint
    assert embedder.fingerprint.startswith(f"{SHIPPED_NAME}@sha256:")


def test_the_fingerprint_follows_the_weights_and_the_vocabulary(tmp_path: Path) -> None:
    folder = write_static(tmp_path / "model")
    fingerprints = [load_embedder(str(folder)).fingerprint, load_embedder(str(folder)).fingerprint]
    write_static(folder, dtype=np.float32)
    fingerprints.append(load_embedder(str(folder)).fingerprint)
    tokenizer = folder / "tokenizer.json"
    tokenizer.write_text(tokenizer.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    fingerprints.append(load_embedder(str(folder)).fingerprint)
    assert fingerprints[0] == fingerprints[1]
    assert len(set(fingerprints)) == 3


def test_a_transformer_gets_the_prompts_that_it_declares(bert_folder: Path) -> None:
    embedder = load_embedder(str(bert_folder))
    assert isinstance(embedder, TransformerEmbedder)
    assert embedder.dim == 16
    texts = ["工信部发布通知", "长江", ""]
    peer = SentenceTransformer(str(bert_folder), device="cpu")
    for rows, prompt in ((embedder.embed_queries(texts), "问："), (embedder.embed_passages(texts), "文：")):
        expected = peer.encode([prompt + text for text in texts], normalize_embeddings=True)
        np.testing.assert_allclose(rows, expected, atol=1e-5)
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    assert not np.allclose(embedder.embed_queries(texts), embedder.embed_passages(texts), atol=1e-3)
    assert embedder.embed_queries([]).shape == (0, 16)


@pytest.mark.parametrize("pooling", ["cls", "max", "mean"])
def test_a_transformer_is_pooled_and_cut_as_it_declares(bert_folder: Path, tmp_path: Path, pooling: str) -> None:
    transformer = Transformer(str(bert_folder.parent / "raw"), max_seq_length=12)
    model = SentenceTransformer(modules=[transformer, Pooling(16, pooling_mode=pooling)], device="cpu")
    model.save_pretrained(str(tmp_path / pooling), create_model_card=False)
    embedder = load_embedder(str(tmp_path / pooling))
    read, cut = "工信部业和息化发布通", "知要求各地加快"  # ten characters and two marks are all that it reads
    rows = embedder.embed_passages([read, read + cut, read[:-1]])
    tokens = AutoModel.from_pretrained(bert_folder.parent / "raw").eval()
    tokenizer = BertTokenizerFast.from_pretrained(bert_folder.parent / "raw")
    with torch.no_grad():
        states = tokens(**tokenizer(read, return_tensors="pt")).last_hidden_state[0]  # (12, 16)
    pooled = {"cls": states[0], "max": states.max(dim=0).values, "mean": states.mean(dim=0)}[pooling].numpy()
    np.testing.assert_allclose(rows[0], pooled / np.linalg.norm(pooled), atol=1e-5)
    np.testing.assert_allclose(rows[1], rows[0], atol=1e-6)
    assert not np.allclose(rows[2], rows[0], atol=1e-5)


def test_a_static_model_with_prompts_is_left_to_sentence_transformers(tmp_path: Path) -> None:
    folder = write_static(tmp_path / "model", dtype=np.float32, prompts={"query": "工", "document": ""})
    embedder, plain = (
        load_embedder(str(folder)),
        load_embedder(str(write_static(tmp_path / "plain", dtype=np.float32))),
    )
    assert isinstance(embedder, TransformerEmbedder)
    np.testing.assert_allclose(embedder.embed_queries(["信"]), plain.embed_queries(["工信"]), atol=1e-6)
    np.testing.assert_allclose(embedder.embed_passages(["信"]), plain.embed_passages(["信"]), atol=1e-6)


def test_a_transformers_fingerprint_follows_its_files(bert_folder: Path, tmp_path: Path) -> None:
    first = load_embedder(str(bert_folder)).fingerprint
    assert first == load_embedder(str(bert_folder)).fingerprint
    weights = next(bert_folder.rglob("model.safetensors"))
    before = weights.read_bytes()
    try:
        weights.write_bytes(before[:-4] + b"\x00\x00\x00\x00")
        assert load_embedder(str(bert_folder)).fingerprint != first
    finally:
        weights.write_bytes(before)


def test_a_model_of_the_hub_is_taken_from_its_cache_by_name(bert_folder: Path, tmp_path: Path) -> None:
    repository = tmp_path / "models--tiny--bert"
    shutil.copytree(bert_folder, repository / "snapshots" / "c0ffee")
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("c0ffee", encoding="utf-8")
    code = (
        "from index.embeddings import load_embedder\n"
        "from index.errors import ModelError\n"
        "embedder = load_embedder('tiny/bert')\n"
        "print(embedder.name, embedder.fingerprint, embedder.embed_queries(['工信部', '长江']).shape)\n"
        "try:\n"
        "    load_embedder('tiny/none')\n"
        "except ModelError as error:\n"
        "    print(error)\n"
    )
    environment = os.environ | {"HF_HUB_CACHE": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    root = Path(DEFAULT).parent.parent
    finished = subprocess.run([sys.executable, "-c", code], cwd=root, env=environment, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    found, missing = finished.stdout.strip().splitlines()
    content = load_embedder(str(bert_folder)).fingerprint.rsplit("@", 1)[-1]
    assert found == f"tiny/bert tiny/bert@{content} (2, 16)"
    assert "'tiny/none' cannot be loaded" in missing


@pytest.mark.parametrize("name", ["/no/such/folder", "./nothing", "~/nothing", "a/b/c"])
def test_a_folder_that_is_not_there_is_named(name: str) -> None:
    with pytest.raises(ModelError, match="no such folder") as caught:
        load_embedder(name)
    assert name in str(caught.value)
    assert SHIPPED_NAME in str(caught.value)


@pytest.mark.parametrize("file", ["model.safetensors", "tokenizer.json", "modules.json"])
@pytest.mark.parametrize("content", [b"", b"{broken", b"[1, 2]"])
def test_a_damaged_model_is_a_model_error(tmp_path: Path, file: str, content: bytes) -> None:
    folder = write_static(tmp_path / "model")
    (folder / file).write_bytes(content)
    with pytest.raises(ModelError, match=str(folder)):
        load_embedder(str(folder))


def test_weights_of_another_vocabulary_are_refused(tmp_path: Path) -> None:
    folder = write_static(tmp_path / "model")
    save_file({"embedding.weight": np.zeros((3, 8), np.float32)}, folder / "model.safetensors")
    with pytest.raises(ModelError, match="3 rows"):
        load_embedder(str(folder))


def test_a_folder_without_a_model_is_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=str(tmp_path)):
        load_embedder(str(tmp_path))


def test_a_static_model_needs_neither_torch_nor_sentence_transformers() -> None:
    code = (
        "import sys, index.embeddings as e\n"
        "assert not {'torch', 'sentence_transformers', 'transformers'} & set(sys.modules), 'import'\n"
        "assert e.load_embedder().embed_passages(['北京']).shape[0] == 1\n"
        "assert not {'torch', 'sentence_transformers', 'transformers'} & set(sys.modules), 'use'\n"
    )
    root = Path(DEFAULT).parent.parent
    finished = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr


def test_a_text_in_traditional_characters_has_the_vector_of_the_simplified_one() -> None:
    rows = load_embedder(str(DEFAULT)).embed_passages(
        ["臺灣的圖書館夜間開放", "台湾的图书馆夜间开放", "读者夜里排座位"]
    )
    assert rows[0].tolist() == rows[1].tolist() != rows[2].tolist()


def test_a_hub_that_cannot_be_reached_is_asked_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The loaders would ask again and again, for more than a minute."""
    asked: list[str] = []

    def refuse(self: huggingface_hub.HfApi, name: str, *, timeout: float) -> None:
        asked.append(name)
        raise OSError("Name or service not known")

    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", refuse)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ModelError, match=r"'nope' cannot be loaded: it is not in the cache.*Name or service not known"):
        load_embedder("nope")
    with pytest.raises(ModelError, match="Repo id must use"):
        load_embedder("名字")
    assert asked == ["sentence-transformers/nope", "nope"]
