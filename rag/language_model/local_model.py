"""A language model of the `transformers` library, by folder or hub name, on this machine."""

import threading
import time
from collections.abc import Generator, Mapping, Sequence
from typing import Any

from index.errors import ModelError

from ..errors import GeneratorError
from ..settings import MODEL, ModelSettings
from .failures import failure
from .pump import HEARTBEAT_S, Outlet, StoppedError, pump

Messages = Sequence[Mapping[str, str]]


class LocalModel:
    """Loaded once; writes one answer at a time, the others wait."""

    def __init__(self, settings: ModelSettings) -> None:
        """Raises ModelError."""
        try:
            from transformers import AutoModelForCausalLM, AutoTokenizer
            from transformers.utils import is_torch_cuda_available

            self._tokenizer: Any = AutoTokenizer.from_pretrained(settings.model)
            model: Any = AutoModelForCausalLM.from_pretrained(settings.model, dtype="auto")
            self._model: Any = model.to("cuda" if is_torch_cuda_available() else "cpu").eval()
        except (OSError, ValueError, ImportError, RuntimeError) as error:
            reason = " ".join(str(error).split())[:200]
            raise ModelError(
                f"The language model {settings.model!r} cannot be loaded ({reason}). Name a folder or hub name of a "
                f"transformers model in {MODEL}, or the address of a server as well."
            ) from error
        self.settings = settings
        self._turn = threading.Lock()

    @property
    def name(self) -> str:
        return self.settings.model

    def stream(self, messages: Messages) -> Generator[str, None, str]:
        """The text as it comes, empty strings as signs of life; returns "stop" or "length". Raises GeneratorError."""
        counts: list[int] = []
        yield from pump(lambda outlet: self._write(messages, outlet, counts))
        return "length" if counts and counts[0] >= self.settings.max_tokens else "stop"

    def _write(self, messages: Messages, outlet: Outlet, counts: list[int]) -> None:
        deadline = time.monotonic() + self.settings.total_timeout_s
        while not self._turn.acquire(timeout=HEARTBEAT_S):
            if outlet.is_stopped:
                return
            if time.monotonic() > deadline:
                raise failure("busy", model=self.name)
        try:
            counts.append(self._generate(self._encode(messages), outlet, deadline))
        except (StoppedError, GeneratorError):
            raise
        except Exception as error:  # out of memory, or what a model's own code raises: the extractive answer follows
            raise failure("crashed", model=self.name, error=type(error).__name__) from error
        finally:
            self._turn.release()

    def _encode(self, messages: Messages) -> Any:
        """Input ids of the prompt, on the model's device: (1, n_tokens)."""
        if getattr(self._tokenizer, "chat_template", None):
            encoded = self._tokenizer.apply_chat_template(
                list(messages), add_generation_prompt=True, return_tensors="pt", return_dict=True
            )
        else:
            text = "\n\n".join(message["content"] for message in messages) + "\n回答："
            encoded = self._tokenizer(text, return_tensors="pt")
        limit = getattr(self._model.config, "max_position_embeddings", None)
        n_tokens = int(encoded["input_ids"].shape[1])
        if limit and n_tokens + 1 > limit:
            raise failure("too long", model=self.name, limit=limit, n_tokens=n_tokens)
        return encoded.to(self._model.device)

    def _generate(self, encoded: Any, outlet: Outlet, deadline: float) -> int:
        """Writes into the outlet; the number of new tokens."""
        from transformers import TextStreamer

        class Streamer(TextStreamer):
            """Hands the text on, and ends the writing where nobody wants it: what it raises leaves `generate`."""

            n_tokens = -1  # the first call brings the prompt

            def put(self, value: Any) -> None:
                if outlet.is_stopped:
                    raise StoppedError
                if time.monotonic() > deadline:
                    raise failure("late here", seconds=total_s)
                self.n_tokens += 1
                super().put(value)

            def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
                outlet.put(text)

        total_s = self.settings.total_timeout_s
        streamer = Streamer(self._tokenizer, skip_prompt=True, skip_special_tokens=True)
        sampling = {"do_sample": True, "temperature": self.settings.temperature} if self.settings.temperature else {}
        self._model.generate(
            **encoded,
            max_new_tokens=self.settings.max_tokens,
            streamer=streamer,
            **(sampling or {"do_sample": False}),
        )
        return streamer.n_tokens
