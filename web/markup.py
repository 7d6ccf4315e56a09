"""Text -> HTML that shows exactly this text, wherever it lands.

Documents, titles, file names, questions and answers are untrusted. What is written here passes through Markdown (the
chat), through a template with `${...}` (the source pane) and through a sanitizer, so it is not enough to escape what
HTML minds: every ASCII character that is no letter, digit or space becomes a character reference, and none of them
finds anything to interpret. Nothing is removed.
"""

from collections.abc import Mapping

_REFERENCES = {
    **{code: f"&#{code};" for code in range(0x80) if not (chr(code).isalnum() or chr(code) == " ")},
    **{code: f"&#{code};" for code in (0x2028, 0x2029)},  # JavaScript takes them for line ends
    **dict.fromkeys([0, *range(0xD800, 0xE000)], "&#xFFFD;"),  # NUL and half surrogates cannot be written in HTML
}


def escape_text(text: str) -> str:
    """The text with every ASCII sign and control character as a reference: one line, also safe in attributes."""
    return text.translate(_REFERENCES)


def tag(name: str, content: str = "", attributes: Mapping[str, str] | None = None) -> str:
    """`<name attributes>content</name>`. `content` is markup already; attribute values are escaped here."""
    written = "".join(f' {key}="{escape_text(value)}"' for key, value in (attributes or {}).items())
    return f"<{name}{written}>{content}</{name}>"


def styled(name: str, style: str, content: str = "", **attributes: str) -> str:
    """`tag` with a class, which nearly every element here has. `_` in a keyword stands for `-`."""
    return tag(name, content, {"class": style} | {key.replace("_", "-"): v for key, v in attributes.items()})


def notice(text: str) -> str:
    """What happened, said to the reader, and to a screen reader when it changes."""
    return styled("div", "wd-notice", escape_text(text), role="status")


def isolated(text: str) -> str:
    """Foreign text inside a line of ours: its right-to-left marks end where it ends."""
    return tag("bdi", escape_text(text))
