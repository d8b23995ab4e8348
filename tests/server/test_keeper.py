"""What waits together is written together, and whoever cannot be served is told."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from threading import Event

import pytest

from agentreplay.errors import StoreFull, Unavailable
from agentreplay.server.keeper import Keeper
from agentreplay.store.journal.reader import journals_in, read_frames
from agentreplay.store.journal.writer import JournalWriter
from tests.server.running import waited_for


class Writer(JournalWriter):
    """Waits to be let go on, and remembers what came together."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.groups: list[int] = []
        self.may_go_on = Event()
        self.error: Exception | None = None

    def append_frames(self, frames: Sequence[tuple[int, int, bytes]]) -> None:
        self.may_go_on.wait()
        self.groups.append(len(frames))
        if self.error is not None:
            raise self.error
        super().append_frames(frames)


def test_what_waits_while_another_is_written_is_written_at_once(tmp_path: Path) -> None:
    writer, sizes = Writer(tmp_path), list[int]()
    keeper = Keeper(writer, sizes.append)

    async def keep() -> None:
        tasks = [asyncio.create_task(keeper.keep(b"%d" % number)) for number in range(10)]
        await asyncio.sleep(0.1)
        writer.may_go_on.set()
        await asyncio.gather(*tasks)

    asyncio.run(keep())
    kept = [frame.payload for path in journals_in(tmp_path) for frame in read_frames(path)]
    keeper.close()

    assert kept == [b"%d" % number for number in range(10)]
    assert len(writer.groups) <= 2
    assert sum(sizes) == 10


@pytest.mark.parametrize(("error", "told"), [(StoreFull(path="x"), StoreFull), (RuntimeError("no"), Unavailable)])
def test_each_that_waits_is_told_of_a_failure_and_the_next_is_served(
    tmp_path: Path, error: Exception, told: type[Exception]
) -> None:
    writer = Writer(tmp_path)
    writer.may_go_on.set()
    keeper = Keeper(writer, lambda _: None)

    async def keep() -> None:
        writer.error = error
        answers = await asyncio.gather(keeper.keep(b"1"), keeper.keep(b"2"), return_exceptions=True)
        assert [type(answer) for answer in answers] == [told, told]
        writer.error = None
        await keeper.keep(b"3")

    asyncio.run(keep())
    keeper.close()


def test_an_idle_journal_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agentreplay.server.keeper._IDLE", 0.01)
    monkeypatch.setattr(Keeper._group, "__defaults__", (0.01,))
    writer = JournalWriter(tmp_path)
    keeper = Keeper(writer, lambda _: None)
    asyncio.run(keeper.keep(b"1"))

    assert waited_for(lambda: writer._journal is None)
    asyncio.run(keeper.keep(b"2"))
    keeper.close()
    assert len(journals_in(tmp_path)) == 2


def test_frames_of_several_kinds_share_a_journal_and_keep_their_order(tmp_path: Path) -> None:
    keeper = Keeper(JournalWriter(tmp_path), lambda _: None)

    async def keep() -> None:
        await asyncio.gather(*(keeper.keep(b"%d" % kind, kind, kind + 1) for kind in (2, 3, 3, 2)))

    asyncio.run(keep())
    frames = [frame for path in journals_in(tmp_path) for frame in read_frames(path)]
    keeper.close()

    assert [(frame.kind, frame.version, frame.payload) for frame in frames] == [
        (kind, kind + 1, b"%d" % kind) for kind in (2, 3, 3, 2)
    ]
