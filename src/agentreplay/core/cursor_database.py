"""Takes the chats out of the database of Cursor's editor."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import apsw

from agentreplay.core.foreign_database import opened_copy
from agentreplay.intake.providers.wire import mapping, mappings, parse, text, to_json
from agentreplay.model.values import Value

__all__ = ["DATABASE", "chats"]

DATABASE = "state.vscdb"
_COMPOSER = "composerData:"
_MILLISECOND = 1_000_000


def chats(path: Path) -> Iterator[tuple[str, int, bytes]]:
    """Every chat with something in it: its id, when it was changed last, and all of it as one document.

    Raises TranscriptUnreadable when the database cannot be copied or read.
    """
    with opened_copy(path) as connection:
        yield from _read(connection)


def _read(connection: apsw.Connection) -> Iterator[tuple[str, int, bytes]]:
    rows = _rows(connection, "key", _COMPOSER, "composerData;")
    for key, value in rows:
        composer = mapping(parse(_bytes(value)))
        name = str(key).removeprefix(_COMPOSER)
        bubbles = _bubbles(connection, name, composer)
        if bubbles:
            changed = composer.get("lastUpdatedAt") or composer.get("createdAt")
            moment = changed * _MILLISECOND if isinstance(changed, int) else 0
            yield name, moment, b'{"composer":%b,"bubbles":%b}' % (to_json(composer), to_json(bubbles))


def _bubbles(connection: apsw.Connection, name: str, composer: dict[str, Value]) -> list[Value]:
    """What was said, in order: by the list in the chat, and else as it lies there."""
    start = f"bubbleId:{name}:"
    rows = _rows(connection, "rowid", start, f"{start[:-1]};")
    found = {str(key).removeprefix(start): parse(_bytes(value)) for key, value in rows}
    order = [text(one.get("bubbleId")) for one in mappings(composer.get("fullConversationHeadersOnly"))]
    listed = [found.pop(key) for key in order if key in found]
    return [*listed, *found.values()] or list(mappings(composer.get("conversation")))


def _rows(connection: apsw.Connection, order: str, first: str, behind: str) -> list[tuple[object, object]]:
    question = f"SELECT key, value FROM cursorDiskKV WHERE key >= ? AND key < ? ORDER BY {order}"  # noqa: S608 - ours
    return cast("list[tuple[object, object]]", connection.execute(question, (first, behind)).fetchall())


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value or "").encode("utf-8", "surrogatepass")
