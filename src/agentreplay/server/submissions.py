"""Takes in what people without an SDK of ours tell in JSON."""

import asyncio
from collections.abc import Mapping

import msgspec

from agentreplay.core.submit import Rejection, Submitted, read_submission, submit
from agentreplay.errors import BatchInvalid
from agentreplay.intake.otlp.coding import IDENTITY, undo
from agentreplay.model.batch import Batch
from agentreplay.model.time import Clock
from agentreplay.server.admission import Admission
from agentreplay.server.figures import Figures
from agentreplay.server.journals import keep_batch
from agentreplay.server.keeper import Keeper
from agentreplay.settings import Settings

__all__ = ["Acknowledged", "SubmissionReceiver"]

_SHOWN = 100


class Acknowledged(msgspec.Struct, frozen=True, kw_only=True):
    """What was kept of a submission, durably, and what was not."""

    sessions: int
    spans: int
    rejected: int = 0
    problems: tuple[Rejection, ...] = ()
    """Of the first hundred that were rejected."""


class SubmissionReceiver:
    """Takes submissions in."""

    def __init__(
        self, *, settings: Settings, keeper: Keeper, figures: Figures, admission: Admission, now: Clock
    ) -> None:
        self._settings = settings
        self._keeper = keeper
        self._figures = figures
        self._admission = admission
        self._now = now

    async def take_in(self, body: bytes, headers: Mapping[str, str], max_body: int) -> Acknowledged:
        """Keep what makes sense. Raises BatchInvalid where nothing of it does."""
        self._admission.check_lag()
        coding = headers.get("content-encoding", "").strip().lower() or IDENTITY
        told = await asyncio.to_thread(
            lambda: submit(read_submission(undo(coding, body, max_body)), self._settings, self._now)
        )
        batch, rejected = told.batch, told.rejected
        if rejected and not (batch.spans or batch.sessions):
            first = rejected[0]
            raise BatchInvalid(problem=f"{first.what}[{first.index}]: {first.problem}")
        self._admission.take(len(batch.spans))
        await keep_batch(self._keeper, batch)
        self._count(batch, len(rejected))
        return Acknowledged(
            sessions=len(batch.sessions), spans=len(batch.spans), rejected=len(rejected), problems=rejected[:_SHOWN]
        )

    def _read(self, coding: str, body: bytes, max_body: int) -> Submitted:
        return submit(read_submission(undo(coding, body, max_body)), self._settings, self._now)

    def _count(self, batch: Batch, rejected: int) -> None:
        labels = {"signal": "json", "transport": "http"}
        kept = len(batch.spans) + len(batch.sessions)
        self._figures.add("agentreplay_received_items_total", kept + rejected, **labels)
        self._figures.add("agentreplay_acknowledged_items_total", kept, **labels)
        if rejected:
            self._figures.add("agentreplay_rejected_items_total", rejected, **labels)
