"""Turns conditions on words into SQL: alternatives, beginnings, and none of them."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from agentreplay.errors import QueryInvalid
from agentreplay.model.query import Bounds, Match, ScoreMatch
from agentreplay.model.session import SESSION_STATUSES
from agentreplay.model.span import STATUSES
from agentreplay.store.sqlite.readers import Reader
from agentreplay.store.sqlite.telling import FACETS, label_word

__all__ = ["Condition", "bounded", "session_match", "session_scored", "span_match", "span_scored"]

_BEGINNING = "(SELECT id FROM word WHERE text >= ? AND text < ?)"
_SPANS_SCORED = (
    "span.id IN (SELECT scored.id FROM score JOIN trace ON trace.project = score.project AND trace.key = score.trace "
    "JOIN span AS scored ON scored.trace = trace.id AND scored.span_id = score.span WHERE "
)
_SESSIONS_SCORED = "session.key IN (SELECT score.session FROM score WHERE "
_LAST = "\U0010ffff"
"""Behind every text that begins with what stands before it."""


class Condition(NamedTuple):
    """An expression of SQL and its values."""

    text: str
    values: tuple[Any, ...] = ()


def span_match(reader: Reader, match: Match, project: int) -> Condition:
    """The condition on a span."""
    match match.field:
        case "status":
            found = _numbered("span.status", match, STATUSES)
        case "label":
            words = _words(reader, "word", match)
            text = "span.session IN (SELECT session FROM session_facet WHERE project = ? AND facet = ? AND "
            found = Condition(f"{text}{words.text})", (project, FACETS["label"], *words.values))
        case _:
            found = _words(reader, f"span.{match.field}", match)
    return _signed(found, match)


def session_match(reader: Reader, match: Match) -> Condition:
    """The condition on a session."""
    if match.field == "status":
        return _signed(_numbered("session.status", match, SESSION_STATUSES), match)
    if match.field not in FACETS:
        raise QueryInvalid(problem=f"sessions have no field {match.field!r}")
    words = _words(reader, "f.word", match)
    text = (
        "EXISTS (SELECT 1 FROM session_facet AS f WHERE f.project = session.project AND f.facet = ? "
        "AND f.started = session.started AND f.session = session.id AND "
    )
    return _signed(Condition(f"{text}{words.text})", (FACETS[match.field], *words.values)), match)


def span_scored(match: ScoreMatch, project: int) -> Condition:
    """The condition on the scores of a span."""
    found = _scored(match, project)
    text = f"{_SPANS_SCORED}{found.text})"
    return Condition(f"NOT {text}" if match.negated else text, found.values)


def session_scored(match: ScoreMatch, project: int) -> Condition:
    """The condition on the scores of a session and of its spans."""
    found = _scored(match, project)
    text = f"{_SESSIONS_SCORED}{found.text})"
    return Condition(f"NOT {text}" if match.negated else text, found.values)


def bounded(column: str, bounds: Bounds | None) -> Iterable[Condition]:
    """The conditions that a number lies within bounds; one that is absent does not."""
    if bounds is None:
        return
    if bounds.least is None and bounds.most is None:
        yield Condition(f"{column} IS NOT NULL")
    if bounds.least is not None:
        yield Condition(f"{column} >= ?", (bounds.least,))
    if bounds.most is not None:
        yield Condition(f"{column} <= ?", (bounds.most,))


def _scored(match: ScoreMatch, project: int) -> Condition:
    named = Condition("score.project = ? AND score.name = ?", (project, match.name))
    if match.value is None:
        return named
    return Condition(f"{named.text} AND score.value {match.comparison} ?", (*named.values, match.value))


def _signed(condition: Condition, match: Match) -> Condition:
    return Condition(f"NOT ifnull(({condition.text}), 0)", condition.values) if match.negated else condition


def _numbered(column: str, match: Match, names: Sequence[str]) -> Condition:
    """Of a closed choice: the names themselves are looked through."""
    numbers = [str(number) for number, name in enumerate(names) if match.fits(name)]
    return Condition(f"{column} IN ({', '.join(numbers)})")


def _words(reader: Reader, column: str, match: Match) -> Condition:
    """A text that nobody stored fits nothing."""
    is_label = match.field == "label"
    texts = [label_word(match.label, word) for word in match.words] if is_label else match.words
    beginnings = [label_word(match.label, word) for word in match.beginnings] if is_label else match.beginnings
    known = tuple(number for text in texts if (number := reader.word(text)) is not None)
    parts = [f"{column} = ?" if len(known) == 1 else f"{column} IN ({', '.join('?' * len(known))})"]
    values: list[Any] = [*known]
    for beginning in beginnings:
        if beginning:
            parts.append(f"{column} IN {_BEGINNING}")
            values += [beginning, beginning + _LAST]
        else:
            parts.append(f"{column} IS NOT NULL")
    return Condition(f"({' OR '.join(parts)})", tuple(values))
