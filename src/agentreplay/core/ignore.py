"""Which files git would ignore: the patterns of `.gitignore` files, each in force below its own folder."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

__all__ = ["NO_RULES", "Rules"]


@dataclass(frozen=True)
class _Pattern:
    matches: re.Pattern[str]
    is_anchored: bool
    """Whether it is compared with the path from the folder it stands in, and not with the name alone."""
    for_folders: bool
    is_negated: bool


@dataclass(frozen=True)
class Rules:
    """The patterns in force in a folder: its own, and before them those of the folders above."""

    base: str = ""
    """The folder they were read in, relative to the outermost one; with a slash behind it, unless it is that."""
    patterns: tuple[_Pattern, ...] = ()
    above: Self | None = None

    def with_lines(self, base: str, text: str) -> "Rules":
        """These rules, and before them those of a file in a folder below."""
        patterns = tuple(_read(text))
        return Rules(base, patterns, self) if patterns else self

    def ignores(self, path: str, name: str, *, is_folder: bool) -> bool:
        """Whether a path is ignored. What lies in an ignored folder is, too; that is the caller's to know."""
        rules: Rules | None = self
        while rules is not None:
            within = path[len(rules.base) :]
            for pattern in reversed(rules.patterns):
                if pattern.for_folders and not is_folder:
                    continue
                if pattern.matches.fullmatch(within if pattern.is_anchored else name):
                    return not pattern.is_negated
            rules = rules.above
        return False


NO_RULES = Rules()


def _read(text: str) -> Iterator[_Pattern]:
    for raw in text.splitlines():
        line = re.sub(r"(?<!\\)\s+$", "", raw)
        if not line or line.startswith("#"):
            continue
        is_negated = line.startswith("!")
        line = line.removeprefix("!") if is_negated else line
        for_folders = line.endswith("/")
        line = line.rstrip("/")
        is_anchored = "/" in line
        if line := line.removeprefix("/"):
            yield _Pattern(_compiled(line), is_anchored, for_folders, is_negated)


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    found: list[str] = []
    place = 0
    while place < len(pattern):
        text, place = _part(pattern, place)
        found.append(text)
    return re.compile("".join(found), re.DOTALL)


def _part(pattern: str, place: int) -> tuple[str, int]:
    """What one part of a pattern is as a regular expression, and where the next one begins."""
    at_start = place == 0 or pattern[place - 1] == "/"
    if at_start and (pattern.startswith("**/", place) or pattern[place:] == "**"):
        return ("(?:.*/)?", place + 3) if pattern.startswith("**/", place) else (".*", place + 2)
    match pattern[place]:
        case "*":
            return "[^/]*", len(pattern) - len(pattern[place:].lstrip("*"))
        case "?":
            return "[^/]", place + 1
        case "[":
            return _set(pattern, place)
        case "\\" if place + 1 < len(pattern):
            return re.escape(pattern[place + 1]), place + 2
        case letter:
            return re.escape(letter), place + 1


def _set(pattern: str, place: int) -> tuple[str, int]:
    """A set of letters in brackets; a bracket that is never closed stands for itself."""
    first = place + 1
    is_negated = pattern[first : first + 1] in {"!", "^"}
    first += is_negated
    end = pattern.find("]", first + 1)
    if end < 0:
        return re.escape("["), place + 1
    letters = pattern[first:end].replace("\\", "\\\\").replace("[", "\\[").replace("^", "\\^")
    return f"(?!/)[{'^' if is_negated else ''}{letters}]", end + 1
