"""Takes in the journals that SDKs on other machines ship, and watches over the sessions in them."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator, Sequence

from agentreplay.core.absence import heard, silent
from agentreplay.core.uploads import Piece, Uploads, check_journal_name, read_piece
from agentreplay.errors import AgentReplayError
from agentreplay.model.batch import Batch
from agentreplay.model.ids import TenantId
from agentreplay.model.time import SECOND, Nanoseconds
from agentreplay.model.values import encode
from agentreplay.server.admission import Admission
from agentreplay.server.figures import Figures
from agentreplay.server.keeper import Keeper
from agentreplay.store.journal.frame import BATCH
from agentreplay.store.journal.writer import BATCH_VERSION
from agentreplay.store.protocol import Store

__all__ = ["PATIENCE", "JournalReceiver", "keep_batch"]

PATIENCE = Nanoseconds(45 * SECOND)
"""A writer that lives says so every ten seconds; one that is silent for so long is taken for gone."""

_EVERY = 5.0


class JournalReceiver:
    """Takes pieces of journals in, each journal one piece after the other."""

    def __init__(  # noqa: PLR0913  # everything it works with
        self,
        *,
        uploads: Uploads,
        tenant: TenantId,
        store: Store,
        keeper: Keeper,
        figures: Figures,
        admission: Admission,
        patience: Nanoseconds = PATIENCE,
    ) -> None:
        self._uploads = uploads
        self._tenant = tenant
        self._store = store
        self._keeper = keeper
        self._figures = figures
        self._admission = admission
        self._patience = patience
        self._turns: dict[str, asyncio.Lock] = {}
        self._waiting: Counter[str] = Counter()

    async def take_in(self, name: str, offset: int, body: bytes, *, is_alive: bool) -> dict[str, object]:
        """Keep what of the piece is not here yet; the answer says how much of the journal is, durably."""
        check_journal_name(name)
        async with self._turn(name):
            if is_alive and (back := self._uploads.hear(name)):
                await keep_batch(self._keeper, await asyncio.to_thread(heard, self._store.sessions, back))
            stored = self._uploads.stored(name)
            rest = body[stored - offset :] if offset <= stored else b""
            if not rest:
                return {"stored": stored}
            try:
                piece = await self._keep(name, stored, rest)
            except AgentReplayError as error:
                self._figures.add("agentreplay_refused_requests_total", kind=type(error).__name__, transport="journal")
                raise
            told = {"rejected": piece.rejected, "problem": piece.problem} if piece.rejected else {}
            return {"stored": piece.end, **told}

    async def _keep(self, name: str, stored: int, body: bytes) -> Piece:
        self._admission.check_lag()
        piece = await asyncio.to_thread(read_piece, body, stored, self._tenant)
        self._admission.take(piece.spans)
        if piece.frames:
            await self._keeper.keep_frames(piece.frames)
        await asyncio.to_thread(self._uploads.note, name, piece)
        labels = {"signal": "journal", "transport": "http"}
        self._figures.add("agentreplay_received_bytes_total", len(body), **labels)
        self._figures.add("agentreplay_received_items_total", len(piece.frames) + piece.rejected, **labels)
        self._figures.add("agentreplay_acknowledged_items_total", len(piece.frames), **labels)
        if piece.rejected:
            self._figures.add("agentreplay_rejected_items_total", piece.rejected, **labels)
        return piece

    async def settle(self) -> None:
        """Mark what the writers left unfinished that were not heard of for long."""
        gone = self._uploads.give_up(self._patience)
        if gone:
            await keep_batch(self._keeper, await asyncio.to_thread(silent, self._store.sessions, gone))

    async def run(self) -> None:
        """Settle again and again, until cancelled."""
        with contextlib.suppress(asyncio.CancelledError):
            while True:
                await asyncio.sleep(_EVERY)
                with contextlib.suppress(AgentReplayError):  # the disk is full, say; what waits is told elsewhere
                    await self.settle()

    @contextlib.asynccontextmanager
    async def _turn(self, name: str) -> AsyncGenerator[None]:
        """Pieces of one journal wait for each other: of two at once, each would keep what the other keeps."""
        lock = self._turns.setdefault(name, asyncio.Lock())
        self._waiting[name] += 1
        try:
            async with lock:
                yield
        finally:
            self._waiting[name] -= 1
            if not self._waiting[name]:
                del self._waiting[name], self._turns[name]


async def keep_batch(keeper: Keeper, *batches: Batch) -> None:
    """Keep batches of our own making, in this order."""
    frames: Sequence[tuple[int, int, bytes]] = [
        (BATCH, BATCH_VERSION, encode(batch)) for batch in batches if not batch.is_empty
    ]
    if frames:
        await keeper.keep_frames(frames)
