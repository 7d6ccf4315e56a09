"""Citations hold, and what does not stand in them is found out: digit by digit, over all sample documents."""

import random
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.sentences import split_article
from index.store import Index
from index.types import Document, Sentence
from rag.cite import cite, page_of
from rag.reader import in_answer
from rag.types import Citation, Draft, Passage

from .pieces import documents_of, passage

ONE = passage("青河大桥的主跨长620米，占3.5%。", "《桥》写到“大风”。", "“三天”后通车！", title="桥")
TWO = passage("白水桥长480米。", label=2, doc_id="b.txt", title="白水桥")
EVIDENCE = {1: (ONE.sentences[0], ONE), 2: (ONE.sentences[1], ONE), 3: (TWO.sentences[0], TWO)}
DOCUMENTS = documents_of(ONE, TWO)
NUMBER = re.compile(r"\d+(?:[.,]\d+)*%?")


def verdicts(text: str) -> list[bool]:
    return [claim.supported for claim in cite(Draft(text, EVIDENCE), DOCUMENTS)[2]]


def check(draft: Draft, document_of: Callable[[str], Document]) -> tuple[Citation, ...]:
    """What holds for any draft; returns its citations."""
    text, citations, claims = cite(draft, document_of)
    labels = {int(label) for label in re.findall(r"\[(\d{1,3})\]", text)}
    assert labels <= draft.evidence.keys()
    assert {c.label for c in citations} == labels
    assert [c.label for c in citations] == sorted(c.label for c in citations)
    for citation in citations:
        assert document_of(citation.doc_id).text[citation.start : citation.end] == citation.quote
    at = 0
    for claim in claims:
        assert text[at : claim.start].strip() == "" or re.fullmatch(r"[\s\[\]\d]*", text[at : claim.start])
        assert claim.start < claim.end <= len(text)
        assert set(claim.labels) <= labels
        assert claim.labels or not claim.supported
        at = claim.end
    assert re.fullmatch(r"[\s\[\]\d]*", text[at:])
    return citations


def test_a_citation_says_where_its_quote_stands() -> None:
    text, citations, claims = cite(Draft("主跨长620米。[1]\n白水桥长480米。[3]", EVIDENCE), DOCUMENTS)
    assert text == "主跨长620米。[1]\n白水桥长480米。[3]"
    assert citations == (
        Citation(1, "a.txt", 0, "桥", 0, 19, "青河大桥的主跨长620米，占3.5%。", "2024-01-01", "本报"),
        Citation(3, "b.txt", 0, "白水桥", 0, 9, "白水桥长480米。", "2024-01-01", "本报"),
    )
    assert [(text[c.start : c.end].strip(), c.labels, c.supported) for c in claims] == [
        ("主跨长620米。[1]", (1,), True),
        ("白水桥长480米。[3]", (3,), True),
    ]


@pytest.mark.parametrize(
    ("draft", "text", "labels"),
    [
        ("主跨长620米[7]。", "主跨长620米。", []),
        ("主跨长620米[0]。[1]", "主跨长620米。[1]", [1]),
        ("主跨长620米。[1][9][999]", "主跨长620米。[1]", [1]),
        ("没有出处。", "没有出处。", []),
        ("[3][1]", "[3][1]", [1, 3]),
        ("", "", []),
        ("见[-1]和[1a]", "见[-1]和[1a]", []),
    ],
)
def test_labels_that_do_not_exist_are_dropped(draft: str, text: str, labels: list[int]) -> None:
    found, citations, _ = cite(Draft(draft, EVIDENCE), DOCUMENTS)
    assert found == text
    assert [c.label for c in citations] == labels


def test_a_sentence_cut_by_a_column_has_several_citations_under_one_label() -> None:
    document = Document("cut.txt", "主跨长6\n\n别的文章。\n\n20米，上月合龙。", "", page_starts=(0, 12))
    sentence = Sentence(((0, 4), (13, 22)), "主跨长620米，上月合龙。")
    assert "".join(document.text[a:b] for a, b in sentence.spans) == sentence.text
    own = Passage(1, "cut.txt", 0, "桥", "", "", (sentence,), ())
    draft = Draft(f"{sentence.text}[1]", {1: (sentence, own)})
    citations = check(draft, lambda _: document)
    assert [(c.label, c.quote, c.page) for c in citations] == [
        (1, "主跨长6", 1),
        (1, "20米，上月合龙。", 2),
    ]
    assert [claim.supported for claim in cite(draft, lambda _: document)[2]] == [True]  # 620 is whole again


@pytest.mark.parametrize(
    ("sentence", "supported"),
    [
        ("主跨长620米。[1]", True),
        ("占3.5%。[1]", True),
        ("占3.5。[1]", False),
        ("占35%。[1]", False),
        ("主跨长62米。[1]", False),
        ("主跨长6米，占20%。[1]", False),
        ("主跨长480米。[1]", False),
        ("大桥的主跨长620米，白水桥长480米。[1][3]", True),
        ("大桥长620米和480米。[1][3]", False),  # which of them is as long as that, nobody can check
        ("两座桥长620米和480米。[1][3]", False),  # nobody says that there are two
        ("主跨长620公里。[1]", False),
        ("白水桥长480米，青河大桥的主跨占3.5％。[1][3]", True),
        ("主跨长620米。", False),
        ("《桥》写到大风。[2]", True),
        ("《 桥 》写到大风。[2]", True),
        ("《河》写到大风。[2]", False),
        ("写到“大风”。[2]", True),
        ("写到“小风”。[2]", False),
        ("写到“大风”。[1]", False),
        ("写到大风。[2]", True),
    ],
)
def test_numbers_titles_and_quoted_words_must_stand_in_the_quote(sentence: str, supported: bool) -> None:
    assert verdicts(sentence) == [supported]


def test_each_sentence_is_a_claim_of_its_own() -> None:
    assert verdicts("主跨长620米。[1]主跨长621米。[1]\n白水桥长480米。[3]没有出处！") == [
        True,
        False,
        True,
        False,
    ]
    assert verdicts("[1]\n\n[3]") == []


def test_what_stands_before_the_label_in_the_same_quote_is_carried_by_it() -> None:
    heading = passage("桥有多长？620米！", "另一句。")
    evidence = {1: (heading.sentences[0], heading)}
    for text, expected in (
        ("桥有多长？620米！[1]", [True, True]),
        ("桥有多宽？620米！[1]", [False, True]),  # not in the quote: nothing carries it
        ("桥有多长？\n620米！[1]", [False, True]),  # on a line of its own
        ("桥有多长？620米！[1]另一句。", [True, True, False]),
    ):
        _, _, claims = cite(Draft(text, evidence), documents_of(heading))
        assert [c.supported for c in claims] == expected, text
        assert [bool(c.labels) for c in claims] == expected, text


def test_what_nothing_carries_can_be_left_out() -> None:
    draft = Draft("主跨长620米。[1]主跨长621米。[1]\n白水桥长480米。[3]没有出处！[9]", EVIDENCE)
    text, citations, claims = cite(draft, DOCUMENTS, drop_unsupported=True)
    assert text == "主跨长620米。[1]白水桥长480米。[3]"
    assert [c.label for c in citations] == [1, 3]
    assert [(text[c.start : c.end], c.labels, c.supported) for c in claims] == [
        ("主跨长620米。[1]", (1,), True),
        ("白水桥长480米。[3]", (3,), True),
    ]
    nothing_left = Draft("主跨长621米。[1]没有出处！", EVIDENCE)
    assert cite(nothing_left, DOCUMENTS, drop_unsupported=True) == cite(nothing_left, DOCUMENTS)


def test_a_number_that_a_line_break_cuts_is_whole_in_the_answer() -> None:
    wrapped = passage("主跨长62\n0米，宽31米。")
    sentence = wrapped.sentences[0]
    draft = Draft(f"{in_answer(sentence.text)}[1]", {1: (sentence, wrapped)})
    assert draft.text == "主跨长620米，宽31米。[1]"
    _, (citation,), (claim,) = cite(draft, documents_of(wrapped))
    assert citation.quote == "主跨长62\n0米，宽31米。"
    assert claim.supported
    wrong = Draft("主跨长621米。[1]", {1: (sentence, wrapped)})
    assert not cite(wrong, documents_of(wrapped))[2][0].supported


@given(st.text(alphabet="[]0123。？！\n《桥》“大风”甲620 ", max_size=80))
def test_any_draft_gives_citations_that_hold(text: str) -> None:
    check(Draft(text, EVIDENCE), DOCUMENTS)


@given(st.text(max_size=60))
def test_any_text_gives_citations_that_hold(text: str) -> None:
    check(Draft(f"{text}[1]", EVIDENCE), DOCUMENTS)


@pytest.fixture(scope="module")
def quoted(sample: Index) -> list[tuple[Document, Draft]]:
    """An answer of one quoted sentence, for each sentence of the sample documents."""
    drafts = []
    for article in sample.articles():
        document = sample.document(article.doc_id)
        assert document is not None
        for sentence in split_article(article, document.text):
            own = Passage(1, document.doc_id, article.number, article.title, "", "", (sentence,), ())
            drafts.append((document, Draft(f"{in_answer(sentence.text)}[1]", {1: (sentence, own)})))
    return drafts


def test_every_sentence_of_the_sample_can_be_cited(quoted: list[tuple[Document, Draft]]) -> None:
    assert len(quoted) > 200
    for document, draft in quoted:
        check(draft, lambda _, document=document: document)
        assert all(claim.supported for claim in cite(draft, lambda _, d=document: d)[2]), draft.text


def test_one_changed_digit_of_an_answer_is_found_out(quoted: list[tuple[Document, Draft]]) -> None:
    rng, n_cases = random.Random(1), 0
    for document, draft in quoted:
        cited = "".join(document.text[a:b] for a, b in draft.evidence[1][0].spans)
        numbers = set(NUMBER.findall(cited))
        for match in re.finditer(r"\d", draft.text[: -len("[1]")]):
            for digit in rng.sample([d for d in "0123456789" if d != match.group()], 4):
                changed = draft.text[: match.start()] + digit + draft.text[match.end() :]
                if set(NUMBER.findall(changed[: -len("[1]")])) <= numbers:
                    continue  # another number of the same quote came out
                _, citations, claims = cite(Draft(changed, draft.evidence), lambda _, d=document: d)
                assert not all(claim.supported for claim in claims), changed
                assert "".join(c.quote for c in citations) == cited
                n_cases += 1
    assert n_cases > 2000


def test_one_changed_digit_of_a_document_changes_the_quote(
    quoted: list[tuple[Document, Draft]],
) -> None:
    rng, n_cases = random.Random(2), 0
    for document, draft in quoted:
        sentence = draft.evidence[1][0]
        before = [document.text[a:b] for a, b in sentence.spans]
        for at in (i for a, b in sentence.spans for i in range(a, b) if document.text[i].isdecimal()):
            digit = rng.choice([d for d in "0123456789" if d != document.text[at]])
            other = Document(document.doc_id, document.text[:at] + digit + document.text[at + 1 :], "")
            _, citations, claims = cite(draft, lambda _, d=other: d)
            assert [c.quote for c in citations] == [other.text[a:b] for a, b in sentence.spans] != before
            asked = set(NUMBER.findall(draft.text[: -len("[1]")]))
            if not asked <= set(NUMBER.findall("".join(c.quote for c in citations))):
                assert not all(claim.supported for claim in claims)
                n_cases += 1
    assert n_cases > 500


@pytest.mark.parametrize(("offset", "page"), [(0, 1), (9, 1), (10, 2), (19, 2), (20, 3), (500, 3)])
def test_pages_count_from_one(offset: int, page: int) -> None:
    assert page_of(Document("a.pdf", "字" * 30, "", page_starts=(0, 10, 20)), offset) == page
    assert page_of(Document("a.txt", "字" * 30, ""), offset) is None
