"""What the loss of power takes: nothing that was acknowledged with durability `power`, and never a whole file."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path
from random import Random
from types import ModuleType
from typing import NamedTuple

import apsw
import pytest

from agentreplay.errors import AgentReplayError
from agentreplay.settings import Durability
from agentreplay.store.journal import writer as writing_side
from agentreplay.store.journal.reader import journals_in, read_frames
from agentreplay.store.journal.writer import JournalWriter
from agentreplay.store.sqlite import chunks, connection, indexer
from agentreplay.store.sqlite import store as whole_store
from agentreplay.store.sqlite.chunks import batch_of
from agentreplay.store.sqlite.connection import create
from agentreplay.store.sqlite.store import SqliteStore
from agentreplay.store.sqlite.transactions import database_of, writing
from tests.evidence import TENANT, Story, assert_holds, present
from tests.slow.machine import Machine
from tests.slow.power import JournalDisk, PowerLost
from tests.store.observation import told

pytestmark = pytest.mark.slow

NewFolder = Callable[[], Path]

ROUNDS = 100


@pytest.fixture(autouse=True)
def everything_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a little data makes many journals, transactions and checkpoints."""
    monkeypatch.setattr(writing_side, "_ROLL_AT", 20_000)
    monkeypatch.setattr(chunks, "_SPANS", 40)
    monkeypatch.setattr(connection, "_LOG_PAGES", 60)


@pytest.fixture
def new_folder(tmp_path: Path) -> NewFolder:
    """Makes folders with a store that nothing was written to yet; copying one is faster than making one."""
    pristine = tmp_path / "pristine"
    create(pristine)
    numbers = count()
    return lambda: Path(shutil.copytree(pristine, tmp_path / str(next(numbers))))


@contextmanager
def reopened(folder: Path) -> Iterator[SqliteStore]:
    """The store as the next process finds it; what it holds agrees with itself."""
    with closing(SqliteStore(folder)) as store:
        yield store
    with closing(apsw.Connection(str(database_of(folder)))) as database:
        assert database.pragma("integrity_check") == "ok"


class Written(NamedTuple):
    """What a writer tried until the power went, and what it was told was kept."""

    story: Story
    acknowledged: set[int]
    tried: int


def write_until_the_power_goes(
    survivor: Path, seed: int, durability: Durability, *, syncs: bool = True, names: bool = True
) -> Written:
    folder = survivor.with_suffix(".before")
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


def test_nothing_acknowledged_with_power_is_lost_from_journals(new_folder: NewFolder) -> None:
    for seed in range(ROUNDS):
        survivor = new_folder()
        written = write_until_the_power_goes(survivor, seed, "power")

        with reopened(survivor) as store:
            lag = store.drain()

            assert lag.bytes == 0
            assert_holds(store, [written])


@pytest.mark.parametrize("left_out", ["syncs", "names"])
def test_a_writer_that_syncs_only_half_is_found_out(left_out: str, new_folder: NewFolder) -> None:
    """The test above must be able to fail: without the files or without their names batches are lost."""
    losses = 0

    for seed in range(ROUNDS):
        survivor = new_folder()
        written = write_until_the_power_goes(survivor, seed, "power", **{left_out: False})
        with reopened(survivor) as store:
            store.drain()
            losses += not written.acknowledged <= set(present(store, written.story, written.tried))

    assert losses > ROUNDS // 10


def test_what_process_durability_leaves_is_whole_and_opens(new_folder: NewFolder) -> None:
    cut_or_damaged = 0
    for seed in range(ROUNDS):
        survivor = new_folder()
        written = write_until_the_power_goes(survivor, seed, "process")
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


def lose_power(new_folder: NewFolder, seed: int, monkeypatch: pytest.MonkeyPatch, **how: bool) -> tuple[Machine, Path]:
    deletes = how.pop("deletes", False)
    machine = Machine(new_folder(), seed, monkeypatch, **how)
    machine.run(deletes=deletes)
    survivor = machine.folder.with_suffix(".after")
    survivor.mkdir()
    machine.after_loss(survivor)
    return machine, survivor


def test_the_loss_of_power_while_draining_loses_nothing_and_counts_nothing_twice(
    new_folder: NewFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(ROUNDS):
        machine, survivor = lose_power(new_folder, seed, monkeypatch)

        with reopened(survivor) as store:
            store.drain()
            everything = range(machine.tried)
            assert_holds(store, [(story, everything, machine.tried) for story in (machine.kept, machine.doomed)])


def test_the_loss_of_power_while_deleting_takes_only_what_was_deleted(
    new_folder: NewFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a deletion erases from the journals, the database must have first."""
    for seed in range(ROUNDS):
        machine, survivor = lose_power(new_folder, seed, monkeypatch, deletes=True)

        with reopened(survivor) as store:
            store.drain()
            assert_is_untouched(store, machine)
            there = {machine.doomed.marker(number).session for number in present(store, machine.doomed, machine.tried)}
            assert not there & machine.deleted, "what was deleted is back"


def assert_is_untouched(store: SqliteStore, machine: Machine) -> None:
    closed = [span for batch in machine.kept.batches(machine.tried) for span in batch.spans if span.end is not None]
    for span in closed:
        assert told(store.spans.get(span.key)) == told(span)
        for kept in span.kept:
            assert store.contents.get(TENANT, kept.hash) is not None


def without_sync(database: apsw.Connection, folder: Path, *, durable: bool = False) -> object:
    """As `writing`, without what makes it durable."""
    return writing(database, folder)


@pytest.mark.parametrize(("action", "module"), [("drain", indexer), ("delete", whole_store)])
def test_journals_that_go_before_the_database_is_synced_are_missed(
    action: str, module: ModuleType, new_folder: NewFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests above must be able to fail."""
    losses = 0
    monkeypatch.setattr(module, "writing", without_sync)

    for seed in range(ROUNDS):
        machine, survivor = lose_power(new_folder, seed, monkeypatch, deletes=action == "delete")
        with reopened(survivor) as store:
            store.drain()
            losses += len(present(store, machine.kept, machine.tried)) < machine.tried

    assert losses


def test_a_disk_that_only_says_it_synced_is_found_out(new_folder: NewFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Against such a disk nothing helps; but it shows that the tests above look at what is there."""
    harm = 0

    for seed in range(ROUNDS):
        machine, survivor = lose_power(new_folder, seed, monkeypatch, syncs=False)
        try:
            with reopened(survivor) as store:
                store.drain()
                harm += len(present(store, machine.kept, machine.tried)) < machine.tried
        except (AgentReplayError, apsw.Error, AssertionError):
            harm += 1

    assert harm > ROUNDS // 10
