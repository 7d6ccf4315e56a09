"""What an empty conversation says, and the first questions that it offers."""

from .texts import Texts
from .types import AskableEngine

N_EXAMPLES = 4
MAX_EXAMPLE_TITLE_CHARS = 40


def first_questions(engine: AskableEngine, texts: Texts) -> list[str]:
    """Questions to begin with: those that the engine knows, and where they are few, some from titles."""
    found = (*engine.first_questions(N_EXAMPLES), *example_questions(engine, texts))
    return list(dict.fromkeys(found))[:N_EXAMPLES]


def example_questions(engine: AskableEngine, texts: Texts) -> list[str]:
    """First questions from the titles of the index: of as many documents as possible, in the order of the index."""
    titles: dict[str, str] = {}
    for article in engine.articles():
        if is_suggestible(article.title) and not article.unplaced:
            titles.setdefault(article.doc_id, article.title)
        if len(titles) == N_EXAMPLES:
            break
    return [texts.example.format(title) for title in titles.values()]


def is_suggestible(title: str) -> bool:
    """Whether a title reads well inside a question: short, and without control or direction marks."""
    return 0 < len(title) <= MAX_EXAMPLE_TITLE_CHARS and title.isprintable()


def greeting(texts: Texts) -> str:
    """What the empty conversation says."""
    return f"## {texts.title}\n\n{texts.subtitle}\n\n{texts.chat_empty}"
