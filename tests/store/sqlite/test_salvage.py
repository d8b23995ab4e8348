"""What can be read of a damaged store is saved to a new one, and the damaged one stays as it is."""

from contextlib import closing
from pathlib import Path

import pytest

from agentreplay.errors import AgentReplayError, ValueInvalid
from agentreplay.model.ids import ProjectId
from agentreplay.model.receipt import Target
from agentreplay.store.memory import MemoryStore
from agentreplay.store.sqlite.salvage import Salvaged, salvage
from agentreplay.store.sqlite.store import SqliteStore
from agentreplay.store.sqlite.transactions import database_of
from tests.evidence import TENANT, Story, assert_holds, assert_same_store, present
from tests.store.observation import told

BATCHES = 30
PAGE = 8192


def written(folder: Path, *, drained: int = BATCHES) -> Story:
    story = Story(1)
    with closing(SqliteStore(folder)) as store:
        for number in range(drained):
            store.append(story.batch(number))
        store.drain()
    with closing(SqliteStore(folder)) as store:
        store.drain()
        for number in range(drained, BATCHES):
            store.append(story.batch(number))
    return story


def rescue(folder: Path) -> Salvaged:
    return salvage(folder, folder.with_suffix(".new"), lambda _done, _total: None)


def damage(folder: Path, *pages: int) -> None:
    path = database_of(folder)
    data = bytearray(path.read_bytes())
    for page in pages:
        data[page * PAGE : (page + 1) * PAGE] = b"\xff" * PAGE
    path.write_bytes(data)


def files(folder: Path) -> dict[str, bytes]:
    """All that is kept in a folder; the log and its index are made when the database is looked at."""
    found = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {name: data for name, data in found.items() if not name.endswith(("-shm", "-wal"))}


@pytest.mark.parametrize("drained", [0, 17, BATCHES])
def test_all_of_a_sound_store_is_saved_drained_or_not(drained: int, tmp_path: Path) -> None:
    folder = tmp_path / "old"
    story = written(folder, drained=drained)
    before = files(folder)

    salvaged = rescue(folder)

    assert salvaged.lost == 0
    with closing(SqliteStore(tmp_path / "old.new")) as store:
        assert_holds(store, [(story, range(BATCHES), BATCHES)])
        assert (store.statistics().spans, store.statistics().sessions) == (salvaged.spans, salvaged.sessions)
    assert files(folder) == before


def test_a_damaged_page_costs_only_what_is_on_it(tmp_path: Path) -> None:
    story = written(tmp_path / "old")
    pages = database_of(tmp_path / "old").stat().st_size // PAGE
    sound = database_of(tmp_path / "old").read_bytes()
    saved = []

    for page in range(2, pages, pages // 8):
        folder = tmp_path / str(page)
        folder.mkdir()
        database_of(folder).write_bytes(sound)
        damage(folder, page)
        salvaged = rescue(folder)
        with closing(SqliteStore(folder.with_suffix(".new"))) as store:
            found = [span for batch in story.batches(BATCHES) for span in batch.spans if store.spans.get(span.key)]
            assert {told(store.spans.get(span.key)) for span in found} <= {told(span) for span in found}
            assert store.statistics().spans == salvaged.spans
            saved.append(len(present(store, story, BATCHES)))

    assert max(saved) == BATCHES
    assert sum(saved) > BATCHES * len(saved) // 2


def test_what_waits_in_journals_is_saved_though_the_rest_was_erased(tmp_path: Path) -> None:
    """After a deletion a journal that is still written to begins with zeros."""
    folder, kept, doomed = tmp_path / "old", Story(1), Story(2)
    with closing(SqliteStore(folder)) as store:
        store.append(doomed.batch(0))
        store.append(kept.batch(0))
        store.delete(Target(tenant=TENANT, project=ProjectId("demo"), session=doomed.marker(0).session))
        store.append(kept.batch(1))

        rescue(folder)

    expected = MemoryStore()
    for number in range(2):
        expected.append(kept.batch(number))
    with closing(SqliteStore(tmp_path / "old.new")) as store:
        assert_same_store(store, expected, [*kept.batches(2), doomed.batch(0)])


@pytest.mark.parametrize("data", [b"", b"not a database at all" * 100])
def test_where_there_is_no_database_left_the_journals_are_saved(data: bytes, tmp_path: Path) -> None:
    story = written(tmp_path / "old", drained=0)
    database_of(tmp_path / "old").write_bytes(data)

    salvaged = rescue(tmp_path / "old")

    assert salvaged.lost == 0, "nobody knows what else there was"
    with closing(SqliteStore(tmp_path / "old.new")) as store:
        assert_holds(store, [(story, range(BATCHES), BATCHES)])


def test_nothing_is_written_over(tmp_path: Path) -> None:
    written(tmp_path / "old")
    (tmp_path / "old.new").mkdir()
    (tmp_path / "old.new" / "mine").touch()

    with pytest.raises(ValueInvalid, match="not empty"):
        rescue(tmp_path / "old")

    assert files(tmp_path / "old.new") == {"mine": b""}


def test_where_there_is_nothing_the_error_is_ours(tmp_path: Path) -> None:
    with pytest.raises(AgentReplayError):
        rescue(tmp_path / "nowhere")
