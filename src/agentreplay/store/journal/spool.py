"""What was dropped from a spool because it was full: a line of JSON for each journal, so that nothing goes unsaid."""

import json
from pathlib import Path

import msgspec

__all__ = ["DROPPED", "Dropped", "dropped_in", "note_drop"]

DROPPED = "dropped.jsonl"


class Dropped(msgspec.Struct, frozen=True, kw_only=True):
    """How much was dropped so far."""

    journals: int = 0
    bytes: int = 0


def note_drop(spool: Path, journal: str, size: int) -> None:
    """Write down that a journal goes, before it does, with as many bytes as nobody else has."""
    with (spool / DROPPED).open("a", encoding="utf-8") as file:
        file.write(json.dumps({"journal": journal, "bytes": size}) + "\n")


def dropped_in(spool: Path) -> Dropped:
    """How much was dropped from a spool."""
    try:
        lines = (spool / DROPPED).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return Dropped()
    return Dropped(journals=len(lines), bytes=sum(map(_size, lines)))


def _size(line: str) -> int:
    try:
        return int(json.loads(line)["bytes"])
    except (ValueError, TypeError, KeyError):  # the power went while it was written
        return 0
