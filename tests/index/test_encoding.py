"""Which encoding some bytes are in, when nobody says."""

import pytest

from index.formats.encoding import decode, detect

SIMPLIFIED = "大桥昨天合龙，两岸的车程缩短到五分钟。\r\n村民们高兴地说：“这一天我们盼了很久。”"
TRADITIONAL = "大橋昨天合龍，兩岸的車程縮短到五分鐘。\n村民們高興地說：「這一天我們盼了很久。」"


@pytest.mark.parametrize("n_chars", [12, 20, len(TRADITIONAL)])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "gb18030", "big5"])
def test_an_encoding_without_a_mark_is_found_from_a_few_characters_on(encoding: str, n_chars: int) -> None:
    text = (TRADITIONAL if encoding == "big5" else SIMPLIFIED)[:n_chars]
    assert decode(text.encode(encoding)) == (text, encoding)


@pytest.mark.parametrize(
    ("encoding", "named"), [("utf-8-sig", "utf-8"), ("utf-16", "utf-16"), ("gb18030", "gb18030"), ("big5", "big5")]
)
def test_an_english_head_does_not_hide_the_encoding_of_what_follows(encoding: str, named: str) -> None:
    text = "id,title,text\n" * 1000 + TRADITIONAL * 3
    assert decode(text.encode(encoding)) == (text, named)


def test_plain_english_is_read_in_utf_16_without_a_mark() -> None:
    text = "The bridge was closed.\n"
    assert decode(text.encode("utf-16-le")) == (text, "utf-16-le")


@pytest.mark.parametrize(
    ("text", "encoding", "named"),
    [
        ("裏銹恒碁粧嫺，村民們說：「大橋合龍，這一天我們盼了很久。」", "cp950", "cp950"),
        ("大橋合龍，這一天我們盼了很久，嘅係咗。", "big5hkscs", "big5hkscs"),
    ],
)
def test_what_windows_and_hong_kong_added_to_big5_is_read(text: str, encoding: str, named: str) -> None:
    with pytest.raises(UnicodeEncodeError):
        text.encode("big5")
    assert decode(text.encode(encoding)) == (text, named)


@pytest.mark.parametrize("data", [b"\xff" * 9, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", bytes(range(256)) * 4])
def test_what_is_no_text_is_none(data: bytes) -> None:
    assert decode(data) is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "big5"])
def test_a_sample_that_ends_inside_a_character_is_enough(encoding: str) -> None:
    data = (TRADITIONAL * 3).encode(encoding)
    for n_bytes in range(60, 80):
        found = detect(data[:n_bytes])
        assert data.decode(found) == TRADITIONAL * 3
