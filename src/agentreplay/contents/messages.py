"""Conversations taken apart for keeping, and put together again exactly.

Two things are taken out of a message before it is kept. Markers that wander from message to message along a
conversation (cache hints) would make every message new at every call; they are kept beside. Media in base64
become contents of their own, and a reference `{"$content": hash, …}` stays.
"""

import json
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias, cast

from agentreplay.contents.media import media_type, read_encoded, referred
from agentreplay.contents.usual import ESCAPE, MARKERS, REFERENCE, SHORTEST_MEDIA, usual_json
from agentreplay.errors import ValueInvalid
from agentreplay.model.content import JSON, Content, Kept
from agentreplay.model.context import ContextLink, ContextRef, Marker, chain
from agentreplay.model.ids import ContentHash
from agentreplay.model.values import Value

__all__ = ["Conversation", "join", "split"]

_Part: TypeAlias = "bool | int | float | str | bytes | list[_Part] | tuple[_Part, ...] | dict[str, _Part] | None"


class Conversation(NamedTuple):
    """A conversation as it is kept: append the links and contents, and give the span the rest."""

    ref: ContextRef | None
    """None when there are no messages."""
    links: tuple[ContextLink, ...]
    contents: tuple[Content, ...]
    kept: tuple[Kept, ...] = ()
    """The media; the span has to keep them, because nothing else shows that it holds them."""


_NOTHING_SAID = Conversation(None, (), ())


def split(messages: Sequence[Value], tidy: Callable[[Value], Value] | None = None) -> Conversation:
    """Take a list of messages apart, each of which `tidy` first makes one that JSON can hold if it is not yet."""
    if not messages:
        return _NOTHING_SAID
    markers: list[Marker] = []
    media: list[Content] = []
    kept: list[Content] = []
    for number, message in enumerate(messages):
        data = usual_json(message)
        if data is None:
            bare = _take_apart(message if tidy is None else tidy(message), number, (), markers, media)
            data = _to_json(bare)
        kept.append(Content.of(data, JSON))
    links = chain([content.hash for content in kept])
    ref = ContextRef(id=links[-1].id, markers=tuple(markers))
    held = [Kept(role="media", hash=digest) for digest in dict.fromkeys([content.hash for content in media])]
    return Conversation(ref, tuple(links), (*kept, *media), tuple(held))


def join(ref: ContextRef, links: Sequence[ContextLink], content: Callable[[ContentHash], bytes]) -> list[Value]:
    """The messages again, as `split` was given them; `content` finds the bytes of a hash."""
    messages = [_put_together(json.loads(content(link.message)), content) for link in links]
    for marker in ref.markers:
        messages[marker.message] = _mark(messages[marker.message], marker)
    return messages


def _take_apart(
    value: _Part, number: int, path: tuple[str | int, ...], markers: list[Marker], media: list[Content]
) -> _Part:
    if isinstance(value, str):
        return _take_media(value, media) if len(value) >= SHORTEST_MEDIA else value
    if isinstance(value, dict):
        rest: dict[str, _Part] = {}
        for place, (key, item) in enumerate(value.items()):
            if key in MARKERS:
                # The place among the keys comes first, so that the order of keys is restored too.
                markers.append(Marker(number, (*path, place, key), item))
            else:
                rest[key] = _take_apart(item, number, (*path, key), markers, media)
        return {ESCAPE: rest} if REFERENCE in rest or ESCAPE in rest else rest
    if isinstance(value, list | tuple):
        items: list[_Part] = []
        for place, item in enumerate(value):
            if isinstance(item, dict) and len(item) == 1 and not MARKERS.isdisjoint(item):
                markers.append(Marker(number, (*path, place), item))
            else:
                items.append(_take_apart(item, number, (*path, place), markers, media))
        return items
    return value


def _mark(message: Value, marker: Marker) -> Value:
    """Put one marker back. Markers are put back in the order in which they were taken."""
    *way, last = marker.path
    holder = message
    if isinstance(last, str):
        place = int(way.pop())
        for step in way:
            holder = holder[step]
        behind = list(holder.items())[place:]
        for key, _ in behind:
            del holder[key]
        holder[last] = marker.value
        holder.update(behind)
    else:
        for step in way:
            holder = holder[step]
        holder.insert(last, marker.value)
    return message


def _put_together(value: Value, content: Callable[[ContentHash], bytes]) -> Value:
    if isinstance(value, dict):
        fields = cast("dict[str, Value]", value)
        if set(fields) == {ESCAPE}:
            return {key: _put_together(item, content) for key, item in fields[ESCAPE].items()}
        if REFERENCE in fields:
            return f"{fields.get('prefix', '')}{referred(fields, content)}"
        return {key: _put_together(item, content) for key, item in fields.items()}
    if isinstance(value, list):
        return [_put_together(item, content) for item in cast("list[_Part]", value)]
    return value


def _take_media(text: str, media: list[Content]) -> Value:
    """A reference in place of base64 that decodes and encodes to the very same text; else the text."""
    prefix, comma, rest = text.partition(";base64,") if text.startswith("data:") else ("", "", text)
    found = read_encoded(rest)
    if found is None:
        return text
    content = Content.of(found.data, prefix.removeprefix("data:").split(";")[0] or media_type(found.data))
    media.append(content)
    reference = found.reference(content)
    return {**reference, "prefix": prefix + comma} if comma else reference


def _to_json(value: Value) -> bytes:
    """Compact JSON in the order that came; msgspec would turn NaN into null."""
    try:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()
    except (TypeError, RecursionError) as error:
        raise ValueInvalid(what="a message", problem=str(error)) from error
