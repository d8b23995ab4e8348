"""A session as it was at one of its steps, found by walking through its spans in their order.

A step is a place in the session: the moment at which the span of that place begins. What began before it, or with
it, has begun; what ended by then has ended, and of everything else the end is not known yet, nor what it cost.
"""

from collections.abc import Mapping
from heapq import heappop, heappush
from typing import NamedTuple

import msgspec

from agentreplay.model.checkpoint import CHECKPOINT
from agentreplay.model.session import Summary
from agentreplay.model.span import EARLIEST, SpanRow
from agentreplay.model.summary import Tally
from agentreplay.model.time import Nanoseconds
from agentreplay.model.usage import NO_USAGE
from agentreplay.model.workspace import TREE_NAME, WORKSPACE

__all__ = ["Milestone", "Walk", "as_begun"]


class Milestone(NamedTuple):
    """How far a walk has come; one can go on from it any number of times."""

    seq: int = 0
    """The last step that was taken."""
    at: Nanoseconds = Nanoseconds(EARLIEST)
    done: Summary = Summary()
    """What the spans that have ended add up to."""
    open: tuple[SpanRow, ...] = ()
    """Those that have not, in their order, as they are stored: with their ends."""
    speakers: Mapping[str | None, SpanRow] = {}
    """For each agent the last call to a model."""
    checkpoint: SpanRow | None = None
    """The last one that was passed."""
    files: SpanRow | None = None
    """What told last how the files of the workspace are."""
    row: SpanRow | None = None
    """The span of the last step."""


class Walk:
    """Goes forward from a milestone, one span after the other."""

    def __init__(self, milestone: Milestone) -> None:
        self.seq = milestone.seq
        self.at = milestone.at
        self.checkpoint = milestone.checkpoint
        self.files = milestone.files
        self.row = milestone.row
        self.speakers = dict(milestone.speakers)
        self._done = Tally(milestone.done)
        self._open = {row.seq: row for row in milestone.open}
        self._ends: list[tuple[int, int]] = []
        for row in milestone.open:
            if row.end is not None:
                heappush(self._ends, (row.end, row.seq))

    def step(self, row: SpanRow) -> None:
        """Take the next step: the span begins, and what ended by then has ended."""
        self.pass_time(row.start)
        self.seq, self.row = row.seq, row
        if row.kind == "llm":
            self.speakers[row.agent] = row
        elif row.kind == CHECKPOINT:
            self.checkpoint = row
        elif row.kind == WORKSPACE and row.name == TREE_NAME:
            self.files = row
        if row.end is not None and row.end <= row.start:
            self._done.add(row)
            return
        self._open[row.seq] = row
        if row.end is not None:
            heappush(self._ends, (row.end, row.seq))

    def pass_time(self, now: Nanoseconds) -> None:
        """What ends by this time ends; the last step stays where it was."""
        self.at = max(self.at, now)
        while self._ends and self._ends[0][0] <= self.at:
            self._done.add(self._open.pop(heappop(self._ends)[1]))

    @property
    def milestone(self) -> Milestone:
        """Where the walk is, to go on from later."""
        # A tally goes on counting in what it gave away; one made of that has counts of its own.
        done = Tally(self._done.summary()).summary()
        return Milestone(
            seq=self.seq,
            at=self.at,
            done=done,
            open=tuple(self._open.values()),
            speakers=self.speakers.copy(),
            checkpoint=self.checkpoint,
            files=self.files,
            row=self.row,
        )

    @property
    def open(self) -> tuple[SpanRow, ...]:
        """What has begun and not ended, in its order, as far as it was known then."""
        return tuple(map(as_begun, self._open.values()))

    @property
    def summary(self) -> Summary:
        """What the spans that have begun add up to, as far as it was known then."""
        tally = Tally(self._done.summary())
        for row in self.open:
            tally.add(row)
        return tally.summary()


def as_begun(row: SpanRow) -> SpanRow:
    """A span as it was while it was open: how it ends and what it uses is not known."""
    return msgspec.structs.replace(row, end=None, status="unset", usage=NO_USAGE, cost=None)
