"""Texts that only say again what contents say: found, and made again from those.

Who reports a call tells its conversation in attributes, and contents are made of them. Kept twice, they would take
twice the room, and a conversation that is told anew at each of its steps would take the square of its length.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Self, TypeAlias, cast

import msgspec

from agentreplay.model.values import Value, is_list, is_map

__all__ = ["CONVERSATION", "NO_ECHO", "Echo", "Parsed", "Sources", "make_again"]

CONVERSATION: Final = -1
"""The source of an echo of the messages that a span saw."""
_NAMES: Final = frozenset({
    "role", "type", "id", "name", "model", "finish_reason", "tool_call_id", "tool_name", "mime_type", "modality",
})  # fmt: skip
"""Keys whose texts say what something is, and nothing of what was said."""

_Path: TypeAlias = tuple[str | int, ...]
_Read: TypeAlias = Callable[[int], bytes | None]

_ALL, _TEXT, _COMPACT, _SPACED, _COMPACT_ASCII, _SPACED_ASCII = range(6)
"""How an echo is spelled: as all of a content, byte by byte, as a text that stands in JSON, or as JSON."""
_SEPARATORS = {_COMPACT_ASCII: (",", ":"), _SPACED_ASCII: (", ", ": ")}
_DEEPEST = 8
_TAIL, _LETTERS = 64, 8
_STRUCTURE = b' "[]{}'


class Echo(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Where a text stands that is not kept again."""

    spelling: int
    source: int
    """The place of a content among those of the span, or CONVERSATION."""
    first: int
    """In a conversation, the first message that is told: instructions may be told apart."""
    path: _Path
    """The way into the source; in a conversation it begins with a message. Empty for all of it."""


NO_ECHO: Final = Echo(_TEXT, CONVERSATION, 0, ())
"""Of what is gone."""


class Sources:
    """What may be said again: contents and messages in JSON, each with a name under which it is remembered."""

    def __init__(
        self,
        contents: Sequence[tuple[str, bytes] | None],
        messages: Sequence[tuple[str, bytes]],
        parsed: "dict[str, Parsed] | None" = None,
        least: int = 1,
    ) -> None:
        """Texts inside of sources are echoes when they are at least so long."""
        self._contents = contents
        self._messages = messages
        self._parsed = {} if parsed is None else parsed
        self._least = least
        self._texts: dict[str, Echo] | None = None

    @classmethod
    def of(cls, contents: Sequence[bytes | None], messages: Sequence[bytes]) -> Self:
        """The sources of one span, where nothing needs to be remembered."""
        named = [None if data is None else (f"content {place}", data) for place, data in enumerate(contents)]
        return cls(named, [(f"message {place}", data) for place, data in enumerate(messages)])

    def say(self, echo: Echo, told: bytes) -> bool:
        """Whether these bytes tell all of a source, as an echo of others did; to ask that is less than to look."""
        if echo.path or echo.spelling == _TEXT:
            return False
        data = _all_of(echo, self._content, self._said)
        return data is not None and _spell(data, echo.spelling) == told

    def _content(self, place: int) -> bytes | None:
        content = self._contents[place] if place < len(self._contents) else None
        return None if content is None else content[1]

    def _said(self) -> list[bytes]:
        return [data for _, data in self._messages]

    def find(self, text: str) -> Echo | None:
        """Where the text stands, if anywhere; `make_again` is sure to make it of that."""
        told = text.encode("utf-8", "surrogatepass")
        for number, content in enumerate(self._contents):
            if content is not None and content[1] == told:
                return Echo(_ALL, number, 0, ())
        if text[:1] in {"[", "{"} and (found := self._as_json(text, told)) is not None:
            return found
        if self._texts is None:
            self._texts = dict(self._all_texts())
        return self._texts.get(text)

    def _as_json(self, text: str, told: bytes) -> Echo | None:
        place = text.find('":')
        is_spaced = text[place + 2 : place + 3] == " " if place >= 0 else ", " in text
        end = _letters(told)
        for source, first, path, compact in self._whole():
            is_ascii = compact.isascii()
            # Most of what is another text is told apart by its end, at once.
            if is_ascii and _letters(compact) != end:
                continue
            spelling = _spelling(is_spaced=is_spaced, is_escaped=not is_ascii and text.isascii())
            if _spell(compact, spelling) == told:
                return Echo(spelling, source, first, path)
        return None

    def _whole(self) -> Iterator[tuple[int, int, _Path, bytes]]:
        """What may be told as JSON: all messages, all but instructions, a content, and a part of what says more."""
        messages = self._said()
        for first in range(min(len(messages), 2)):
            yield CONVERSATION, first, (), _listed(messages[first:])
        for number, content in enumerate(self._contents):
            if content is not None:
                yield number, 0, (), content[1]
        for source, place, (name, data) in self._each():
            for path, value in self._parse(name, data).parts:
                yield source, 0, (*place, *path), value

    def _all_texts(self) -> Iterator[tuple[str, Echo]]:
        for source, place, (name, data) in self._each():
            for path, text in self._parse(name, data).texts:
                if len(text) >= self._least:
                    yield text, Echo(_TEXT, source, 0, (*place, *path))

    def _each(self) -> Iterator[tuple[int, _Path, tuple[str, bytes]]]:
        for number, content in enumerate(self._contents):
            if content is not None:
                yield number, (), content
        for number, message in enumerate(self._messages):
            yield CONVERSATION, (number,), message

    def _parse(self, name: str, data: bytes) -> "Parsed":
        found = self._parsed.get(name)
        if found is None:
            found = self._parsed[name] = Parsed(data)
        return found


class Parsed:
    """What stands inside of one content."""

    def __init__(self, data: bytes) -> None:
        self.texts: list[tuple[_Path, str]] = []
        """Texts, but for names."""
        self.parts: list[tuple[_Path, bytes]] = []
        """The lists and maps that a map has for its values, as compact JSON."""
        try:
            value = json.loads(data)
        except (ValueError, RecursionError):
            return
        self._collect(value, ())
        if is_map(value):
            for key, part in value.items():
                if part and (is_map(part) or is_list(part)):
                    self.parts.append(((key,), _compact(part)))

    def _collect(self, value: Value, path: _Path) -> None:
        if isinstance(value, str):
            self.texts.append((path, value))
        elif len(path) >= _DEEPEST:
            return
        elif is_map(value):
            for key, item in value.items():
                if key not in _NAMES:
                    self._collect(item, (*path, key))
        elif is_list(value):
            for place, item in enumerate(value):
                self._collect(item, (*path, place))


def make_again(echo: Echo, content: _Read, messages: Callable[[], Sequence[bytes]]) -> str | None:
    """The text that an echo was found for; None when the sources say nothing of the kind any more.

    `content` reads the one at a place among those of the span.
    """
    data: bytes | None
    path = echo.path
    if path and echo.source == CONVERSATION:
        said, number, path = messages(), cast("int", path[0]), path[1:]
        data = said[number] if number < len(said) else None
    else:
        data = _all_of(echo, content, messages)
    if data is not None and (path or echo.spelling == _TEXT):
        value = _value_at(data, path)
        if echo.spelling == _TEXT:
            return value if isinstance(value, str) else None
        data = None if value is None else _compact(value)
    told = None if data is None else _spell(data, echo.spelling)
    try:
        return None if told is None else told.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None


def _all_of(echo: Echo, content: _Read, messages: Callable[[], Sequence[bytes]]) -> bytes | None:
    """All that a source says, but for the messages that are told apart."""
    if echo.source != CONVERSATION:
        return content(echo.source)
    return _listed(said[echo.first :]) if (said := messages()) else None


def _value_at(data: bytes, path: _Path) -> Value:
    try:
        value = json.loads(data)
        for step in path:
            value = value[step]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return value


def _listed(messages: Sequence[bytes]) -> bytes:
    return b"[" + b",".join(messages) + b"]"


def _compact(value: Value) -> bytes:
    """As contents are written; a number that they spell otherwise is no echo, and stays where it was told."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _spelling(*, is_spaced: bool, is_escaped: bool) -> int:
    if is_escaped:
        return _SPACED_ASCII if is_spaced else _COMPACT_ASCII
    return _SPACED if is_spaced else _COMPACT


def _spell(compact: bytes, spelling: int) -> bytes | None:
    """Compact JSON in another spelling of the same."""
    try:
        if spelling == _SPACED:
            return msgspec.json.format(compact, indent=0)
        if spelling in _SEPARATORS:
            return json.dumps(json.loads(compact), separators=_SEPARATORS[spelling]).encode()
    except (ValueError, RecursionError):
        return None
    return compact


def _letters(told: bytes) -> bytes:
    """The last letters of JSON, however it is spaced."""
    return told[-_TAIL:].translate(None, _STRUCTURE)[-_LETTERS:]
