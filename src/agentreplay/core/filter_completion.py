"""What could stand next in a filter: fields, operators, and the values that the store knows."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from agentreplay.core.filter_fields import Field, Subject, fields_of
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.measure import DIMENSIONS, Dimension, MeasureQuery
from agentreplay.model.page import PageRequest
from agentreplay.model.query import SessionFilter
from agentreplay.model.session import SessionRow
from agentreplay.model.time import DAY, HOUR, Clock, Nanoseconds
from agentreplay.store.protocol import Store

__all__ = ["Completion", "Suggestion", "Values", "complete", "known_values"]

Values = Callable[[Field], Sequence[str]]
"""The values of a field, the most usual first."""

_PERIOD = 30 * DAY
_LAST_SESSIONS = 200
_MOST = 50
_TYPED = re.compile(r'(?:"(?:[^"\\]|\\.)*"?|[^\s"])*$')
_CONDITION = re.compile(r"(?P<sign>-?)(?P<field>[A-Za-z_]\w*)(?P<operator>!=|[<>]=|[:=<>])(?P<rest>.*)", re.DOTALL)
_TIMES = ("15m", "1h", "24h", "7d", "today", "yesterday")
_PLAIN = re.compile(r'[^\s,"*\\]+')


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """What could be put in the place of what is typed."""

    text: str
    meaning: str = ""


class Completion(msgspec.Struct, frozen=True, kw_only=True):
    """Suggestions for one stretch of a filter."""

    start: int
    """Where the stretch begins, counted in characters from 0; it ends where the cursor is."""
    items: tuple[Suggestion, ...]


def complete(text: str, subject: Subject, values: Values) -> Completion:
    """What could stand at the end of a filter that is being typed."""
    found = _TYPED.search(text)
    typed = found[0] if found is not None else ""
    start = len(text) - len(typed)
    condition = _CONDITION.fullmatch(typed)
    if condition is None:
        sign = typed[:1] if typed.startswith("-") else ""
        return Completion(start=start + len(sign), items=tuple(_names(subject, typed[len(sign) :])))
    field = next((one for one in fields_of(subject) if one.name == condition["field"]), None)
    rest = condition["rest"].rpartition(",")[2]
    begun = rest.removeprefix('"').replace("\\", "").casefold()
    known: Sequence[str] = () if field is None else _values(field, values)
    fitting = [value for value in known if value.casefold().startswith(begun)]
    fitting += [value for value in known if begun and begun in value.casefold() and value not in fitting]
    suggestions = tuple(Suggestion(text=_written(value)) for value in fitting[:_MOST])
    return Completion(start=len(text) - len(rest), items=suggestions)


def known_values(store: Store, tenant: TenantId, project: ProjectId | None, now: Clock) -> Values:
    """The values that spans of the last 30 days and the newest sessions have."""

    def values(field: Field) -> Sequence[str]:
        if field.name in DIMENSIONS:
            return _measured(store, tenant, project, field.name, now())
        page = store.sessions.find(SessionFilter(tenant=tenant, project=project), PageRequest(limit=_LAST_SESSIONS))
        return list(dict.fromkeys(_of_sessions(field, page.items)))

    return values


def _names(subject: Subject, begun: str) -> Iterator[Suggestion]:
    for field in fields_of(subject):
        operator = field.operators[0]
        name = f"{field.name}." if field.kind in {"attribute", "score"} else f"{field.name}{operator}"
        if name.startswith(begun.lower()):
            yield Suggestion(text=name, meaning=f"{field.meaning}: {field.example}")


def _values(field: Field, known: Values) -> Sequence[str]:
    match field.kind:
        case "choice":
            return field.values
        case "words" | "label" | "id" | "beginning":
            return list(dict.fromkeys([*known(field), *field.values]))
        case "time":
            return _TIMES
        case _:
            return ()


def _measured(
    store: Store, tenant: TenantId, project: ProjectId | None, dimension: Dimension, now: int
) -> Sequence[str]:
    until = Nanoseconds(now // HOUR * HOUR + HOUR)
    query = MeasureQuery(
        tenant=tenant, project=project, since=Nanoseconds(until - _PERIOD), until=until, by=(dimension,)
    )
    found = sorted(store.measure(query), key=lambda measure: -measure.spans)
    return [value for measure in found if (value := measure.dimensions[dimension])]


def _of_sessions(field: Field, rows: Iterable[SessionRow]) -> Iterator[str]:
    for row in rows:
        match field.name:
            case "label":
                yield from (f"{label}={value}" for label, value in row.session.labels.items())
            case "source":
                yield from [row.session.source] if row.session.source else []
            case "session":
                yield row.session.id
            case _:
                return


def _written(value: str) -> str:
    """The value as it is typed: in quotes where it has to be."""
    if _PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
