"""The lines of a transcript, each with its place in the file."""

from typing import NamedTuple

__all__ = ["Line", "split_lines"]


class Line(NamedTuple):
    """A line without its end, or a whole document."""

    offset: int
    data: bytes


def split_lines(data: bytes, offset: int, *, is_whole: bool) -> tuple[list[Line], int]:
    """The lines in bytes that begin at this place of their file, and the place behind the last of them.

    A last line without an end may still be written, so it is left for later unless the file `is_whole`. Lines of
    nothing but blanks are passed over.
    """
    lines: list[Line] = []
    start = 0
    while (end := data.find(b"\n", start)) >= 0:
        _add(lines, offset + start, data[start:end])
        start = end + 1
    if is_whole and start < len(data):
        _add(lines, offset + start, data[start:])
        start = len(data)
    return lines, offset + start


def _add(lines: list[Line], offset: int, data: bytes) -> None:
    data = data.rstrip(b"\r")
    if data and not data.isspace():
        lines.append(Line(offset, data))
