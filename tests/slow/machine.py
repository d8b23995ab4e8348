"""A store that is written to, drained and deleted from on a disk that will lose power."""

import shutil
from pathlib import Path
from random import Random

import pytest

from agentreplay.errors import AgentReplayError
from agentreplay.model.ids import ProjectId, SessionId
from agentreplay.model.receipt import Target
from agentreplay.store.journal.erase import erase_drained
from agentreplay.store.journal.packing import JOURNAL_FOLDER
from agentreplay.store.journal.reader import journals_in
from agentreplay.store.sqlite import indexer
from agentreplay.store.sqlite import store as store_module
from agentreplay.store.sqlite.indexer import Indexer
from agentreplay.store.sqlite.store import SqliteStore
from tests.evidence import TENANT, Story
from tests.slow.power import FileLayer, PowerLost

__all__ = ["Machine"]


class Machine:
    """A store on a disk that will lose power: some batches are drained, some sessions deleted, until it does.

    All journals are safe: they are the other half of the test. Those that are removed come back by chance, unless
    their folder was synced since.
    """

    def __init__(self, folder: Path, seed: int, monkeypatch: pytest.MonkeyPatch, *, syncs: bool = True) -> None:
        self.folder = folder
        self.kept, self.doomed = Story(2 * seed), Story(2 * seed + 1)
        self.tried = 0
        self.deleted: set[SessionId] = set()
        self._random = Random(seed)
        self._layer = FileLayer(self._random.randrange(250), syncs=syncs)
        self._removed: dict[Path, bytes] = {}
        self._monkeypatch = monkeypatch

    def run(self, *, deletes: bool) -> None:
        """Until the power goes, or there is nothing left to do."""
        store = SqliteStore(self.folder)
        store._indexer = Indexer(self.folder, self._layer.name)
        try:
            with self._monkeypatch.context() as patch:
                patch.setattr(Path, "unlink", lambda path, **_: self._unlink(path))
                patch.setattr(indexer, "sync_folder", self._sync_folder)
                patch.setattr(store_module, "erase_drained", self._erase_drained)
                self._write_and_drain(store, deletes=deletes)
        except (PowerLost, AgentReplayError):
            assert self._layer.plug.is_off
        finally:
            self._layer.is_over = True
            store.close()
            self._layer.unregister()

    def after_loss(self, survivor: Path) -> None:
        """Write what is left to another folder."""
        journals = survivor / JOURNAL_FOLDER
        journals.mkdir()
        for path in journals_in(self.folder):
            shutil.copy(path, journals)
        for path, data in self._removed.items():
            if self._random.randrange(2):
                (journals / path.name).write_bytes(data)
        self._layer.after_loss(self._random, survivor)

    def _write_and_drain(self, store: SqliteStore, *, deletes: bool) -> None:
        random = self._random
        for _ in range(8):
            for _ in range(random.randrange(1, 6)):
                for story in (self.kept, self.doomed):
                    store.append(story.batch(self.tried))
                self.tried += 1
            if not deletes and random.randrange(2):
                store._journal.close()
            if deletes and random.randrange(2):
                session = self.doomed.marker(random.randrange(3)).session
                store.delete(Target(tenant=TENANT, project=ProjectId("demo"), session=session))
                self.deleted.add(session)
                return
            store.drain()

    def _unlink(self, path: Path) -> None:
        assert path.parent.name == JOURNAL_FOLDER
        self._removed[path] = path.read_bytes()
        path.rename(path.with_suffix(".removed"))

    def _erase_drained(self, folder: Path, offsets: dict[str, int]) -> None:
        """The moment at which a deletion is most delicate."""
        erase_drained(folder, offsets)
        if self._random.randrange(4):
            self._layer.plug.is_off = True
            raise PowerLost

    def _sync_folder(self, _: Path) -> None:
        self._removed.clear()
