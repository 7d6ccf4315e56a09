"""Text -> HTML that shows exactly this text, wherever it lands.

Documents, titles, file names, questions and answers are untrusted. What is written here passes through Markdown (the
chat), through a template with `${...}` (the source pane) and through a sanitizer, so it is not enough to escape what
HTML minds: every ASCII character that is no letter, digit or space becomes a character reference, and none of them
finds anything to interpret. Nothing is removed.
"""

from collections.abc import Mapping


def escape_text(text: str) -> str:
    """The text with every ASCII sign and control character as a character reference: one line, safe in attributes."""
    return "".join(_reference(character) for character in text)


def _reference(character: str) -> str:
    code = ord(character)
    if code == 0 or 0xD800 <= code <= 0xDFFF:
        return "&#xFFFD;"  # NUL and halves of surrogate pairs cannot be written in HTML
    if code in (0x2028, 0x2029) or (code < 0x80 and character != " " and not character.isalnum()):
        return f"&#{code};"
    return character


def tag(name: str, content: str = "", attributes: Mapping[str, str] | None = None) -> str:
    """`<name attributes>content</name>`. `content` is markup already; attribute values are escaped here."""
    written = "".join(f' {key}="{escape_text(value)}"' for key, value in (attributes or {}).items())
    return f"<{name}{written}>{content}</{name}>"


def styled(name: str, style: str, content: str = "", **attributes: str) -> str:
    """`tag` with a class, which nearly every element here has. `_` in a keyword stands for `-`."""
    return tag(name, content, {"class": style} | {key.replace("_", "-"): v for key, v in attributes.items()})


def isolated(text: str) -> str:
    """Foreign text inside a line of ours: its right-to-left marks end where it ends."""
    return tag("bdi", escape_text(text))
