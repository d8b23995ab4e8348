"""Takes in one OTLP request, whatever it came over: checks it, keeps it, and says what was kept."""

import asyncio
from collections.abc import Callable, Mapping
from typing import NamedTuple

from agentreplay.core.ingest import Request, payload_of
from agentreplay.core.policy import read_policies
from agentreplay.errors import AgentReplayError
from agentreplay.intake.otlp.coding import IDENTITY, undo
from agentreplay.intake.otlp.reading import Checked, check
from agentreplay.intake.otlp.wire import Encoding, Signal
from agentreplay.model.ids import ProjectId, TenantId, check_name
from agentreplay.model.time import Nanoseconds
from agentreplay.server.admission import Admission
from agentreplay.server.figures import Figures
from agentreplay.server.keeper import Keeper
from agentreplay.settings import Settings

__all__ = ["PROJECT_HEADERS", "Arrived", "Receiver"]

PROJECT_HEADERS = ("x-agentreplay-project", "x-project-name")
"""The first that is given names the project."""

_AT_ONCE = 128 << 10
"""What is larger is checked in a thread, because it would hold up everybody else."""


class Arrived(NamedTuple):
    """A request as it arrived."""

    signal: Signal
    encoding: Encoding
    coding: str
    headers: Mapping[str, str]
    """By their names in small letters."""
    body: bytes
    transport: str


class Receiver:
    """Takes requests in."""

    def __init__(  # noqa: PLR0913  # everything it works with
        self,
        *,
        settings: Settings,
        keeper: Keeper,
        figures: Figures,
        admission: Admission,
        max_body: int,
        now: Callable[[], int],
    ) -> None:
        self._settings = settings
        self._keeper = keeper
        self._figures = figures
        self._admission = admission
        self.max_body = max_body
        self._now = now
        self._large = asyncio.Semaphore(2)

    async def take_in(self, arrived: Arrived) -> Checked:
        """What of the request is kept, durably, when this returns. Raises one of ours where nothing is."""
        try:
            checked = await self._take_in(arrived)
        except AgentReplayError as error:
            self.count_refusal(error, arrived.transport)
            raise
        labels = {"signal": arrived.signal, "transport": arrived.transport}
        self._figures.add("agentreplay_received_bytes_total", len(arrived.body), **labels)
        self._figures.add("agentreplay_received_items_total", checked.kept + checked.rejected, **labels)
        self._figures.add("agentreplay_acknowledged_items_total", checked.kept, **labels)
        if checked.rejected:
            self._figures.add("agentreplay_rejected_items_total", checked.rejected, **labels)
        return checked

    def count_refusal(self, error: AgentReplayError, transport: str) -> None:
        """Nothing is dropped without being counted."""
        self._figures.add("agentreplay_refused_requests_total", kind=type(error).__name__, transport=transport)

    async def _take_in(self, arrived: Arrived) -> Checked:
        self._admission.check_lag()
        project, is_told = self._project(arrived.headers)
        checked = await self._check(arrived)
        if not checked.kept:
            return checked
        self._admission.take(checked.kept)
        request = Request(
            tenant=TenantId(self._settings.tenant),
            project=project,
            is_project_told=is_told,
            signal=arrived.signal,
            encoding=arrived.encoding,
            coding=arrived.coding,
            received=Nanoseconds(self._now()),
            content=self._settings.content,
            policies=read_policies(self._settings.db_path),
            body=arrived.body,
        )
        await self._keeper.keep(payload_of(request))
        return checked

    async def _check(self, arrived: Arrived) -> Checked:
        if len(arrived.body) <= _AT_ONCE and arrived.coding == IDENTITY:
            return self._checked(arrived)
        async with self._large:
            return await asyncio.to_thread(self._checked, arrived)

    def _checked(self, arrived: Arrived) -> Checked:
        return check(arrived.signal, arrived.encoding, undo(arrived.coding, arrived.body, self.max_body))

    def _project(self, headers: Mapping[str, str]) -> tuple[ProjectId, bool]:
        for name in PROJECT_HEADERS:
            if told := headers.get(name):
                check_name(told, f"the project in {name}")
                return ProjectId(told), True
        return ProjectId(self._settings.project), False
