"""Turns filters into conditions of SQL. Texts become numbers first: a text that nobody stored matches nothing."""

from dataclasses import dataclass, field
from typing import Any

from agentreplay.model.query import SpanFilter
from agentreplay.model.span import STATUSES
from agentreplay.store.sqlite.matching import Condition, bounded, span_match, span_scored
from agentreplay.store.sqlite.readers import Reader
from agentreplay.store.sqlite.telling import FACETS, label_word

__all__ = ["Conditions", "span_conditions"]

_LASTED = "max(0, span.end - span.start)"


@dataclass
class Conditions:
    """Conditions that must all hold, with their values."""

    texts: list[str] = field(default_factory=list[str])
    values: list[Any] = field(default_factory=list[Any])

    def add(self, text: str, *values: Any) -> None:
        """Add one condition."""
        self.texts.append(text)
        self.values += values

    def add_one(self, condition: Condition) -> None:
        """Add one that comes with its values."""
        self.add(condition.text, *condition.values)

    @property
    def clause(self) -> str:
        """All of them, as an expression."""
        return " AND ".join(self.texts) or "1"


def span_conditions(reader: Reader, where: SpanFilter, project: int) -> Conditions | None:
    """The conditions of a filter on the spans of one project; None when nothing can satisfy them.

    Attributes are not among them: whoever reads looks into the bodies.
    """
    conditions = Conditions()
    if not _add_place(conditions, reader, where, project):
        return None
    _add_times(conditions, where)
    if where.status is not None:
        # Errors are rare and have an index of their own, which SQLite takes for this very text only.
        conditions.add(f"span.status = {STATUSES.index(where.status)}")
    for match in where.matches:
        conditions.add_one(span_match(reader, match, project))
    for scored in where.scores:
        conditions.add_one(span_scored(scored, project))
    for column, bounds in (("span.cost", where.cost), ("tokens(span.usage)", where.tokens), (_LASTED, where.duration)):
        for condition in bounded(column, bounds):
            conditions.add_one(condition)
    return conditions if _add_words(conditions, reader, where, project) else None


def _add_place(conditions: Conditions, reader: Reader, where: SpanFilter, project: int) -> bool:
    """Session, trace or project; False when there is no such session or trace."""
    _, name = reader.names.projects[project]
    if where.session is not None:
        session = reader.session(where.tenant, name, where.session)
        if session is None:
            return False
        conditions.add("span.session = ?", session)
    if where.trace_id is not None:
        trace = reader.trace(where.tenant, name, where.trace_id)
        if trace is None:
            return False
        conditions.add("span.trace = ?", trace)
    if where.session is None and where.trace_id is None:
        conditions.add("span.project = ?", project)
    return True


def _add_times(conditions: Conditions, where: SpanFilter) -> None:
    if where.since is not None:
        conditions.add("span.start >= ?", where.since)
    if where.until is not None:
        conditions.add("span.start < ?", where.until)


def _add_words(conditions: Conditions, reader: Reader, where: SpanFilter, project: int) -> bool:
    """What is asked for by a text; False when nobody stored it."""
    for column in ("kind", "name", "agent", "model", "provider", "tool"):
        text = getattr(where, column)
        if text is not None:
            word = reader.word(text)
            if word is None:
                return False
            conditions.add(f"span.{column} = ?", word)
    if where.label is not None:
        word = reader.word(label_word(*where.label))
        if word is None:
            return False
        conditions.add(
            "span.session IN (SELECT session FROM session_facet WHERE project = ? AND facet = ? AND word = ?)",
            project, FACETS["label"], word,
        )  # fmt: skip
    return True
