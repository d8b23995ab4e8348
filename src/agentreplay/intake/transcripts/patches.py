"""What becomes of a file's text by a unified diff; None where the diff does not fit the text."""

import re
from collections.abc import Iterator

__all__ = ["patched"]

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@")
_NO_NEWLINE = "\\"
_HEADS = ("--- ", "+++ ")


def patched(before: str, diff: str) -> str | None:
    """The text after the diff. Every line that the diff keeps or takes away must stand where it says."""
    old, new = _lines(before), list[str]()
    at = 0
    is_within = False
    for mark, line in _steps(diff):
        if mark == "@":
            start = _start(line)
            if start is None or not at <= start <= len(old):
                return None
            new += old[at:start]
            at, is_within = start, True
        elif not is_within:
            if not (mark + line).startswith(_HEADS):
                return None
        elif mark == "+":
            new.append(line)
        else:
            if mark not in {" ", "-"} or at >= len(old) or old[at] != line:
                return None
            at += 1
            new += [line] if mark == " " else []
    return "".join(new + old[at:]) if is_within else None


def _start(head: str) -> int | None:
    """Behind how many lines of the old text a hunk begins; one that takes no line names the line before it."""
    found = _HUNK.match(f"@{head}")
    if found is None:
        return None
    first = int(found[1])
    return first if found[2] == "0" else first - 1


def _steps(diff: str) -> Iterator[tuple[str, str]]:
    """Each line of a diff by its mark. The end of a line belongs to it, unless the next one says otherwise."""
    lines = diff.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    for number, line in enumerate(lines):
        # Some leave out the blank before an empty line.
        mark, rest = (line[0], line[1:]) if line else (" ", "")
        if mark == _NO_NEWLINE:
            continue
        is_last = number + 1 < len(lines) and lines[number + 1].startswith(_NO_NEWLINE)
        yield mark, rest if mark == "@" or is_last else f"{rest}\n"


def _lines(text: str) -> list[str]:
    """The lines of a text with their ends, of which only a line feed is one."""
    *whole, last = text.split("\n")
    return [f"{line}\n" for line in whole] + ([last] if last else [])
