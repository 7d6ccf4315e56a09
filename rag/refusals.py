"""What is said where the documents do not answer: the words of a refusal, and how a conversation knows them again."""

from index.terms import split_terms

from .conversation.smalltalk import is_foreign

REFUSAL = "文档里没有找到这个问题的答案。"
REFUSAL_NOT_CHINESE = "文档是中文的，请用中文提问。(The documents are in Chinese: please ask in Chinese.)"
REFUSAL_NO_WORDS = "没有看懂这个问题：里面没有可以查找的词。请换一种说法。"


def refusal_text(question: str) -> str:
    """How a question is refused: it has no words, is in another language, or the documents do not say."""
    if not split_terms(question):
        return REFUSAL_NO_WORDS
    return REFUSAL_NOT_CHINESE if is_foreign(question) else REFUSAL


def is_refusal(answer: str) -> bool:
    """Whether the text of an answer is a refusal, wherever it was kept."""
    return answer.strip() in (REFUSAL, REFUSAL_NOT_CHINESE, REFUSAL_NO_WORDS)
