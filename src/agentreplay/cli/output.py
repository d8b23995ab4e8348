"""Where things are printed: data on stdout, everything else on stderr, colour only where somebody sees it."""

import json
import os
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, TextIO, cast

import click

__all__ = [
    "BOLD",
    "DIM",
    "PLAIN",
    "Cell",
    "Column",
    "Style",
    "clean",
    "data",
    "document",
    "fail",
    "has_colour",
    "hint",
    "is_terminal",
    "items",
    "note",
    "paint",
    "table",
    "terminal_width",
    "warn",
]

Style = Mapping[str, str | bool]
"""What click.style takes."""

PLAIN: Style = {}
BOLD: Style = {"bold": True}
DIM: Style = {"dim": True}

_NARROWEST = 8
_USUAL_WIDTH = 80
_GAP = "  "


class Column(NamedTuple):
    """A column of a table."""

    title: str
    right: bool = False
    elastic: bool = False
    """May be cut where the terminal is narrow."""


class Cell(NamedTuple):
    """A text in a table, and how it is painted."""

    text: str
    style: Style = PLAIN


def data(text: str) -> None:
    """Print what was asked for."""
    stream = sys.stdout
    encoding = getattr(stream, "encoding", None) or "utf-8"
    # A terminal that knows only ASCII gets question marks rather than nothing.
    stream.write(text.encode(encoding, "replace").decode(encoding) + "\n")


def document(value: object) -> None:
    """Print a value as JSON; for a person it is spread over lines."""
    indent = 2 if is_terminal(sys.stdout) else None
    text = json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value, indent=indent, allow_nan=False)
    sys.stdout.write(text + "\n")


def items(values: Sequence[object], following: str | None = None) -> None:
    """Print a list as JSON."""
    document({"items": values, "next": following})


def note(text: str) -> None:
    """Tell the person something that is no data."""
    _aside(clean(text))


def warn(text: str) -> None:
    """Tell the person about something that is not as it should be."""
    _aside(paint("warning:", {"fg": "yellow"}, sys.stderr) + " " + clean(text))


def hint(text: str) -> None:
    """Tell the person what to do next."""
    _aside(paint("hint:", {"fg": "cyan"}, sys.stderr) + " " + clean(text))


def fail(text: str) -> None:
    """Tell the person what went wrong."""
    _aside(paint("error:", {"fg": "red", "bold": True}, sys.stderr) + " " + clean(text))


def is_terminal(stream: TextIO) -> bool:
    """Whether a person looks at the stream."""
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False


def has_colour(stream: TextIO) -> bool:
    """Whether the stream may be painted: see https://no-color.org."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(text: str, style: Style, stream: TextIO | None = None) -> str:
    """The text in colour, where the stream (by default stdout) may have it."""
    if not style or not has_colour(stream or sys.stdout):
        return text
    return click.style(text, **cast("dict[str, Any]", style))


def terminal_width() -> int:
    """How many places a line has."""
    told = os.environ.get("COLUMNS", "")
    if told.isdecimal() and int(told):
        return int(told)
    for stream in (sys.__stdout__, sys.__stderr__):
        with suppress(OSError, ValueError, AttributeError):  # no terminal, closed, or none at all
            return os.get_terminal_size(stream.fileno()).columns or _USUAL_WIDTH  # type: ignore[union-attr]
    return _USUAL_WIDTH


def clean(text: str) -> str:
    """The text on one line and without anything that a terminal would obey: recordings hold foreign text."""
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else " " if letter.isspace() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )


def table(columns: Sequence[Column], rows: Sequence[Sequence[Cell | str]], width: int | None = None) -> Iterator[str]:
    """The lines of a table with its heading; cut to the width, by default that of the terminal."""
    heading = [Cell(column.title, DIM) for column in columns]
    cells = [[_cell(cell) for cell in row] for row in (heading, *rows)]
    sizes = [[_width(cell.text) for cell in row] for row in cells]
    widths = [max(column) for column in zip(*sizes, strict=True)]
    _fit(widths, columns, _available(width))
    for row, taken in zip(cells, sizes, strict=True):
        parts = zip(row, taken, columns, widths, strict=True)
        yield _GAP.join([_padded(*part) for part in parts]).rstrip()


def _aside(text: str) -> None:
    stream = sys.stderr
    encoding = getattr(stream, "encoding", None) or "utf-8"
    # What was printed before comes before, also where both streams end in one file.
    sys.stdout.flush()
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    stream.flush()


def _available(width: int | None) -> int | None:
    """None where the output goes to a program, which gets everything."""
    return terminal_width() if width is None and is_terminal(sys.stdout) else width


def _fit(widths: list[int], columns: Sequence[Column], width: int | None) -> None:
    """Take from the widest elastic column until the line fits or nothing can be taken."""
    if width is None:
        return
    surplus = sum(widths) + len(_GAP) * (len(widths) - 1) - width
    elastic = [place for place, column in enumerate(columns) if column.elastic]
    while surplus > 0 and elastic:
        widest = max(elastic, key=lambda place: widths[place])
        if widths[widest] <= _NARROWEST:
            return
        widths[widest] -= 1
        surplus -= 1


def _cell(cell: Cell | str) -> Cell:
    if isinstance(cell, str):
        return Cell(clean(cell))
    return cell if cell.text.isprintable() else Cell(clean(cell.text), cell.style)


def _padded(cell: Cell, size: int, column: Column, width: int) -> str:
    text = cell.text
    if size > width:
        text = _cut(text, width)
        size = _width(text)
    space = " " * (width - size)
    text = paint(text, cell.style)
    return space + text if column.right else text + space


def _cut(text: str, width: int) -> str:
    text = text[:width]
    while text and _width(text) >= width:
        text = text[:-1]
    return text.rstrip() + "…"


def _width(text: str) -> int:
    """How many places of a terminal the text takes: East Asian letters take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )
