"""The requests about what agents remember, in the words of `agentreplay.Memory`; see asks.py for all others."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict, Unpack

import msgspec

from agentreplay.client.ask import Ask, Json, get, path_of, send

__all__ = [
    "diff_memory",
    "expire_memory",
    "forget_memory",
    "fork_memory",
    "ingest_memory",
    "make_memory_vectors",
    "memories",
    "memory",
    "memory_at",
    "memory_collections",
    "memory_history",
    "memory_log",
    "memory_vectors",
    "merge_memory",
    "remember",
    "remove_memory",
    "search_memory",
    "stop_memory_vectors",
    "update_memory",
]

_Value = bool | int | float | str | None


class _Within(TypedDict, total=False):
    """Which collection; `notes` of the project where nothing is said."""

    collection: str
    owner: str
    """`agent:NAME` or `workspace:FOLDER`."""
    project: str | None


class _Wanted(_Within, total=False):
    """Which records of it, and how many at once."""

    author: str | None
    of_session: str | None
    origin: str | None
    important: float | None
    changed_since: int | None
    changed_until: int | None
    expired: bool
    metadata: Mapping[str, _Value] | None
    limit: int
    cursor: str | None


class _Moment(TypedDict, total=False):
    """As of when; now where nothing is said."""

    position: int | None
    time: int | None
    in_session: str | None
    step: int | None


class _Searched(_Wanted, _Moment, total=False):
    """What counts in a search, and how much."""

    by: Literal["words", "meaning", "both"]
    everywhere: bool
    recency: float
    half_life: float
    importance: float
    diversity: float


class _Known(TypedDict, total=False):
    """What is known of a record."""

    id: str | None
    metadata: Mapping[str, _Value]
    source: Mapping[str, Any] | None
    author: str
    importance: float
    valid_from: int | None
    valid_until: int | None


class _Remembered(_Within, _Known, total=False):
    pass


class _Changed(_Within, total=False):
    """What is otherwise from now on."""

    expected: int | None
    text: str | None
    metadata: Mapping[str, _Value] | None
    author: str | None
    importance: float | None
    valid_until: int | None


class _At(_Within, _Moment, total=False):
    pass


def memory_collections(*, project: str | None = None) -> Ask[Json]:
    """Which collections there are, and what each comes to."""
    return get(path_of("memory", "collections"), project=project)


def memories(**wanted: Unpack[_Wanted]) -> Ask[Json]:
    """A page of the records of a collection, those that changed last first."""
    return get(path_of("memory"), **_asked(wanted))


def search_memory(text: str, **wanted: Unpack[_Searched]) -> Ask[Json]:
    """A page of what is remembered of this, best first, and how it was looked for."""
    return get(path_of("memory", "search"), text=text, **_asked(wanted))


def memory(record: str, *, version: int | None = None, **within: Unpack[_Within]) -> Ask[Json]:
    """A record, as it is or in one of its versions."""
    return get(path_of("memory", "record"), record=record, version=version, **within)


def memory_history(record: str, *, limit: int = 50, cursor: str | None = None, **within: Unpack[_Within]) -> Ask[Json]:
    """A page of all versions of a record, the newest first."""
    return get(path_of("memory", "history"), record=record, limit=limit, cursor=cursor, **within)


def memory_log(*, limit: int = 50, cursor: str | None = None, **within: Unpack[_Within]) -> Ask[Json]:
    """A page of the changes of a collection, the newest first."""
    return get(path_of("memory", "log"), limit=limit, cursor=cursor, **within)


def memory_at(**moment: Unpack[_At]) -> Ask[Json]:
    """All that was known: now, at a position, at a time, or when a session began a step."""
    return get(path_of("memory", "whole"), **moment)


def diff_memory(
    earlier: int, later: int | None = None, *, steps_of: str | None = None, **within: Unpack[_Within]
) -> Ask[Json]:
    """Which records are otherwise at one position than at an earlier one, or at two steps of a session."""
    between = {"earlier": earlier, "later": later, "steps_of": steps_of}
    return get(path_of("memory", "diff"), **between, **within)


def remember(text: str, **told: Unpack[_Remembered]) -> Ask[Json]:
    """Remember a text; with an `id` in place of what it holds already."""
    wish, query = _apart(dict(told))
    return send("POST", path_of("memory"), {"text": text, **wish}, may_repeat="id" in wish, **query)


def update_memory(record: str, **told: Unpack[_Changed]) -> Ask[Json]:
    """Change fields of a record; with `expected` only if it has that version. What it was stays in its history."""
    within = {name: told.pop(name) for name in ("collection", "owner", "project") if name in told}
    wish = {name: value for name, value in told.items() if value is not None}
    # With a version that is expected, the second time is told that it has another one.
    return send("PATCH", path_of("memory", "record"), wish, may_repeat="expected" not in wish, record=record, **within)


def expire_memory(*records: str, **within: Unpack[_Within]) -> Ask[Json]:
    """Let records hold no longer: searches leave them out."""
    return _end("expire", records, within)


def remove_memory(*records: str, **within: Unpack[_Within]) -> Ask[Json]:
    """Take records out. Their histories stay."""
    return _end("remove", records, within)


def forget_memory(*records: str, **within: Unpack[_Within]) -> Ask[Json]:
    """Remove records for good: all versions, words and vectors, from every file of the store; says how many went."""
    return _end("forget", records, within)


def merge_memory(
    into: str | None = None, others: Sequence[str] = (), *, text: str | None = None, **within: Unpack[_Within]
) -> Ask[Json]:
    """Let one record stand for others; without one, merge all that say the same in the same words."""
    wish, query = _apart({**within, "into": into, "others": list(others), "text": text})
    return send("POST", path_of("memory", "merge"), wish, may_repeat=into is None, **query)


def fork_memory(
    target: str,
    *,
    target_owner: str = "",
    position: int | None = None,
    without: Sequence[str] = (),
    **within: Unpack[_Within],
) -> Ask[Json]:
    """Give an empty collection what another one holds or held, as though some records had never been."""
    told = {"target": target, "target_owner": target_owner, "position": position, "without": list(without)}
    wish, query = _apart({**within, **told})
    return send("POST", path_of("memory", "fork"), wish, may_repeat=False, **query)


def ingest_memory(
    place: str, document: str | bytes, *, metadata: Mapping[str, _Value] | None = None, **within: Unpack[_Within]
) -> Ask[Json]:
    """Take in a document chunk by chunk; its name tells what it is. Taken in again, only what changed is written."""
    told = {"text": document} if isinstance(document, str) else {"data": base64.b64encode(document).decode()}
    wish, query = _apart({**within, **told, "place": place, "metadata": dict(metadata or {})})
    return send("POST", path_of("memory", "ingest"), wish, **query)


def memory_vectors(*, project: str | None = None) -> Ask[Json]:
    """How far the vectors of a project are."""
    return get(path_of("memory", "vectors"), project=project)


def make_memory_vectors(*, project: str | None = None) -> Ask[Json]:
    """Have the vectors made that are missing, in the background."""
    return send("POST", path_of("memory", "vectors"), {}, project=project)


def stop_memory_vectors(*, project: str | None = None) -> Ask[Json]:
    """Make no more of them; what was made stays."""
    return send("DELETE", path_of("memory", "vectors"), {}, project=project)


def _asked(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """As an address writes it: maps as JSON, and yes and no in small letters."""
    told = dict(wanted)
    for name in ("metadata", "expired", "everywhere"):
        if told.get(name) is not None:
            told[name] = msgspec.json.encode(told[name]).decode()
    return told


def _apart(told: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is wished, and in which project: that is asked for by the address."""
    wish = {name: value for name, value in told.items() if value is not None and name != "project"}
    return wish, {"project": told.get("project")}


def _end(how: str, records: Sequence[str], within: _Within) -> Ask[Json]:
    wish, query = _apart({**within, "records": list(records), "how": how})
    # What has gone already cannot be removed again; to forget it again, or let it expire, is the same.
    return send("POST", path_of("memory", "end"), wish, may_repeat=how != "remove", **query)
