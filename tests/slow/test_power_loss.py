"""What the loss of power takes: nothing that was acknowledged with durability `power`, and never a whole file."""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from random import Random
from typing import NamedTuple

import apsw
import pytest

from agentreplay.errors import AgentReplayError
from agentreplay.settings import Durability
from agentreplay.store.journal import writer as writing_side
from agentreplay.store.journal.reader import journals_in, read_frames
from agentreplay.store.journal.writer import JournalWriter
from agentreplay.store.sqlite import chunks, connection
from agentreplay.store.sqlite.chunks import batch_of
from agentreplay.store.sqlite.store import SqliteStore
from agentreplay.store.sqlite.transactions import database_of
from tests.evidence import Story, assert_holds, present
from tests.slow.power import JournalDisk, PowerLost

pytestmark = pytest.mark.slow

ROUNDS = 150


@pytest.fixture(autouse=True)
def everything_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a little data makes many journals, transactions and checkpoints."""
    monkeypatch.setattr(writing_side, "_ROLL_AT", 20_000)
    monkeypatch.setattr(chunks, "_SPANS", 40)
    monkeypatch.setattr(connection, "_LOG_PAGES", 60)


@contextmanager
def reopened(folder: Path) -> Iterator[SqliteStore]:
    """The store as the next process finds it; what it holds agrees with itself."""
    with closing(SqliteStore(folder)) as store:
        yield store
    with closing(apsw.Connection(str(database_of(folder)))) as database:
        assert database.pragma("integrity_check") == "ok"


# The journals.


class Written(NamedTuple):
    """What a writer tried until the power went, and what it was told was kept."""

    story: Story
    acknowledged: set[int]
    tried: int


def write_until_the_power_goes(
    folder: Path, survivor: Path, seed: int, durability: Durability, *, syncs: bool = True, names: bool = True
) -> Written:
    random, story = Random(seed), Story(seed)
    disk = JournalDisk(random, random.randrange(120), syncs=syncs, names=names)
    writer = JournalWriter(folder, durability, disk)
    acknowledged: set[int] = set()
    number = 0
    with suppress(PowerLost):
        for number in range(40):
            writer.append(story.batch(number))
            acknowledged.add(number)
    disk.after_loss(folder, survivor)
    return Written(story, acknowledged, number + 1)


def test_nothing_acknowledged_with_power_is_lost_from_journals(tmp_path: Path) -> None:
    for seed in range(ROUNDS):
        survivor = tmp_path / f"{seed}-after"
        written = write_until_the_power_goes(tmp_path / f"{seed}", survivor, seed, "power")

        with reopened(survivor) as store:
            lag = store.drain()

            assert lag.bytes == 0
            assert_holds(store, [written])


@pytest.mark.parametrize(("syncs", "names"), [(False, True), (True, False)])
def test_a_writer_that_syncs_only_half_is_found_out(syncs: bool, names: bool, tmp_path: Path) -> None:  # noqa: FBT001
    """The test above must be able to fail: without the files or without their names batches are lost."""
    losses = 0

    for seed in range(ROUNDS):
        survivor = tmp_path / f"{seed}-after"
        written = write_until_the_power_goes(tmp_path / f"{seed}", survivor, seed, "power", syncs=syncs, names=names)
        with reopened(survivor) as store:
            store.drain()
            losses += not written.acknowledged <= set(present(store, written.story, written.tried))

    assert losses > ROUNDS // 10


def test_what_process_durability_leaves_is_whole_and_opens(tmp_path: Path) -> None:
    cut_or_damaged = 0
    for seed in range(ROUNDS):
        survivor = tmp_path / f"{seed}-after"
        written = write_until_the_power_goes(tmp_path / f"{seed}", survivor, seed, "process")
        tried = [batch.spans for batch in written.story.batches(written.tried)]
        frames = [batch_of(frame) for path in readable(survivor) for frame in read_frames(path)]

        with reopened(survivor) as store:
            lag = store.drain()

            assert all(frame.spans in tried for frame in frames)
            assert store.statistics().spans == len({span.key for frame in frames for span in frame.spans})
            assert lag.bytes == 0
            cut_or_damaged += len(lag.damaged)
    assert cut_or_damaged > ROUNDS // 20


def readable(folder: Path) -> list[Path]:
    found = []
    for path in journals_in(folder):
        with suppress(AgentReplayError):
            list(read_frames(path))
            found.append(path)
    return found
