"""What it costs to keep the files of a folder when a step changed one of them, and to know a session at a step.

All times are those of the processor. `git` is the named peer: `git add -A && git write-tree` in the same folder, where
it finds the same change, in the same run. `scanned` is where the kernel does not tell what was touched.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from agentreplay.core.checkout import checkout
from agentreplay.core.folder_watch import FolderWatch
from agentreplay.core.redact import Redactor
from agentreplay.core.timeline import Timeline
from agentreplay.core.workspace import Workspace
from agentreplay.model.batch import Batch
from agentreplay.model.content import Content, Kept
from agentreplay.model.ids import TenantId
from agentreplay.model.session import SessionKey
from agentreplay.model.usage import Usage
from agentreplay.store.registry import open_store
from agentreplay.testing import Maker, batch_of
from benchmarks.figures import Report, at_most

__all__ = ["measure_workspace"]

_FILES = 20_000
_IN_A_FOLDER = 50
_ROUNDS = 15
_SPANS = 100_000
_STEPS = 200
_MS = 1_000
_LINE = "def order_{number}(quantity: int) -> int:\n    return quantity * {number}\n"


def measure_workspace(folder: Path, report: Report) -> None:
    """Keep a tree of 20,000 files, change one of them again and again; then step through a long session."""
    tree = folder / "tree"
    paths = _plant(tree)
    kept: list[Content] = []
    workspace = Workspace(tree, Redactor(), kept.append)
    report.add("workspace.first", _took(workspace.capture), "s")
    root = workspace.capture().root
    contents = list(kept)
    _measure_steps(tree, paths, workspace, kept, report)
    _measure_git(tree, paths, report)
    _measure_checkout(folder, contents, root, report)
    _measure_timeline(folder, report)


def _plant(tree: Path) -> list[Path]:
    paths: list[Path] = []
    for number in range(_FILES):
        leaf = number // _IN_A_FOLDER
        path = tree / f"part{leaf // 20}" / f"package{leaf}" / f"module{number}.py"
        if number % _IN_A_FOLDER == 0:
            path.parent.mkdir(parents=True)
        path.write_text(_LINE.format(number=number) * 8, encoding="utf-8")
        paths.append(path)
    return paths


def _measure_steps(tree: Path, paths: list[Path], workspace: Workspace, kept: list[Content], report: Report) -> None:
    watch = FolderWatch(tree)
    watch.watch(workspace.folders())

    def told() -> None:
        workspace.capture(watch.touched())

    def scanned() -> None:
        workspace.capture()

    if watch.descriptor is not None:
        kept.clear()
        took = [_changed(paths[number * 997], told) for number in range(_ROUNDS)]
        report.add("workspace.step", median(took) * _MS, "ms", at_most(50))
        report.add("workspace.step.contents", len(kept) / _ROUNDS, "contents")
        report.add("workspace.step.bytes", sum(len(content.data) for content in kept) / _ROUNDS, "bytes")
    watch.close()
    took = [_changed(paths[number * 991], scanned) for number in range(_ROUNDS)]
    report.add("workspace.step.scanned", median(took) * _MS, "ms")


def _measure_git(tree: Path, paths: list[Path], report: Report) -> None:
    git = shutil.which("git")
    if git is None:
        return

    def staged() -> None:
        for arguments in (("add", "-A"), ("write-tree",)):
            subprocess.run([git, *arguments], cwd=tree, check=True, capture_output=True)

    subprocess.run([git, "init", "-q"], cwd=tree, check=True)
    report.add("git.first", _took(staged, of_children=True), "s")
    took = [_changed(paths[number * 983], staged, of_children=True) for number in range(_ROUNDS)]
    report.add("git.step", median(took) * _MS, "ms")
    shutil.rmtree(tree / ".git")


def _measure_checkout(folder: Path, contents: list[Content], root: str, report: Report) -> None:
    store = open_store(folder / "files")
    make = Maker()
    try:
        for first in range(0, len(contents), 2_000):
            some = contents[first : first + 2_000]
            span = make.span(kept=tuple(Kept(role="file", hash=content.hash) for content in some))
            store.append(Batch(spans=(span,), contents=tuple(some)))
        store.drain()
        tree = next(content.hash for content in contents if content.hash == root)
        took = _took(lambda: checkout(store, TenantId("acme"), tree, folder / "out"))
        report.add("workspace.checkout", took, "s")
    finally:
        store.close()


def _measure_timeline(folder: Path, report: Report) -> None:
    store = open_store(folder / "timeline")
    make = Maker()
    try:
        root = make.span(kind="session", end=None, status="unset")
        spans = [root]
        for number in range(_SPANS):
            kind = ("llm", "tool", "step")[number % 3]
            usage = Usage(input=900, output=60) if kind == "llm" else Usage()
            spans.append(make.span(root, kind=kind, agent="clerk", usage=usage))
        for first in range(0, len(spans), 2_000):
            store.append(batch_of(*spans[first : first + 2_000]))
        store.drain()
        line = Timeline(store, SessionKey(make.tenant, make.project, make.session_id))
        report.add("timeline.first", _took(lambda: line.at(_SPANS)) * _MS, "ms")
        steps = [(number * 7_919) % _SPANS + 1 for number in range(_STEPS)]
        took = sorted(_took(lambda seq=seq: line.at(seq)) * _MS for seq in steps)  # type: ignore[misc]
        report.add("timeline.step", median(took), "ms", at_most(20))
        report.add("timeline.step.worst", took[-1], "ms", at_most(20))
    finally:
        store.close()


def _changed(path: Path, look: Callable[[], object], *, of_children: bool = False) -> float:
    with path.open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    return _took(look, of_children=of_children)


def _took(work: Callable[[], object], *, of_children: bool = False) -> float:
    """Seconds of the processor, in this process or in those it has waited for."""
    before = _spent(of_children=of_children)
    work()
    return _spent(of_children=of_children) - before


def _spent(*, of_children: bool) -> float:
    if not of_children:
        return time.process_time()
    told = os.times()
    return told.children_user + told.children_system
