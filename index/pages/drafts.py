"""An article while its page is being read."""

from dataclasses import dataclass, field, replace

from .lines import Line
from .marks import ends_sentence


@dataclass(slots=True, eq=False)
class Draft:
    """Lists of lines in reading order."""

    titles: list[Line] = field(default_factory=list)
    top: list[Line] = field(default_factory=list)
    body: list[Line] = field(default_factory=list)
    """Paragraphs, captions, section headings (`short`) and what stands between them."""
    end: list[Line] = field(default_factory=list)
    amid: int = 0
    """Where in the body the headline stands that has text on both sides; 0 for none."""

    def lines(self) -> list[Line]:
        return self.titles + self.top + self.body + self.end

    def paragraphs(self) -> list[Line]:
        return [line for line in self.body if line.kind == "body"]

    def texts(self) -> list[str]:
        return [line.text for line in self.titles + self.paragraphs()]

    def breaks_off(self) -> bool:
        """Whether its last paragraph does not end where a sentence may end, or a note says that it goes on."""
        paragraphs = self.paragraphs()
        return (bool(paragraphs) and not ends_sentence(paragraphs[-1].text)) or self.has("forward")

    def moved_by(self, offset: int) -> "Draft":
        """The same with all offsets larger by this one: of a page whose text begins there in the document."""
        titles, top, body, end = (
            [replace(line, start=line.start + offset, end=line.end + offset) for line in lines]
            for lines in (self.titles, self.top, self.body, self.end)
        )
        return Draft(titles, top, body, end, self.amid)

    def has(self, kind: str) -> bool:
        return any(line.kind == kind for line in self.lines())

    def signed(self) -> bool:
        """Whether a dateline or a byline stands above its text."""
        return any(line.kind in ("dateline", "byline") for line in self.top)
