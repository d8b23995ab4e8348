"""What batches become on their way into the store: rows, with numbers of their own for texts that repeat."""

from typing import NamedTuple

import msgspec

from agentreplay.model.session import Summary
from agentreplay.store.sqlite.filling import Block

__all__ = ["ContentRow", "Filled", "LinkRow", "Prepared", "PreparedSpan", "Rollup"]


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
    duration: int | str
    """Decimal text where 64 bits do not hold it; likewise the cost."""
    cost: int | str
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
    shape: int | None
    """The names of its attributes; a bag."""
    context: int | None
    body: bytes
    held: list[int]
    """The contents that have a role in the body, and behind them the text of the failure, if any."""
    attributes: str
    follows: bool = False
    """Whether it names no session, and belongs to the one that its trace does."""
    repeats: int = 0
    """What it told that another span tells too, as bits of `model.charging`; it is here without it."""


class ContentRow(NamedTuple):
    """A content with its text for the index."""

    content: int
    media: int
    size: int
    data: bytes
    """Nothing where it lies in a block already."""
    text: str = ""
    """Nothing before it is complete."""


class Filled(NamedTuple):
    """A block of contents of one tenant, ready to be stored."""

    contents: list[int]
    block: Block


class LinkRow(NamedTuple):
    """A link of a context."""

    link: int
    previous: int | None
    message: int


class Prepared(msgspec.Struct, array_like=True):
    """Batches as rows. Crosses from process to process."""

    words: list[str] = []
    bags: list[tuple[int | None, bytes]] = []
    """The lists of names that attributes have, packed; and the maps that describe resources and scopes: the place of
    their names in this list, and their values, packed."""
    projects: list[tuple[str, str]] = []
    sessions: list[tuple[int, str]] = []
    traces: list[tuple[int, bytes]] = []
    tellings: list[tuple[int, bytes]] = []
    spans: list[PreparedSpan] = []
    """In the order in which they arrived."""
    order: list[int] = []
    """The places in `spans`, session by session, each in its own order."""
    repeats: dict[int, int] = {}
    """Which spans, by their places, tell what others of these tell too; the measures are without it, the spans not."""
    again: list[PreparedSpan] = []
    """Spans told closed for a second time within these batches; nothing of them is in what follows."""
    hashes: list[tuple[int, bytes]] = []
    """Of all contents that are given or mentioned, each with the word of its tenant."""
    contents: list[ContentRow] = []
    blocks: list[Filled] = []
    """The bytes of these contents, unless they are in their rows."""
    contexts: list[tuple[int, bytes]] = []
    """The ids of all links that are given or mentioned, each with the word of its tenant."""
    links: list[LinkRow] = []
    thorough: bool = False
    """Whether to take time to make the contents short."""
    summaries: list[tuple[int, Summary]] = []
    rollups: list[Rollup] = []
    is_complete: bool = False
    """Whether the texts, the blocks, what repeats and the measures are there; see `completing`."""
