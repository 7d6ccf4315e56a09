"""Texts to vectors: (n, dim) float32 rows of unit length, so that an inner product is a cosine.

A static model (one vector for each piece of its vocabulary, averaged) is read with numpy alone; any other model
goes through sentence-transformers, which is imported only then.

A text without a known piece (empty, white space, only punctuation) has no direction. Its row is zero: cosine 0
with everything, never NaN. That is also what sentence-transformers gives for it.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from index.errors import ModelError
from index.traditional import simplify

SHIPPED_NAME = "models/embedder"
DEFAULT = str(Path(__file__).resolve().parent.parent / SHIPPED_NAME)

_TEXTS_PER_BATCH = 512
_TOKENS_PER_BLOCK = 1024
"""Bounds the memory of a long text; short sums also keep float32 exact to 1e-6 over 20,000 pieces."""
_HUB_TIMEOUT_S = 10.0
_MODEL_SUFFIXES = {".safetensors", ".bin", ".json", ".txt", ".model", ".onnx"}


class Embedder(Protocol):
    """Embeds passages and queries, which some models treat differently."""

    name: str
    """What the user set: `models/embedder` for the shipped one, a folder, or a name on the hub."""
    fingerprint: str
    """The name and what identifies the model's content: vectors with other fingerprints do not compare."""
    dim: int

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Returns (n, dim) rows in the order of the texts; (0, dim) for no texts."""
        ...

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Returns (n, dim) rows in the order of the texts; (0, dim) for no texts."""
        ...


def load_embedder(name: str = DEFAULT) -> Embedder:
    """Loads a model from a folder, or by its name from the hub or the hub's cache on this machine.

    Raises ModelError if there is no such model or it cannot be read.
    """
    folder = find_folder(name)
    shown = SHIPPED_NAME if folder == Path(DEFAULT) else name
    if folder is not None:
        static = static_module(folder, shown)
        if static is not None:
            return StaticEmbedder(shown, static)
    return TransformerEmbedder(shown, folder)


def find_folder(name: str) -> Path | None:
    """The folder that a name means, or None if it can only be a name on the hub.

    `models/embedder` is the shipped model wherever the program was started, unless such a folder stands here.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder.resolve()
    if name == SHIPPED_NAME:
        folder = Path(DEFAULT)
    if folder.is_dir():
        return folder
    if folder.is_absolute() or name.startswith((".", "~")) or name.count("/") > 1:
        raise load_error(name, "there is no such folder")
    return None


def load_error(name: str, reason: object) -> ModelError:
    """The one message for a model that cannot be loaded."""
    return ModelError(
        f"The embedder {name!r} cannot be loaded: {reason}. Set the folder of a sentence-transformers model, or "
        f"a hub name that this machine can reach or has in its cache. The shipped one is {SHIPPED_NAME!r}; if "
        f"its files are gone: git checkout -- {SHIPPED_NAME}"
    )


def static_module(folder: Path, name: str) -> Path | None:
    """The folder of the weights if the model is a plain static one (no prompts, no further layers), else None."""
    try:
        modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
        kinds = [module["type"].rsplit(".", 1)[-1] for module in modules]
        if kinds not in (["StaticEmbedding"], ["StaticEmbedding", "Normalize"]):
            return None
        config_path = folder / "config_sentence_transformers.json"
        config = json.loads(config_path.read_text(encoding="utf-8")) if config_path.is_file() else {}
        has_prompts = any((config.get("prompts") or {}).values())
        return None if has_prompts else folder / modules[0]["path"]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise load_error(name, f"its description is damaged ({error})") from error


def sha256_of_files(paths: Sequence[Path]) -> str:
    """The hash over the contents of files, in the order given, each preceded by its name."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode("utf-8") + b"\0")
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def unit_rows(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each row divided by its length; zero rows stay zero."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.maximum(lengths, np.float32(1e-12))  # (n, dim)


class StaticEmbedder:
    """A static model: the sum of the vectors of a text's pieces, scaled to length 1.

    Traditional characters are read as simplified ones: a piece of a word in other characters is another piece to it.
    """

    def __init__(self, name: str, folder: Path) -> None:
        weights_path, tokenizer_path = folder / "model.safetensors", folder / "tokenizer.json"
        try:
            self._weights = load_file(weights_path)["embedding.weight"].astype(np.float32)
            self._tokenizer = Tokenizer.from_file(str(tokenizer_path))
            content = sha256_of_files((weights_path, tokenizer_path))
        except Exception as error:  # tokenizers raises a bare Exception
            raise load_error(name, f"its weights or its vocabulary cannot be read ({error})") from error
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        if self._tokenizer.get_vocab_size() != len(self._weights):
            raise load_error(
                name,
                f"its vocabulary has {self._tokenizer.get_vocab_size()} pieces and its weights "
                f"{len(self._weights)} rows",
            )
        self.name = name
        self.fingerprint = f"{name}@sha256:{content}+simplified"
        self.dim = int(self._weights.shape[1])

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Returns (n, dim) unit rows; a zero row for a text without a known piece."""
        rows = np.zeros((len(texts), self.dim), np.float32)
        for start in range(0, len(texts), _TEXTS_PER_BATCH):
            batch = [simplify(text) for text in texts[start : start + _TEXTS_PER_BATCH]]
            encodings = self._tokenizer.encode_batch_fast(batch, add_special_tokens=False)
            self._add_pieces([encoding.ids for encoding in encodings], rows[start : start + len(batch)])
        return unit_rows(rows)

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The same as for passages: a static model knows no roles."""
        return self.embed_passages(texts)

    def _add_pieces(self, ids_of_texts: Sequence[Sequence[int]], sums: NDArray[np.float32]) -> None:
        """Adds the vectors of each text's pieces to its row of `sums`, a bounded block of pieces at a time."""
        for row, ids in enumerate(ids_of_texts):
            for start in range(0, len(ids), _TOKENS_PER_BLOCK):
                sums[row] += self._weights[ids[start : start + _TOKENS_PER_BLOCK]].sum(axis=0)


class TransformerEmbedder:
    """Any model that sentence-transformers can load, with the prompts that the model itself declares."""

    def __init__(self, name: str, folder: Path | None) -> None:
        if folder is None:
            check_hub(name)
        from sentence_transformers import SentenceTransformer  # seconds, and torch: only when it is needed

        try:
            self._model = SentenceTransformer(str(folder or name))
            files = folder or hub_snapshot(name)
            paths = sorted(path for path in files.rglob("*") if path.suffix in _MODEL_SUFFIXES)
            content = sha256_of_files(paths)
            self.dim = int(self._model.get_embedding_dimension() or 0)
        except Exception as error:  # the loaders below it raise whatever a damaged file provokes
            raise load_error(name, str(error).strip().split("\n")[0].rstrip(".")) from error
        if not self.dim:
            raise load_error(name, "it does not say how long its vectors are")
        self.name = name
        self.fingerprint = f"{name}@sha256:{content}"

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Returns (n, dim) unit rows, made with the model's prompt for documents."""
        return self._rows(self._model.encode_document, texts)

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Returns (n, dim) unit rows, made with the model's prompt for queries."""
        return self._rows(self._model.encode_query, texts)

    def _rows(self, encode: Callable[..., NDArray[np.floating]], texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit rows in float32, whatever precision the model computes in."""
        if not texts:
            return np.zeros((0, self.dim), np.float32)
        rows = np.asarray(encode(list(texts), show_progress_bar=False), dtype=np.float32)
        broken: NDArray[np.bool_] = np.logical_not(np.isfinite(rows).all(axis=1))
        if any(text.strip() for text, wrong in zip(texts, broken, strict=True) if wrong):
            raise ModelError(f"The embedder {self.name!r} gives vectors that are not numbers. Set another one.")
        rows[broken] = 0.0  # half precision divides an empty text's zero row by its length
        return unit_rows(rows)


def check_hub(name: str) -> None:
    """Nothing for a model that is in the hub's cache, or that the hub has.

    Without this the loaders ask a hub that cannot be reached again and again, for more than a minute.

    Raises:
        ModelError: it is in neither, or the hub cannot be asked.
    """
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    reason: Exception = ValueError("it has no name")
    for repository in (name,) if "/" in name else (f"sentence-transformers/{name}", name):  # as the loaders read it
        try:
            snapshot_download(repository, local_files_only=True)
            return
        except LocalEntryNotFoundError:
            try:
                HfApi().model_info(repository, timeout=_HUB_TIMEOUT_S)
                return
            except Exception as error:  # of the network, or of the hub
                reason = error
        except ValueError as error:  # a name that no model can have
            reason = error
    said = str(reason).strip().split("\n")[0].rstrip(".")
    raise load_error(name, f"it is not in the cache, and the hub does not give it ({said})") from reason


def hub_snapshot(name: str) -> Path:
    """The folder in the hub's cache that a model was just loaded from."""
    from huggingface_hub import snapshot_download

    return Path(snapshot_download(name, local_files_only=True))
