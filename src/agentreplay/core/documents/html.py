"""HTML: its blocks are what a browser shows as such, without markup, scripts and styles, each under its headings."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from agentreplay.core.documents.chunk import Block

__all__ = ["blocks_of_html"]

_SILENT = frozenset({"script", "style", "template", "noscript", "svg"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _HEADINGS | frozenset(
    "address article aside blockquote body br dd details div dl dt figcaption figure footer form header hr html li "
    "main nav ol p pre section summary table td th title tr ul".split()
)
_SPACE = re.compile(r"\s+")
_BETWEEN = " > "


def blocks_of_html(text: str) -> Iterator[Block]:
    """The texts between the tags of blocks, in order."""
    reading = _Reading()
    reading.feed(text)
    reading.close()
    reading.end_block()
    yield from reading.blocks


class _Reading(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self._headings: dict[int, str] = {}
        self._text: list[str] = []
        self._lines: tuple[int, int] | None = None
        self._silent = 0
        self._preserved = 0
        self._heading: int | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _SILENT:
            self._silent += 1
        if tag in _BLOCKS:
            self.end_block()
        if tag == "pre":
            self._preserved += 1
        if tag in _HEADINGS:
            self._heading = int(tag[1])

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        if tag in _BLOCKS:
            self.end_block()
        if tag == "pre":
            self._preserved = max(0, self._preserved - 1)
        if tag in _HEADINGS:
            self._heading = None

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if data.strip():
            line = self.getpos()[0]
            first = line + len(data[: len(data) - len(data.lstrip())].split("\n")) - 1
            last = line + data.rstrip().count("\n")
            self._lines = (first if self._lines is None else self._lines[0], last)
        self._text.append(data)

    def end_block(self) -> None:
        """What was read since the last block is one."""
        whole = "".join(self._text)
        text = whole.strip("\n") if self._preserved else _SPACE.sub(" ", whole).strip()
        self._text = []
        lines, self._lines = self._lines, None
        if not text.strip() or lines is None:
            return
        if self._heading is not None:
            level = self._heading
            self._headings = {deep: title for deep, title in self._headings.items() if deep < level} | {level: text}
        heading = _BETWEEN.join(self._headings[level] for level in sorted(self._headings))
        self.blocks.append(Block(text, *lines, heading))
