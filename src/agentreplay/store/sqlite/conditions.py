"""Turns filters into conditions of SQL. Texts become numbers first: a text that nobody stored matches nothing."""

from dataclasses import dataclass, field
from typing import Any

from agentreplay.model.query import SpanFilter
from agentreplay.model.span import STATUSES
from agentreplay.store.sqlite.readers import Reader
from agentreplay.store.sqlite.telling import FACETS, label_word

__all__ = ["Conditions", "span_conditions"]


@dataclass
class Conditions:
    """Conditions that must all hold, with their values."""

    texts: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def add(self, text: str, *values: Any) -> None:
        """Add one condition."""
        self.texts.append(text)
        self.values += values

    @property
    def clause(self) -> str:
        """All of them, as an expression."""
        return " AND ".join(self.texts) or "1"


def span_conditions(reader: Reader, where: SpanFilter, project: int) -> Conditions | None:
    """The conditions of a filter on the spans of one project; None when nothing can satisfy them.

    Attributes are not among them: whoever reads looks into the bodies.
    """
    conditions = Conditions()
    _, name = reader.names.projects[project]
    if where.session is not None:
        session = reader.session(where.tenant, name, where.session)
        if session is None:
            return None
        conditions.add("span.session = ?", session)
    if where.trace_id is not None:
        trace = reader.trace(where.tenant, name, where.trace_id)
        if trace is None:
            return None
        conditions.add("span.trace = ?", trace)
    if where.session is None and where.trace_id is None:
        conditions.add("span.project = ?", project)
    if where.since is not None:
        conditions.add("span.start >= ?", where.since)
    if where.until is not None:
        conditions.add("span.start < ?", where.until)
    if where.status is not None:
        # Errors are rare and have an index of their own, which SQLite takes for this very text only.
        conditions.add(
            "span.status = 2" if where.status == "error" else f"span.status = {STATUSES.index(where.status)}"
        )
    for column in ("kind", "name", "agent", "model", "provider", "tool"):
        text = getattr(where, column)
        if text is not None:
            word = reader.word(text)
            if word is None:
                return None
            conditions.add(f"span.{column} = ?", word)
    if where.label is not None:
        word = reader.word(label_word(*where.label))
        if word is None:
            return None
        conditions.add(
            "span.session IN (SELECT session FROM session_facet WHERE project = ? AND facet = ? AND word = ?)",
            project, FACETS["label"], word,
        )  # fmt: skip
    return conditions
