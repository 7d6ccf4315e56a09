"""The reader with a language model: passages -> its words -> a verified answer, or why there is none."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace

from .errors import GeneratorError
from .language_model.failures import failure
from .language_model.prompts import answer_messages, rewrite_messages
from .language_model.writer import DraftWriter
from .settings import ModelSettings, RagSettings
from .types import Answer, Citation, Claim, Draft, LanguageModel, Notice, Passage, ResetEvent, TextEvent, Turn
from .verify import carrier_of, facts_of, missing_facts

Verify = Callable[[Draft], tuple[str, tuple[Citation, ...], tuple[Claim, ...]]]
Events = Generator[TextEvent | ResetEvent, None, Answer]
INSTEAD = Notice("下面是从原文摘录的答案。", "This answer is quoted from the articles instead.")
CUT = Notice("语言模型的答案太长，在这里截断了。", "The language model's answer is too long, and was cut off here.")
MODEL_REFUSED = Notice(
    "语言模型读了找到的段落，认为其中没有答案。",
    "The language model read the passages that were found, and holds that they do not say.",
)
_MAX_WRITTEN_CHARS = 200_000
"""What a model may write in all: more than any that thinks before it answers."""
_MAX_REWRITTEN_CHARS = 200
_MAX_TURN_CHARS = 300
_N_TURNS = 4


def open_model(settings: ModelSettings) -> LanguageModel:
    """The language model that the settings name; a local one is loaded. Raises ModelError."""
    if settings.base_url:
        from .language_model.remote_model import RemoteModel

        return RemoteModel(settings)
    from .language_model.local_model import LocalModel

    return LocalModel(settings)


def generate(
    model: LanguageModel, passages: Sequence[Passage], extract: Answer, verify: Verify, settings: RagSettings
) -> Events:
    """Streams the words of the language model and returns its answer, whose text is what was streamed.

    `extract` is the extractive answer to the same question. Where the model gives no answer that can be used (it
    fails, or nothing that it says is carried by the passages), what was streamed is taken back, and the extractive
    answer is returned with a notice that says so. Where the model says that the passages do not say, the answer is
    `refused` and has no text. In both cases the text is still to be streamed.
    """
    numbered = [replace(passage, label=label) for label, passage in enumerate(passages, start=1)]
    writer = DraftWriter(numbered, settings.drop_unsupported)
    messages = answer_messages(extract.standalone_question, numbered, settings.max_prompt_chars)
    try:
        is_cut = yield from _write(model.stream(messages), writer, settings.max_answer_chars)
        if writer.refused:
            nothing = replace(extract, text="", short="", citations=(), claims=(), model=model.name)
            return replace(nothing, refused=True, notices=(MODEL_REFUSED,))
        text, citations, claims = verify(writer.draft)
        if not any(claim.supported for claim in claims):
            raise failure("unsupported", model=model.name)
    except GeneratorError as error:
        if writer.text:
            yield ResetEvent()
        instead = Notice(f"{error}{INSTEAD.chinese}", f"{error.english} {INSTEAD.english}")
        return replace(extract, notices=(*extract.notices, instead))
    notices = (*extract.notices, *((CUT,) if is_cut else ()))
    return replace(extract, text=text, short="", citations=citations, claims=claims, model=model.name, notices=notices)


def _write(
    deltas: Generator[str, None, str], writer: DraftWriter, max_chars: int
) -> Generator[TextEvent | ResetEvent, None, bool]:
    """Feeds the writer until the model ends, refuses, repeats itself or has written enough; whether it was cut."""
    n_chars = 0
    try:
        while len(writer.text) < max_chars and not writer.refused and not writer.repeats:
            if n_chars > _MAX_WRITTEN_CHARS:  # thoughts and white space, which are not shown
                break
            try:
                delta = next(deltas)
                n_chars += len(delta)
            except StopIteration as end:
                yield from writer.finish()
                return end.value == "length"
            events = list(writer.feed(delta))
            yield from events or [TextEvent("")]
        is_cut = not writer.refused
        if is_cut:
            yield from writer.finish()
        return is_cut
    finally:
        deltas.close()


def rewrite_with_model(model: LanguageModel, question: str, history: Sequence[Turn], base: str) -> str:
    """The question as the model completes it, or `base`, the rules' one, where the model fails or invents.

    It may hold no number, name or Latin word that neither the question nor the conversation holds.
    """
    deltas = model.stream(rewrite_messages(question, history[-_N_TURNS:], _MAX_TURN_CHARS))
    written = ""
    try:
        for delta in deltas:
            written += delta
            if len(written) > _MAX_REWRITTEN_CHARS:
                return base
    except GeneratorError:
        return base
    finally:
        deltas.close()
    rewritten = written.strip().strip('“”"').strip()
    said = [carrier_of(text) for turn in history for text in (turn.question, turn.standalone_question, turn.answer)]
    known = [carrier_of(question), carrier_of(base), *said]
    if not rewritten or "\n" in rewritten or "<" in rewritten or missing_facts(facts_of(rewritten), known):
        return base
    return rewritten
