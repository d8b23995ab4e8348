"""What batches become on their way into the store: rows, with numbers of their own for texts that repeat."""

from typing import NamedTuple

import msgspec

from agentreplay.model.session import Summary

__all__ = ["ContentRow", "LinkRow", "Prepared", "PreparedSpan", "Rollup"]


class Rollup(NamedTuple):
    """The measures of one bucket of one grain and one combination of dimensions."""

    project: int
    grain: int
    bucket: int
    kind: int
    status: int
    agent: int | None
    model: int | None
    provider: int | None
    tool: int | None
    spans: int
    errors: int
    duration: int
    cost: int
    usage: bytes | None
    quantiles: bytes
    sessions: bytes


class PreparedSpan(NamedTuple):
    """A span as a row; what is a number here counts in the lists of its Prepared."""

    project: int
    session: int
    trace: int
    span_id: int
    parent: int | None
    told_seq: int
    start: int
    end: int | None
    status: int
    kind: int
    name: int
    agent: int | None
    model: int | None
    provider: int | None
    tool: int | None
    iteration: int | None
    cost: int | None
    usage: bytes | None
    resource: int | None
    scope: int | None
    context: bytes | None
    body: bytes
    held: list[bytes]
    """The contents that have a role in the body, and behind them the text of the failure, if any."""
    attributes: str


class ContentRow(NamedTuple):
    """A content, compressed, with its text for the index."""

    tenant: int
    prefix: int
    hash: bytes
    media: int
    size: int
    codec: int
    data: bytes
    text: str


class LinkRow(NamedTuple):
    """A link of a context."""

    tenant: int
    key: bytes
    previous: bytes | None
    message: bytes


class Prepared(msgspec.Struct, array_like=True):
    """Batches as rows. Crosses from process to process."""

    words: list[str] = []
    bags: list[bytes] = []
    """The maps that describe resources and scopes, packed."""
    projects: list[tuple[str, str]] = []
    sessions: list[tuple[int, str]] = []
    traces: list[tuple[int, bytes]] = []
    tellings: list[tuple[int, bytes]] = []
    spans: list[PreparedSpan] = []
    again: list[PreparedSpan] = []
    """Spans told closed for a second time within these batches; nothing of them is in what follows."""
    contents: list[ContentRow] = []
    links: list[LinkRow] = []
    summaries: list[tuple[int, Summary]] = []
    rollups: list[Rollup] = []
