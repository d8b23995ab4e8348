"""Secrets taken out of what a model says bit by bit: in a stream of events each holds a few letters of the text, so a
secret lies across events and no event holds it.

What is read as one text are the fields that models speak in, field by field and in the order of the events. Where a
secret begins stands its placeholder, and the rest of it is gone from the events behind; all others stay as they came.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from agentreplay.core.redact import Redactor
from agentreplay.model.values import Value, is_map

__all__ = ["clean_events"]

_MEDIA = ("text/event-stream", "application/x-ndjson", "application/jsonl", "application/json-lines")
_SPOKEN = frozenset(
    "text content delta arguments partial_json input thinking reasoning reasoning_content refusal transcript"
    " response".split()
)
"""Fields in which models speak."""
_NUMBERS = ("type", "index", "output_index", "content_index", "item_id")
"""Fields of an event that tell of which text it is a piece."""
_MAPS, _NESTED = frozenset({dict}), frozenset({dict, list})
_DEEPEST = 12
_MOST_PASSES = 8

_Place = tuple[str | int, ...]


class _Piece(NamedTuple):
    line: int
    place: _Place
    text: str


def clean_events(redactor: Redactor, data: bytes, media: str) -> bytes:
    """The stream without secrets that lie across its events, if it is one of events in JSON."""
    if redactor.policy != "redacted" or not media.startswith(_MEDIA):
        return data
    lines = data.split(b"\n")
    events: dict[int, Value] = {}
    texts: dict[tuple[Value, ...], list[_Piece]] = {}
    for number, line in enumerate(lines):
        event = _event(line)
        if event is None:
            continue
        events[number] = event
        spoken: list[tuple[_Place, _Place, str]] = []
        _collect(event, (), (), spoken)
        if spoken:
            name = [str(event.get(field)) for field in _NUMBERS]
            for labels, place, text in spoken:
                texts.setdefault((*name, *labels), []).append(_Piece(number, place, text))
    changed: set[int] = set()
    for pieces in texts.values():
        parts = [piece.text for piece in pieces]
        for piece, clean in zip(pieces, _clean_parts(redactor, parts), strict=True):
            if clean != piece.text:
                _put(events[piece.line], piece.place, clean)
                changed.add(piece.line)
    for number in changed:
        lines[number] = _written(lines[number], events[number])
    return b"\n".join(lines) if changed else data


def _event(line: bytes) -> dict[str, Value] | None:
    """The event in a line of server-sent events, or of JSON lines."""
    begin = line.find(b"{")
    if begin < 0 or line[:begin].strip() not in {b"", b"data:"}:
        return None
    try:
        event: Value = msgspec.json.decode(line[begin:])
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    return event if is_map(event) else None


def _written(line: bytes, event: Value) -> bytes:
    end = b"\r" if line.endswith(b"\r") else b""
    return line[: line.index(b"{")] + json.dumps(event, separators=(",", ":")).encode() + end


def _collect(value: Any, labels: _Place, place: _Place, found: list[tuple[_Place, _Place, str]]) -> None:
    """The texts in an event: what tells of which text each is a piece, and where it stands.

    Called for every event of every stream before its program goes on: so it asks for types, which are those of the
    decoder and no others, and what holds nothing is not entered.
    """
    if len(place) > _DEEPEST:
        return
    if type(value) in _MAPS:
        for field, item in value.items():
            if type(item) is str:
                if item and field in _SPOKEN:
                    found.append(((*labels, field), (*place, field), item))
            elif item and type(item) in _NESTED:
                _collect(item, (*labels, field), (*place, field), found)
    else:
        for number, item in enumerate(value):
            if type(item) in _NESTED:
                # Of several things at once each says which one it is; a list of one may hold another each time.
                index = item.get("index", number) if type(item) in _MAPS else number
                _collect(item, (*labels, str(index)), (*place, number), found)


def _clean_parts(redactor: Redactor, parts: Sequence[str]) -> Sequence[str]:
    """The parts of a text without the secrets of the whole."""
    if len(parts) == 1:
        return parts  # looked through with the rest of the body
    for _ in range(_MOST_PASSES):
        found = redactor.places("".join(parts))
        if not found:
            break
        parts = list(_without(parts, found))
    return parts


def _without(parts: Sequence[str], found: Sequence[tuple[int, int, str]]) -> Iterator[str]:
    offset = 0
    for part in parts:
        end = offset + len(part)
        kept: list[str] = []
        reached = offset
        for begin, behind, placeholder in found:
            if begin < end and behind > offset:
                kept += [part[reached - offset : max(begin, offset) - offset], placeholder if begin >= offset else ""]
                reached = min(behind, end)
        yield "".join([*kept, part[reached - offset :]])
        offset = end


def _put(event: Value, place: _Place, text: str) -> None:
    for step in place[:-1]:
        event = event[step]
    event[place[-1]] = text
