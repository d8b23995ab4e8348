"""Puts the sessions of OpenCode together as `opencode export` tells them: from its database, or its older folder.

Both hold sessions, messages and parts apart from one another. A sub-agent is a session of its own there, which the call
that set it to work names; it becomes a part of the session that called it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import apsw

from agentreplay.core.foreign_database import opened_copy
from agentreplay.intake.providers.wire import mapping, mappings, parse, text, to_json
from agentreplay.intake.transcripts.reader import moment
from agentreplay.model.values import Value

__all__ = ["DATABASE", "is_in_folder", "session_in_folder", "sessions_in_database"]

DATABASE = "opencode.db"
_MILLISECOND = 1_000_000
_DEEPEST = 8
"""So many sub-agents may stand below one another."""

_Fields = dict[str, Value]
_Messages = Callable[[str], list[_Fields]]


def sessions_in_database(path: Path) -> Iterator[tuple[str, int, bytes]]:
    """Every session that somebody began: its id, when it was changed last, and all of it as one document.

    Raises TranscriptUnreadable when the database cannot be copied or read.
    """
    with opened_copy(path) as connection:
        infos = {text(info.get("id")): info for info in _infos(connection)}

        def messages(session: str) -> list[_Fields]:
            parts: dict[str, list[_Fields]] = defaultdict(list)
            question = "SELECT message_id, id, data FROM part WHERE session_id = ? ORDER BY id"
            for message, key, data in connection.execute(question, (session,)):
                parts[str(message)].append({"id": key, **_read(data)})
            question = "SELECT id, data FROM message WHERE session_id = ? ORDER BY time_created, id"
            rows = cast("list[tuple[object, object]]", connection.execute(question, (session,)).fetchall())
            return [{"info": {"id": str(key), **_read(data)}, "parts": parts[str(key)]} for key, data in rows]

        for session, info in infos.items():
            if info.get("parentID") in infos:
                continue
            changed = mapping(info["time"]).get("updated")
            document = _document(session, infos, messages)
            if document["messages"]:
                yield session, changed * _MILLISECOND if isinstance(changed, int) else 0, to_json(document)


def is_in_folder(path: Path) -> bool:
    """Whether a file is that of a session in OpenCode's folder."""
    return path.name.startswith("ses_") and path.suffix == ".json" and path.parent.parent.name == "session"


def session_in_folder(path: Path) -> bytes | None:
    """A session with its messages as one document; None of one that belongs to another, or that has none.

    Raises OSError where the file of the session itself cannot be read.
    """
    storage = path.parent.parent.parent
    infos = {path.stem: mapping(parse(path.read_bytes()))}
    if text(infos[path.stem].get("parentID")):
        return None
    for other in path.parent.glob("ses_*.json"):
        if other != path:
            infos[other.stem] = _file(other)

    def messages(session: str) -> list[_Fields]:
        files = sorted((storage / "message" / session).glob("*.json"))
        told: list[_Fields] = [{"info": _file(one), "parts": _files(storage / "part" / one.stem)} for one in files]
        return sorted(told, key=lambda one: moment(mapping(mapping(one["info"]).get("time")).get("created")) or 0)

    document = _document(path.stem, infos, messages)
    return to_json(document) if document["messages"] else None


def _document(session: str, infos: dict[str, _Fields], messages: _Messages, depth: int = 0) -> _Fields:
    """A session as it is exported, with those of its sub-agents."""
    told = messages(session)
    children: list[Value] = []
    for part in (part for message in told for part in mappings(message.get("parts"))):
        child = text(mapping(mapping(part.get("state")).get("metadata")).get("sessionId"))
        if child in infos and infos[child].get("parentID") == session and depth < _DEEPEST:
            below = _document(child, infos, messages, depth + 1)
            children.append({"parentCallID": part.get("callID"), **below})
    return {"sessionID": session, "info": infos[session], "messages": cast("Value", told), "childSessions": children}


def _infos(connection: apsw.Connection) -> Iterator[_Fields]:
    """The sessions with all that their rows tell, which is more in each version."""
    rows = connection.cursor()
    for row in rows.execute("SELECT * FROM session ORDER BY id"):
        names = [column[0] for column in rows.getdescription()]
        told = {name: value for name, value in zip(names, row, strict=True) if value is not None}
        times = {"created": told.pop("time_created", None), "updated": told.pop("time_updated", None)}
        yield {"parentID": told.pop("parent_id", None), "time": times, **told}


def _read(data: object) -> _Fields:
    """What stands in a column; what cannot be understood is kept as it came."""
    told = data if isinstance(data, bytes | str) else b""
    found = parse(told)
    kept = told.decode("utf-8", "replace") if isinstance(told, bytes) else told
    return mapping(found) if isinstance(found, dict) else {"unreadable": kept}


def _file(path: Path) -> _Fields:
    try:
        return _read(path.read_bytes())
    except OSError:
        return {}  # it was deleted just now


def _files(folder: Path) -> list[_Fields]:
    return [_file(path) for path in sorted(folder.glob("*.json"))]
