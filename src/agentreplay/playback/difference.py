"""The smallest structural difference between two values, and how to say it in a line or two."""

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from agentreplay.model.values import Value, is_map
from agentreplay.playback.canonical import dump

__all__ = ["ABSENT", "Difference", "compare", "shown"]

_WIDE = 72
_AROUND = 24
_MOST_ALIGNED = 2_000
"""Beyond so many items on both sides, aligning them would take longer than anyone waits."""


class _Absent:
    def __repr__(self) -> str:
        return "(nothing)"


ABSENT = _Absent()
"""Stands where one side has nothing."""


@dataclass(frozen=True)
class Difference:
    """Where two values differ, and what stands there."""

    path: str
    expected: Value
    got: Value

    @property
    def told(self) -> dict[str, Value]:
        """The difference as JSON; a side that has nothing is left out."""
        sides = {"expected": self.expected, "got": self.got}
        return {"path": self.path, **{name: side for name, side in sides.items() if side is not ABSENT}}


def compare(expected: Value, got: Value, path: str = "") -> Iterator[Difference]:
    """The differences in order. Items that were put in or taken out of a list are told as such.

    Numbers are compared as they are written: 1 is neither 1.0 nor true.
    """
    if is_map(expected) and is_map(got):
        yield from _compare_fields(expected, got, path)
    elif _is_row(expected) and _is_row(got):
        yield from _compare_items(expected, got, path)
    elif not _is_same(expected, got):
        inner = _both_json(expected, got) if isinstance(expected, str) and isinstance(got, str) else None
        if inner is None:
            yield Difference(path or "the whole", expected, got)
        else:
            yield from compare(*inner, path)


def shown(difference: Difference) -> tuple[str, str]:
    """Both sides in one line each; of long texts the part around the first difference."""
    expected, got = difference.expected, difference.got
    if isinstance(expected, str) and isinstance(got, str):
        pairs = enumerate(zip(expected, got, strict=False))
        start = next((number for number, (one, other) in pairs if one != other), min(len(expected), len(got)))
        return _excerpt(expected, start), _excerpt(got, start)
    return _one_line(expected), _one_line(got)


def _compare_fields(expected: Mapping[str, Value], got: Mapping[str, Value], path: str) -> Iterator[Difference]:
    for key in [*expected, *(key for key in got if key not in expected)]:
        here = _below(path, key)
        if key not in got:
            yield Difference(here, expected[key], ABSENT)
        elif key not in expected:
            yield Difference(here, ABSENT, got[key])
        else:
            yield from compare(expected[key], got[key], here)


def _compare_items(expected: Sequence[Value], got: Sequence[Value], path: str) -> Iterator[Difference]:
    if len(expected) == len(got) or len(expected) + len(got) > _MOST_ALIGNED:
        yield from _compare_in_step(expected, got, path)
        return
    sides = [[dump(item) for item in side] for side in (expected, got)]
    for what, a, b, c, d in difflib.SequenceMatcher(None, sides[0], sides[1], autojunk=False).get_opcodes():
        if what == "replace" and b - a == d - c:
            for offset in range(b - a):
                yield from compare(expected[a + offset], got[c + offset], f"{path}[{a + offset}]")
        elif what != "equal":
            yield from (Difference(f"{path}[{number}]", expected[number], ABSENT) for number in range(a, b))
            yield from (Difference(f"{path}[{number}]", ABSENT, got[number]) for number in range(c, d))


def _compare_in_step(expected: Sequence[Value], got: Sequence[Value], path: str) -> Iterator[Difference]:
    for number in range(max(len(expected), len(got))):
        one = expected[number] if number < len(expected) else ABSENT
        other = got[number] if number < len(got) else ABSENT
        yield from compare(one, other, f"{path}[{number}]")


def _is_row(value: Value) -> TypeGuard[Sequence[Value]]:
    """Whether it is a list, or the tuple that becomes one when it is kept."""
    return isinstance(value, list | tuple)


def _is_same(expected: Value, got: Value) -> bool:
    if expected is ABSENT or got is ABSENT:
        return expected is got
    return type(expected) is type(got) and (expected == got or dump(expected) == dump(got))


def _below(path: str, key: str) -> str:
    """The path of a field, spelled as patches spell it."""
    if key and not set(key) & set('.[]="'):
        return f"{path}.{key}" if path else key
    return f"{path}[{json.dumps(key, ensure_ascii=False)}]"


def _both_json(expected: str, got: str) -> tuple[Value, Value] | None:
    """Arguments of tools are JSON inside of text: the difference inside says more."""
    if expected[:1] not in {"{", "["} or got[:1] not in {"{", "["}:
        return None
    try:
        values: tuple[Value, Value] = json.loads(expected), json.loads(got)
        return None if dump(values[0]) == dump(values[1]) else values
    except (ValueError, RecursionError):
        return None


def _excerpt(text: str, start: int) -> str:
    if len(text) <= _WIDE:
        return json.dumps(text, ensure_ascii=False)
    begin = max(0, start - _AROUND)
    part = text[begin : begin + _WIDE]
    return ("…" if begin else "") + json.dumps(part, ensure_ascii=False) + ("…" if begin + _WIDE < len(text) else "")


def _one_line(value: Value) -> str:
    if value is ABSENT:
        return repr(value)
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= _WIDE else text[:_WIDE] + "…"
