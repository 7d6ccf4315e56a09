"""Pure stand-ins, so that tests state exact results: a static embedder of random character vectors, small pages."""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Regex, Tokenizer, models, pre_tokenizers


def write_static_model(folder: Path, *, dim: int = 32, seed: int = 0) -> Path:
    """Writes a sentence-transformers StaticEmbedding model: a text is the sum of its characters' random vectors.

    Texts with the same characters are near each other, others are not; another seed is another model.
    """
    characters = [chr(code) for code in (*range(0x21, 0x7F), *range(0x4E00, 0xA000))]
    vocabulary = {"[UNK]": 0} | {character: i + 1 for i, character in enumerate(characters)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    weights = np.random.default_rng(seed).normal(size=(len(vocabulary), dim)).astype(np.float32)
    weights[0] = 0
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    save_file({"embedding.weight": weights}, str(folder / "model.safetensors"))
    module = {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.StaticEmbedding"}
    (folder / "modules.json").write_text(json.dumps([module]), encoding="utf-8")
    return folder
