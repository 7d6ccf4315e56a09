"""A language model behind an OpenAI-compatible server, through the `openai` client."""

import asyncio
from collections.abc import Generator, Mapping, Sequence
from typing import Any

from ..errors import GeneratorError
from ..settings import API_KEY, BASE_URL, MODEL, ModelSettings
from .failures import Kind, failure
from .pump import HEARTBEAT_S, Outlet, pump

Messages = Sequence[Mapping[str, str]]
_MAX_SERVER_WORDS = 160


class RemoteModel:
    """Each answer has a connection of its own, in a thread of its own: it can be cut at any moment."""

    def __init__(self, settings: ModelSettings) -> None:
        self.settings = settings

    @property
    def name(self) -> str:
        return self.settings.model

    def stream(self, messages: Messages) -> Generator[str, None, str]:
        """The text as it comes, empty strings as signs of life; returns "stop" or "length". Raises GeneratorError."""
        reasons: list[str] = []
        yield from pump(lambda outlet: asyncio.run(_Exchange(self.settings, messages, outlet, reasons).run()))
        return "length" if "length" in reasons else "stop"


class _Exchange:
    """One answer: attempts until one of them begins to write."""

    def __init__(self, settings: ModelSettings, messages: Messages, outlet: Outlet, reasons: list[str]) -> None:
        self._settings = settings
        self._messages = messages
        self._outlet = outlet
        self._reasons = reasons
        self._has_begun = False

    async def run(self) -> None:
        """Raises GeneratorError; ends quietly when nobody wants the rest."""
        try:
            import openai  # only who uses a server pays for it
        except ImportError:
            raise failure("no client") from None
        client: Any = openai.AsyncOpenAI(
            api_key=self._settings.api_key or "none",  # never the key of another service from the environment
            base_url=self._settings.base_url,
            timeout=openai.Timeout(None, connect=self._settings.connect_timeout_s),
            max_retries=0,
            default_headers={"OpenAI-Organization": openai.Omit(), "OpenAI-Project": openai.Omit()},  # type: ignore[dict-item]
        )
        work = asyncio.ensure_future(self._attempts(client))
        watch = asyncio.ensure_future(self._until_stopped())
        await asyncio.wait({work, watch}, timeout=self._settings.total_timeout_s, return_when=asyncio.FIRST_COMPLETED)
        late = not work.done() and not watch.done()
        for task in (work, watch):
            task.cancel()
        results = await asyncio.gather(work, watch, return_exceptions=True)
        await client.close()
        if late:
            raise self._failed("late", seconds=self._settings.total_timeout_s)
        if isinstance(results[0], Exception):
            raise results[0]

    async def _until_stopped(self) -> None:
        while not self._outlet.is_stopped:
            await asyncio.sleep(HEARTBEAT_S / 2)

    async def _attempts(self, client: Any) -> None:
        """Again after what may pass, as long as nothing was written yet."""
        import openai

        options = {"max_tokens": self._settings.max_tokens, "temperature": self._settings.temperature}
        for attempt in range(self._settings.n_retries + 1):
            try:
                return await self._attempt(client, options)
            except openai.BadRequestError as error:
                if not options:
                    raise self._explained(error) from None
                options = {}  # some models know these two by other names, or not at all
            except (openai.RateLimitError, openai.InternalServerError, openai.APIConnectionError) as error:
                wait = _retry_after_s(error, default=0.5 * 2**attempt)
                last = attempt == self._settings.n_retries or self._has_begun
                if last or wait > self._settings.max_retry_wait_s or isinstance(error, openai.APITimeoutError):
                    raise self._explained(error) from None
                await asyncio.sleep(wait)
            except openai.OpenAIError as error:
                raise self._explained(error) from None
        raise self._failed("refused")

    async def _attempt(self, client: Any, options: dict[str, float]) -> None:
        import openai

        finished = ""
        try:
            async with asyncio.timeout(self._settings.silence_timeout_s) as silence:
                stream: Any = await client.chat.completions.create(
                    model=self._settings.model,
                    messages=list(self._messages),
                    stream=True,
                    **options,
                )
                async with stream:
                    async for chunk in stream:
                        silence.reschedule(asyncio.get_running_loop().time() + self._settings.silence_timeout_s)
                        finished = self._take(chunk) or finished
        except TimeoutError:
            raise self._failed("silent", seconds=self._settings.silence_timeout_s) from None
        except openai.OpenAIError:
            raise
        except (ValueError, TypeError, AttributeError, LookupError):
            raise self._failed("not understood") from None
        self._end(finished)

    def _take(self, chunk: Any) -> str:
        """Passes a piece on; returns why the answer ended, where this piece says so."""
        if not chunk.choices:  # a count of tokens, or a sign of life
            return ""
        choice = chunk.choices[0]
        text = choice.delta.content if choice.delta is not None else None
        if text:
            self._has_begun = True
            self._outlet.put(str(text).encode("utf-8", "replace").decode("utf-8"))
        return str(choice.finish_reason or "")

    def _end(self, finished: str) -> None:
        """An answer is complete where the server says why it ended."""
        if finished == "content_filter":
            raise self._failed("filtered")
        if not finished and not self._has_begun:
            raise self._failed("no stream")
        if not finished:
            raise self._failed("cut off")
        if not self._has_begun:
            raise self._failed("empty")
        self._reasons.append(finished)

    def _failed(self, kind: Kind, said: str = "", **fields: object) -> GeneratorError:
        return failure(kind, said=said, where=self._settings.base_url, model=self._settings.model, **fields)

    def _explained(self, error: Exception) -> GeneratorError:
        """In words for the user: what disagrees, and what to check. Never the key, also where a server repeats it."""
        import openai

        if isinstance(error, openai.APITimeoutError):
            return self._failed("unreachable in time", seconds=self._settings.connect_timeout_s)
        if isinstance(error, openai.APIConnectionError) and self._has_begun:
            return self._failed("cut off")
        if isinstance(error, openai.APIConnectionError):
            return self._failed("unreachable", variable=BASE_URL)
        status = getattr(error, "status_code", 0)
        if status in (401, 403):
            return self._failed("key", status=status, variable=API_KEY)
        said = self._server_words(error)
        if status == 404:
            return self._failed("unknown model", variables=(MODEL, BASE_URL), said=said)
        if status == 429:
            return self._failed("limited", said=said)
        return self._failed("server", status=status, said=said) if status else self._failed("failed", said=said)

    def _server_words(self, error: Exception) -> str:
        """What the server says of the error, short, on one line, without the key."""
        body = getattr(error, "body", None)
        said = body.get("message") if isinstance(body, dict) else None
        key = self._settings.api_key
        words = " ".join(str(said or "").split())
        words = words.replace(key, "***") if key else words
        return words[:_MAX_SERVER_WORDS]


def _retry_after_s(error: Exception, default: float) -> float:
    """Seconds that the server asks for, where it says so as a number."""
    response = getattr(error, "response", None)
    asked = response.headers.get("retry-after", "") if response is not None else ""
    try:
        return max(float(asked), 0.0)
    except ValueError:
        return default
