"""What must be known of a transcript to go on reading where it was left.

It holds ids, hashes and numbers, and texts only of what is still open: when a session comes to rest, nothing but its
title is left of what was said.
"""

import msgspec

from agentreplay.model.ids import ContextId, SpanId
from agentreplay.model.span import Status
from agentreplay.model.usage import NO_USAGE, Usage
from agentreplay.model.values import Value

__all__ = ["Draft", "State", "Thread"]

_BUCKETS = Usage.__struct_fields__


class Draft(msgspec.Struct, omit_defaults=True):
    """A span that is not over."""

    id: SpanId
    kind: str
    name: str
    start: int
    seq: int
    last: int
    """When it was heard of last."""
    parent: SpanId | None = None
    thread: str = ""
    status: Status = "unset"
    status_message: str = ""
    agent: str | None = None
    iteration: int | None = None
    model: str | None = None
    provider: str | None = None
    tool: str | None = None
    usage: Usage = NO_USAGE
    charged: bool = True
    """Whether its tokens count here, and not where the same message stands too."""
    is_awaited: bool = True
    """Whether anybody may tell what came of it: of a call without a name nobody can."""
    tier: str | None = None
    cost: int | None = None
    """What the transcript itself says it cost."""
    context: ContextId | None = None
    kept: list[tuple[str, str]] = []
    """Roles and hashes."""
    events: list[tuple[str, int, dict[str, Value]]] = []
    attributes: dict[str, Value] = {}
    message: list[Value] = []
    """The parts of a message that is still written."""
    arguments: Value = None
    """Those of a call that changes a file."""

    def use(self, usage: Usage | None, tier: str | None = None) -> None:
        """What a message used. It is told again while it grows, so the most counts."""
        if usage is None:
            return
        self.tier = tier or self.tier
        if self.usage is NO_USAGE:
            self.usage = usage
        elif self.usage != usage:
            self.usage = Usage(**{name: max(getattr(self.usage, name), getattr(usage, name)) for name in _BUCKETS})

    def pay(self, paid: Usage) -> None:
        """Of a message that was ended too early, only what came later is charged now."""
        if paid is not NO_USAGE:
            self.usage = Usage(**{name: max(0, getattr(self.usage, name) - getattr(paid, name)) for name in _BUCKETS})


class Thread(msgspec.Struct, omit_defaults=True):
    """One conversation with a model: that of the agent itself, or of a sub-agent."""

    key: str
    context: ContextId | None = None
    """What was said, without what is still written."""
    agent: str | None = None
    below: SpanId | None = None
    """Under which span its calls stand."""
    answer: str | None = None
    """The draft of the message that is still written."""
    heard: list[Value] = []
    """Messages that came while it was written, and stand behind it."""
    open_nodes: list[str] = []
    """Places in the graph of the transcript that lie behind the message still written."""
    last: int = 0


class State(msgspec.Struct, omit_defaults=True):
    """What is open, and where everything stands that may be gone on from."""

    clock: int = 0
    """The latest time that any line told."""
    time: int = 0
    """The time of the last line; lines need not be in order."""
    count: int = 0
    """How many lines there were."""
    turns: int = 0
    tellings: int = 0
    """How often the session was told with something new in it."""
    threads: dict[str, Thread] = {}
    drafts: dict[str, Draft] = {}
    nodes: dict[str, ContextId | None] = {}
    """The context behind each place of the graph."""
    used: dict[str, Usage] = {}
    """The keys of drafts that are finished; of messages with what they were charged for."""
    made: int = 0
    """How many drafts there have been."""
    turn: str = ""
    """The key of the draft that gathers what happens on the main thread."""
    below: SpanId | None = None
    """The last turn, finished or not."""
    files: dict[str, str] = {}
    """The hash of the text of each file, as far as the transcript tells it."""
    facts: dict[str, str] = {}
    """What is known of the session: its title, version, branch, directory …"""
    unknown: dict[str, int] = {}
    """How many lines of each kind nobody understands."""
    notes: dict[str, Value] = {}
    """What a reader keeps in mind."""
