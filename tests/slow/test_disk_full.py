"""A disk without room, or one that must not be written: a clear error, nothing half done, and then work goes on."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import apsw
import pytest

from agentreplay.errors import AgentReplayError, StoreFull, StoreReadOnly
from agentreplay.model.ids import ProjectId
from agentreplay.model.receipt import Target
from agentreplay.store.journal.writer import JournalWriter
from agentreplay.store.registry import open_store
from agentreplay.store.sqlite.indexer import Indexer
from agentreplay.store.sqlite.store import SqliteStore
from agentreplay.store.sqlite.transactions import database_of
from tests.evidence import TENANT, Story, assert_holds, present
from tests.slow.small_disks import KINDS, SmallDisk, mounted

pytestmark = pytest.mark.slow

BATCHES = 60
EVERYTHING = Target(tenant=TENANT, project=ProjectId("demo"))


@pytest.fixture(params=KINDS)
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SmallDisk]:
    with mounted(request.param, tmp_path) as small:
        yield small


@contextmanager
def sound(folder: Path) -> Iterator[SqliteStore]:
    """The store when there is room again; what it holds agrees with itself."""
    with closing(SqliteStore(folder)) as store:
        assert store.drain().damaged == ()
        yield store
    with closing(apsw.Connection(str(database_of(folder)))) as database:
        assert database.pragma("integrity_check") == "ok"


def write_until_full(folder: Path, story: Story) -> tuple[set[int], AgentReplayError | None]:
    """Which batches were acknowledged, and what ended it."""
    acknowledged: set[int] = set()
    try:
        with closing(open_store(folder)) as store:
            for number in range(BATCHES):
                store.append(story.batch(number))
                acknowledged.add(number)
                if number % 5 == 4:
                    store.drain()
                    store.statistics()
    except AgentReplayError as error:
        return acknowledged, error
    return acknowledged, None


def test_whatever_room_is_left_the_error_is_clear_and_nothing_is_lost(disk: SmallDisk) -> None:
    full = 0
    for room in [*range(0, 240_000, 16_384), *range(240_000, 1_200_000, 163_840)]:
        folder, story = disk.folder / "store", Story(room)
        disk.leave(room)

        acknowledged, error = write_until_full(folder, story)

        assert error is None or isinstance(error, StoreFull), f"{error!r} with {room} bytes of room"
        if error is not None:
            full += 1
            assert str(folder) in error.message
            assert "make room" in error.advice
        disk.make_room()
        with sound(folder) as store:
            assert_holds(store, [(story, acknowledged, BATCHES)])
            for number in range(BATCHES):
                store.append(story.batch(number))
            store.drain()
            assert_holds(store, [(story, range(BATCHES), BATCHES)])
        shutil.rmtree(folder)
    assert full > 10


def test_a_writer_goes_on_in_the_same_process_when_there_is_room(disk: SmallDisk) -> None:
    folder, story = disk.folder / "store", Story(1)
    store = SqliteStore(folder)
    store.append(story.batch(0))
    store.drain()
    acknowledged = {0}

    for room in (0, 4_096, 40_960, 100_000):
        disk.leave(room)
        for number in range(BATCHES):
            try:
                store.append(story.batch(number))
            except StoreFull:
                break
            acknowledged.add(number)
        for _ in range(2):
            try:
                store.drain()
            except StoreFull:
                continue
        disk.make_room()
        store.drain()
        assert acknowledged <= set(present(store, story, BATCHES))

    assert_holds(store, [(story, acknowledged, BATCHES)])
    store.close()


def test_a_deletion_on_a_full_disk_is_whole_or_nothing(disk: SmallDisk) -> None:
    folder, story = disk.folder / "store", Story(1)
    refused = 0
    for room in range(0, 400_000, 16_384):
        with closing(SqliteStore(folder)) as store:
            for batch in story.batches(BATCHES):
                store.append(batch)
            store.drain()
        disk.leave(room)

        try:
            with closing(SqliteStore(folder)) as store:
                store.delete(EVERYTHING)
        except StoreFull:
            refused += 1
        disk.make_room()

        with sound(folder) as store:
            assert store.statistics().spans in {0, spans_of(story)}
            store.delete(EVERYTHING)
            assert store.statistics().spans == 0
    assert refused


def spans_of(story: Story) -> int:
    return len({span.key for batch in story.batches(BATCHES) for span in batch.spans})


def test_a_disk_that_is_protected_says_so_and_keeps_what_it_has(disk: SmallDisk) -> None:
    folder, story = disk.folder / "store", Story(1)
    with closing(SqliteStore(folder)) as store:
        store.append(story.batch(0))
        store.drain()
        store.append(story.batch(1))
    disk.protect(read_only=True)

    for action in (
        lambda: JournalWriter(folder).append(story.batch(2)),
        lambda: JournalWriter(disk.folder / "another").append(story.batch(2)),
        lambda: SqliteStore(folder),
        lambda: SqliteStore(disk.folder / "another"),
        lambda: Indexer(folder).drain(),
    ):
        with pytest.raises(StoreReadOnly) as caught:
            action()
        assert str(disk.folder) in caught.value.message
        assert "--db-path" in caught.value.advice

    disk.protect(read_only=False)
    with sound(folder) as store:
        store.append(story.batch(2))
        store.drain()
        assert_holds(store, [(story, {0, 1, 2}, 3)])


LIMITED = """
import resource, sys
from pathlib import Path
from agentreplay.errors import AgentReplayError
from agentreplay.store.sqlite.store import SqliteStore
from tests.evidence import Story

store, story, limit = SqliteStore(Path(sys.argv[1])), Story(1), int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    for number in range(1_000):
        store.append(story.batch(number))
        print(number, flush=True)
        if number % 7 == 0:
            store.drain()
except AgentReplayError as error:
    print(type(error).__name__)
"""


@pytest.mark.parametrize("limit", [600_000, 1_000_000, 1_300_000])
def test_files_that_must_not_grow_are_a_disk_without_room(limit: int, tmp_path: Path) -> None:
    """As where a quota is used up; and the process must not be killed by the signal that comes with it."""
    story = Story(1)

    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path), str(limit)], check=True, capture_output=True, text=True
    )

    *acknowledged, ending = done.stdout.split()
    assert ending == "StoreFull"
    with sound(tmp_path) as store:
        assert_holds(store, [(story, {int(number) for number in acknowledged}, len(acknowledged) + 1)])
