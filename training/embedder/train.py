"""Trains the shipped embedder: `python -m training.embedder.train --data DATA --out models/embedder`.

The steps: a vocabulary from the news; embeddings from the co-occurrence of its pieces; contrastive training on
pseudo-questions and the text around them; contrastive training on human questions, mixed with the former. One
seed, one thread: the same data gives the same model. What a step made lies below `training/out/embedder/`, and a
step whose file is there is not done again (`--fresh` does).
"""

import argparse
import json
import random
import shutil
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Tokenizer

from training.embedder.contrastive import Schedule, train_contrastive
from training.embedder.corpus import News, read_news
from training.embedder.initialise import count_matrix, group_documents, initial_embeddings, rarity
from training.embedder.pairs import Bags, PairSampler, PairSettings, append
from training.embedder.questions import QuestionSampler, mine_questions, training_rows
from training.embedder.tokenizer import train_tokenizer
from training.embedder.tokens import IntArray, TokenStore, build_store, halves

OUT = Path(__file__).resolve().parent.parent / "out" / "embedder"
STATIC_MODULE = "sentence_transformers.sentence_transformer.modules.static_embedding.StaticEmbedding"
NORMALIZE_MODULE = "sentence_transformers.base.modules.normalize.Normalize"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What decides the model."""

    seed: int = 20261124
    vocabulary_size: int = 32_000
    dim: int = 512
    tokenizer_share: float = 0.2
    """Share of the articles that the vocabulary is trained on."""
    n_groups: int = 1500
    """Subjects that the articles are sorted into, for hard negatives."""
    pretraining: tuple[Schedule, ...] = (
        Schedule(n_steps=1600, learning_rate=3e-3),
        Schedule(n_steps=1100, learning_rate=3e-3, temperature=0.04),
    )
    pretraining_pairs: int = 2048
    finetuning: Schedule = field(default_factory=lambda: Schedule(n_steps=300, learning_rate=1e-3))
    finetuning_questions: int = 1024
    finetuning_pairs: int = 1024
    pairs: PairSettings = field(default_factory=PairSettings)


def log(message: str) -> None:
    """Prints a line with the time."""
    print(time.strftime("%H:%M:%S"), message, flush=True)


def report_every(n_steps: int, step: int, loss: float) -> None:
    """Logs the loss of every n-th step."""
    if step % n_steps == 0:
        log(f"step {step}: loss {loss:.4f}")


def make_tokenizer(news: list[News], recipe: Recipe) -> Tokenizer:
    """The vocabulary, from a sample of the articles."""
    path = OUT / "tokenizer.json"
    if not path.is_file():
        sample = random.Random(recipe.seed).sample(news, int(len(news) * recipe.tokenizer_share))
        train_tokenizer([article.text for article in sample], recipe.vocabulary_size).save(str(path))
        log("vocabulary trained")
    return Tokenizer.from_file(str(path))


def make_store(tokenizer: Tokenizer, news: list[News], recipe: Recipe) -> TokenStore:
    """The tokens of all articles."""
    path = OUT / "store.npz"
    if not path.is_file():
        store = build_store(tokenizer, news, recipe.seed)
        np.savez(path, **{name: getattr(store, name) for name in TokenStore.__slots__})
        log(f"{len(store.ids):,} tokens in two views")
    with np.load(path) as arrays:
        return TokenStore(**{name: arrays[name] for name in TokenStore.__slots__})


def make_groups(store: TokenStore, embeddings: NDArray[np.float32], recipe: Recipe) -> IntArray:
    """The subject of each document."""
    path = OUT / "groups.npy"
    if not path.is_file():
        np.save(path, group_documents(store, embeddings, recipe.n_groups, recipe.seed))
        log("documents grouped")
    return np.load(path)


def make_initial(store: TokenStore, n_pieces: int, recipe: Recipe) -> tuple[NDArray, NDArray]:
    """The embeddings that training starts from, and the weights of the pieces."""
    path = OUT / "initial.npz"
    if not path.is_file():
        counts = count_matrix(store, n_pieces)
        weights = rarity(counts)
        np.savez(path, embeddings=initial_embeddings(counts, weights, recipe.dim, recipe.seed), weights=weights)
        log("initial embeddings made")
    with np.load(path) as arrays:
        return arrays["embeddings"], arrays["weights"]


def pretrain(sampler: PairSampler, initial: NDArray[np.float32], recipe: Recipe) -> NDArray[np.float32]:
    """Contrastive training on the news, phase after phase."""
    embeddings = initial
    for number, schedule in enumerate(recipe.pretraining):
        path = OUT / f"pretrained-{number}.npy"
        if not path.is_file():
            trained = train_contrastive(
                embeddings,
                lambda rng: sampler.draw(recipe.pretraining_pairs, rng),
                schedule,
                seed=recipe.seed + number,
                report=lambda step, loss: report_every(100, step, loss),
            )
            np.save(path, trained)
            log(f"phase {number} of pretraining done")
        embeddings = np.load(path)
    return embeddings


def draw_mixed(
    questions: QuestionSampler, pairs: PairSampler, recipe: Recipe, rng: np.random.Generator
) -> tuple[Bags, Bags]:
    """A batch of human questions and of pseudo-questions; the hard negatives stand after all positives."""
    asked, positives, negatives = questions.draw(recipe.finetuning_questions, rng)
    pseudo, around = pairs.draw(recipe.finetuning_pairs, rng)
    return append(asked, pseudo), append(append(positives, around), negatives)


def finetune(
    data: Path, tokenizer: Tokenizer, sampler: PairSampler, embeddings: NDArray[np.float32], recipe: Recipe
) -> NDArray[np.float32]:
    """Contrastive training on human questions, mixed with pairs of the news."""
    questions = QuestionSampler(tokenizer, *mine_questions(training_rows(data)), halves(tokenizer))
    log(f"{len(questions.positives):,} questions with hard negatives")
    return train_contrastive(
        embeddings,
        lambda rng: draw_mixed(questions, sampler, recipe, rng),
        recipe.finetuning,
        seed=recipe.seed + len(recipe.pretraining),
        report=lambda step, loss: report_every(50, step, loss),
    )


def write_model(folder: Path, tokenizer: Tokenizer, embeddings: NDArray[np.float32]) -> None:
    """Writes the layout that `SentenceTransformer(folder)` loads, weights in float16, unit length on output."""
    (folder / "1_Normalize").mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    half = scaled(embeddings).astype(np.float16)
    save_file({"embedding.weight": half}, folder / "model.safetensors")
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": STATIC_MODULE},
        {"idx": 1, "name": "1", "path": "1_Normalize", "type": NORMALIZE_MODULE},
    ]
    config = {
        "model_type": "SentenceTransformer",
        "prompts": {"query": "", "document": ""},
        "default_prompt_name": None,
        "similarity_fn_name": "cosine",
    }
    contents = {
        "modules.json": modules,
        "config_sentence_transformers.json": config,
        "1_Normalize/config.json": {"module_input_name": "sentence_embedding"},
    }
    for name, content in contents.items():
        (folder / name).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def scaled(embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
    """Without the vector of the unknown piece (it says nothing), the longest row of length 1."""
    rows = embeddings.copy()
    rows[0] = 0.0
    return rows / np.linalg.norm(rows, axis=1).max()


def train(data: Path, folder: Path, recipe: Recipe) -> None:
    """All steps."""
    OUT.mkdir(parents=True, exist_ok=True)
    news_folder = data / "news"
    news = read_news(news_folder / "news_2023.jsonl.xz") + read_news(news_folder / "broadcast_2022_2026.jsonl.xz")
    log(f"{len(news):,} articles")
    tokenizer = make_tokenizer(news, recipe)
    store = make_store(tokenizer, news, recipe)
    initial, weights = make_initial(store, tokenizer.get_vocab_size(), recipe)
    groups = make_groups(store, initial, recipe)
    sampler = PairSampler(store, weights, halves(tokenizer), recipe.pairs, groups)
    embeddings = pretrain(sampler, initial, recipe)
    write_model(folder, tokenizer, finetune(data, tokenizer, sampler, embeddings, recipe))
    log(f"written to {folder}")


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--fresh", action="store_true", help="do every step again")
    parser.add_argument("--steps", type=int, help="steps of pretraining, for a quick trial")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.fresh and OUT.is_dir():
        shutil.rmtree(OUT)
    recipe = Recipe()
    if arguments.steps:
        recipe = replace(recipe, pretraining=(replace(recipe.pretraining[0], n_steps=arguments.steps),))
    train(arguments.data, arguments.out, recipe)


if __name__ == "__main__":
    main()
