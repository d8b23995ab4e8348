"""A call: what the program asked of the world outside and what came back, completely enough to be served again."""

from typing import NamedTuple

import msgspec

from agentreplay.model.content import JSON
from agentreplay.model.ids import ProjectId, SessionId, SpanId, TenantId, TraceId
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value

__all__ = [
    "NOWHERE",
    "WHOLE",
    "Address",
    "Answer",
    "Call",
    "Chunk",
    "Crossing",
    "Printed",
    "Raised",
    "Request",
    "Site",
]


class Site(NamedTuple):
    """The place in the program's own source that made a call."""

    file: str
    line: int
    function: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} in {self.function}" if self.file else "an unknown place"


NOWHERE = Site("", 0, "")
"""The site of a call that was recorded outside of the program."""


class Address(NamedTuple):
    """Which call of the program it is, whatever the scheduler does.

    The path names the logical task by what it runs and by the order of creation: `main`, the third task of it that
    runs `fetch` `main/fetch-3`, what happens inside the second call of that `main/fetch-3:2`. The ordinal counts the
    calls of one path, from 1.
    """

    path: str
    ordinal: int

    def __str__(self) -> str:
        return f"{self.path}#{self.ordinal}"


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked."""

    seam: str
    """What kind of boundary: `http`, `mcp`, `tool` …"""
    operation: str
    """In a few words: `POST api.openai.com/v1/responses`, `lookup_order`."""
    head: dict[str, Value] = {}
    """What stands beside the body; of HTTP the method, the url and the headers."""
    body: bytes = b""
    media: str = JSON


class Chunk(NamedTuple):
    """A piece of an answer as it arrived: how many bytes, how long after the one before, and its turn."""

    size: int
    after: Nanoseconds
    turn: int


class Printed(NamedTuple):
    """What was printed inside of a call: on which stream, and behind how many items where it yields some."""

    stream: str
    text: str
    items: int


class Raised(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An exception that reached the program instead of an answer, or in the middle of one."""

    module: str
    name: str
    message: str = ""
    arguments: tuple[Value, ...] = ()
    state: dict[str, Value] = {}
    """What a seam needs beside to raise it again."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came back, or what was raised, or both when a stream broke."""

    head: dict[str, Value] = {}
    body: bytes = b""
    media: str = JSON
    turn: int = 0
    """The place in the order in which things came back to the program. Of a stream, when its head did."""
    chunks: tuple[Chunk, ...] = ()
    """How the body arrived; empty when it came whole, with the head."""
    raised: Raised | None = None
    complete: bool = True
    """Whether the program took all of it; a stream may be left early."""
    printed: tuple[Printed, ...] = ()
    """What the program printed meanwhile, which is printed again when the answer is served."""
    is_live: bool = False
    """Whether it cannot be served, because it is no plain value: what was called has to be performed again."""

    @property
    def pieces(self) -> list[bytes]:
        """The body in the pieces in which it arrived; all of it as one when it came whole."""
        pieces: list[bytes] = []
        place = 0
        for chunk in self.chunks:
            pieces.append(self.body[place : place + chunk.size])
            place += chunk.size
        return pieces or [self.body]

    @property
    def turns(self) -> list[int]:
        """When it came back, and each chunk of it."""
        return [self.turn, *(chunk.turn for chunk in self.chunks)]

    @property
    def last_turn(self) -> int:
        """When the last of it came back."""
        return max(self.turns)


WHOLE: tuple[Chunk, ...] = ()


class Crossing(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A call as the program's own process writes it down while the program waits. What it becomes is made behind."""

    tenant: TenantId
    project: ProjectId
    session: SessionId
    trace_id: TraceId
    span_id: SpanId
    parent_id: SpanId | None
    agent: str | None
    iteration: int | None
    path: str
    ordinal: int
    site: Site
    started: Nanoseconds
    ended: Nanoseconds | None
    """None while the answer has not come."""
    request: Request
    asked: str = ""
    """The digest of what the program asked, where something else was performed instead."""
    answer: Answer | None = None
    readings: bytes | None = None
    """What its task read before, encoded."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A request at its address, with its answer once there is one."""

    address: Address
    site: Site
    request: Request
    digest: str
    """Of the request in its canonical form: equal requests have equal digests."""
    answer: Answer | None = None
    seq: int = 0
    """The place of its span in the session, where it is known."""
    span_id: SpanId | None = None
    label: str = ""
    """How people know it: `llm gpt-5-mini`, `tool lookup_order`."""
    inner: bool = False
    """Whether it was made inside another call, which needs it only when it is not served itself."""
