"""The files of a program's folder, kept while it runs."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agentreplay.core.notices import give_notice
from agentreplay.core.redact import Redactor
from agentreplay.core.workspace_record import WorkspaceRecorder, check_workspace
from agentreplay.errors import ValueInvalid
from agentreplay.model.batch import Batch
from agentreplay.model.span import Span
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import is_map
from agentreplay.model.workspace import FILE, FOLDER, TREE, TREE_NAME, unpack_tree
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker


class Bench:
    """A recorder that looks at a folder, and what it tells."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "work"
        self.folder.mkdir()
        self.make = Maker()
        self.store = MemoryStore()
        self.batches: list[Batch] = []
        self.recorder = WorkspaceRecorder(
            self.folder, Redactor(), self.make.span, self.append, board=folder / "notices"
        )

    def append(self, batch: Batch) -> None:
        self.store.append(batch)
        self.batches.append(batch)

    @property
    def trees(self) -> list[Span]:
        return [span for batch in self.batches for span in batch.spans if span.name == TREE_NAME]

    def names(self, span: Span) -> set[str]:
        root = next(kept.hash for kept in span.kept if kept.role == TREE)
        content = self.store.contents.get(self.make.tenant, root)
        assert content is not None
        return {entry.name for entry in unpack_tree(content)}

    def wait(self, is_so: Callable[[], bool]) -> None:
        until = time.monotonic() + 20
        while not is_so() and time.monotonic() < until:
            time.sleep(0.005)
        assert is_so()

    def notice(self) -> int:
        moment = time.time_ns()
        give_notice(self.recorder.notices, moment)
        return moment


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_tree_is_told_for_each_call_that_changed_a_file(bench: Bench) -> None:
    (bench.folder / "a").write_text("a", encoding="utf-8")
    bench.recorder.begin(Nanoseconds(5))
    assert [tree.start for tree in bench.trees] == [5]

    (bench.folder / "b").write_text("b", encoding="utf-8")
    moment = bench.notice()
    bench.wait(lambda: len(bench.trees) == 2)
    bench.notice()
    (bench.folder / "deep" / "er").mkdir(parents=True)
    (bench.folder / "deep" / "er" / "c").write_text("c", encoding="utf-8")
    kept = bench.recorder.finish()

    assert kept.trouble == ""
    assert kept.trees == len(bench.trees)
    assert bench.names(bench.trees[1]) == {"a", "b"}
    assert bench.trees[1].start <= moment
    assert bench.names(bench.trees[-1]) == {"a", "b", "deep"}
    told = bench.trees[1].attributes[FOLDER]
    assert is_map(told)
    assert told["added paths"] == ["b"]


def test_the_files_are_so_since_the_end_of_the_call_that_changed_them(bench: Bench) -> None:
    """The kernel's clock lags behind, and the call that comes next must find them in its past."""
    dated = bench.recorder._dated

    assert dated(90, 100, 120) == 100
    assert dated(110, 100, 120) == 110
    assert dated(130, None, 120) == 120
    bench.recorder._last = Nanoseconds(115)
    assert dated(90, 100, 120) == 115


def test_much_is_told_in_several_batches_that_hold_it_all(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agentreplay.core.workspace_record._MOST_AT_ONCE", 4)
    for number in range(11):
        (bench.folder / f"f{number}").write_text(str(number), encoding="utf-8")

    bench.recorder.begin(Nanoseconds(5))
    bench.recorder.finish()

    assert [len(batch.contents) for batch in bench.batches] == [4, 4, 4, 0]
    held = {kept.hash for batch in bench.batches for span in batch.spans for kept in span.kept}
    assert held == {content.hash for batch in bench.batches for content in batch.contents}
    assert {kept.role for batch in bench.batches for span in batch.spans for kept in span.kept} == {FILE, TREE}


def test_what_goes_wrong_is_told_at_the_end_and_stops_nothing(bench: Bench) -> None:
    bench.recorder.begin(Nanoseconds(5))

    def fail(_: Any) -> None:
        raise OSError("the disk is full")

    bench.recorder._append = fail
    (bench.folder / "a").write_text("a", encoding="utf-8")

    assert bench.recorder.finish().trouble == "OSError: the disk is full"


def test_only_a_folder_can_be_kept(tmp_path: Path) -> None:
    check_workspace(tmp_path)
    (tmp_path / "file").touch()

    for name in ("no", "file"):
        with pytest.raises(ValueInvalid, match="there is no such folder"):
            check_workspace(tmp_path / name)
