"""The files of a folder, kept by content."""

import os
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from agentreplay.core.redact import Redactor
from agentreplay.core.workspace import Capture, Workspace
from agentreplay.core.workspace_files import Limits
from agentreplay.model.content import Content
from agentreplay.model.ids import ContentHash
from agentreplay.model.workspace import Entry, unpack_tree

_REST = 0.03
"""Longer than a file may go on changing under one time."""


class Kept(dict[ContentHash, Content]):
    """What a workspace gave away."""

    def __call__(self, content: Content) -> None:
        assert content.hash not in self
        self[content.hash] = content

    def entries(self, tree: ContentHash, path: str = "") -> dict[str, Entry]:
        found: dict[str, Entry] = {}
        for entry in unpack_tree(self[tree]):
            found[path + entry.name] = entry
            if entry.kind == "folder" and entry.hash is not None:
                found |= self.entries(entry.hash, f"{path}{entry.name}/")
        return found

    def texts(self, tree: ContentHash) -> dict[str, bytes]:
        entries = self.entries(tree)
        return {path: self[entry.hash].data for path, entry in entries.items() if entry.kind == "file" and entry.hash}


@pytest.fixture
def kept() -> Kept:
    return Kept()


def workspace(folder: Path, kept: Kept, **more: Any) -> Workspace:
    return Workspace(folder, more.pop("redactor", Redactor()), kept, **more)


def put(folder: Path, path: str, text: str) -> None:
    place = folder / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")


def test_at_first_everything_is_kept(tmp_path: Path, kept: Kept) -> None:
    put(tmp_path, "a.txt", "a")
    put(tmp_path, "sub/b.txt", "b")
    (tmp_path / "sub/run.sh").write_text("#!", encoding="utf-8")
    (tmp_path / "sub/run.sh").chmod(0o750)
    (tmp_path / "link").symlink_to("../outside")

    capture = workspace(tmp_path, kept).capture()

    entries = kept.entries(capture.root)
    assert kept.texts(capture.root) == {"a.txt": b"a", "sub/b.txt": b"b", "sub/run.sh": b"#!"}
    assert (entries["link"].kind, entries["link"].target) == ("link", "../outside")
    assert entries["sub/run.sh"].mode == 0o750
    assert set(capture.added) == {"a.txt", "link", "sub/", "sub/b.txt", "sub/run.sh"}


def test_one_changed_file_stores_one_file_and_the_folders_above_it(tmp_path: Path, kept: Kept) -> None:
    for number in range(30):
        put(tmp_path, f"d{number % 3}/inner/f{number}.txt", str(number))
    looked = workspace(tmp_path, kept)
    first = looked.capture()
    before = len(kept)

    put(tmp_path, "d1/inner/f1.txt", "changed")
    second = looked.capture()

    assert second.changed == ("d1/inner/f1.txt",)
    assert len(kept) - before == 1 + 3
    assert kept.texts(second.root) == {**kept.texts(first.root), "d1/inner/f1.txt": b"changed"}
    assert not looked.capture().is_new


def test_only_touched_folders_are_looked_at(tmp_path: Path, kept: Kept) -> None:
    put(tmp_path, "a/one", "1")
    put(tmp_path, "b/two", "2")
    looked = workspace(tmp_path, kept)
    looked.capture()

    put(tmp_path, "a/one", "changed")
    put(tmp_path, "b/two", "changed")
    put(tmp_path, "b/new/deep/three", "3")

    assert looked.capture(["a/"]).changed == ("a/one",)
    assert set(looked.capture(["b/", "gone/"]).added) == {"b/new/", "b/new/deep/", "b/new/deep/three"}


def test_a_file_that_is_changed_twice_within_a_tick_is_not_missed(tmp_path: Path, kept: Kept) -> None:
    """The times and the size are the same; only what it holds is not."""
    place = tmp_path / "a.txt"
    place.write_text("one", encoding="utf-8")
    told = place.stat()
    looked = workspace(tmp_path, kept)
    first = looked.capture()

    with place.open("r+b", buffering=0) as file:
        file.write(b"two")
    os.utime(place, ns=(told.st_atime_ns, told.st_mtime_ns))

    assert kept.texts(first.root) != kept.texts(looked.capture().root)


def test_what_git_ignores_is_left_alone(tmp_path: Path, kept: Kept) -> None:
    put(tmp_path, ".gitignore", "*.log\nnode_modules/\n")
    put(tmp_path, "a.log", "")
    put(tmp_path, "node_modules/x/y.js", "")
    put(tmp_path, ".git/HEAD", "ref")
    put(tmp_path, ".git/info/exclude", "mine\n")
    put(tmp_path, "mine", "")
    put(tmp_path, "sub/.gitignore", "!a.log\n")
    put(tmp_path, "sub/a.log", "kept")
    looked = workspace(tmp_path, kept)

    first = looked.capture()
    put(tmp_path, ".gitignore", "sub/\n")
    second = looked.capture()

    assert set(kept.texts(first.root)) == {".gitignore", "sub/.gitignore", "sub/a.log"}
    assert set(kept.texts(second.root)) == {".gitignore", "a.log", "node_modules/x/y.js"}
    assert second.removed == ("sub",)


def test_what_is_too_much_is_left_out_with_its_reason(tmp_path: Path, kept: Kept) -> None:
    put(tmp_path, "large", "x" * 100)
    put(tmp_path, "one", "x" * 30)
    os.mkfifo(tmp_path / "pipe")
    secret = "sk-proj-" + "a1B2c3D4" * 6
    put(tmp_path, f"key-{secret}", "")
    looked = workspace(tmp_path, kept, limits=Limits(file_bytes=50, bytes=60))
    looked.capture()
    put(tmp_path, "two", "y" * 40)

    capture = looked.capture()

    reasons = dict(looked.left_out())
    assert reasons["large"] == "it is larger than 50 bytes"
    assert reasons["pipe"] == "it is no regular file"
    assert reasons["two"] == "more than 60 bytes of files would be kept"
    assert "its name holds a secret" in reasons.values()
    assert all(secret not in path for path in kept.entries(capture.root))
    assert set(kept.texts(capture.root)) == {"one"}


def test_secrets_are_taken_out_before_anything_is_kept(tmp_path: Path, kept: Kept) -> None:
    secret = "sk-proj-" + "a1B2c3D4" * 6
    put(tmp_path, "config.py", f'KEY = "{secret}"\n')
    put(tmp_path, "plain.py", "KEY = 1\n")

    capture = workspace(tmp_path, kept).capture()

    assert all(secret.encode() not in content.data for content in kept.values())
    entries = kept.entries(capture.root)
    assert (entries["config.py"].is_redacted, entries["plain.py"].is_redacted) == (True, False)
    none = workspace(tmp_path, Kept(), redactor=Redactor("structure"))
    none.capture()
    assert dict(none.left_out())["plain.py"] == "the policy of the project keeps no contents"


def test_the_recordings_are_no_part_of_the_workspace(tmp_path: Path, kept: Kept) -> None:
    put(tmp_path, "data/store", "")
    put(tmp_path, "a", "")

    capture = workspace(tmp_path, kept, apart=[tmp_path / "data"]).capture()

    assert set(kept.texts(capture.root)) == {"a"}


def test_a_file_may_become_a_folder_and_the_other_way_round(tmp_path: Path, kept: Kept) -> None:
    put(tmp_path, "a", "file")
    put(tmp_path, "b/inner", "folder")
    looked = workspace(tmp_path, kept)
    looked.capture()

    (tmp_path / "a").unlink()
    put(tmp_path, "a/inner", "folder")
    (tmp_path / "b/inner").unlink()
    (tmp_path / "b").rmdir()
    put(tmp_path, "b", "file")

    assert kept.texts(looked.capture().root) == {"a/inner": b"folder", "b": b"file"}


@pytest.fixture
def rested(tmp_path: Path, kept: Kept, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """One that need not list its folders again: all of it has changed long enough ago for times to tell."""
    for path in ("a", "b/c", "b/d/e", "b/d/f"):
        put(tmp_path, path, path)
    time.sleep(_REST)
    looked = workspace(tmp_path, kept)
    looked.capture()
    listed: list[Path] = []
    scandir = os.scandir

    def listing(path: Path) -> Any:
        listed.append(path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", listing)
    assert not looked.capture().is_new
    assert listed == []
    return looked


def test_a_file_that_is_written_in_place_is_found_where_nothing_was_listed(tmp_path: Path, rested: Workspace) -> None:
    with (tmp_path / "b/d/e").open("r+", encoding="utf-8") as file:
        file.write("B/D/E")
    os.utime(tmp_path / "b/d/e", ns=(0, 0))

    assert rested.capture().changed == ("b/d/e",)


def test_other_names_and_modes_are_found_where_nothing_was_listed(
    tmp_path: Path, rested: Workspace, kept: Kept
) -> None:
    (tmp_path / "b/d").chmod(0o711)
    first = rested.capture()
    put(tmp_path, "b/d/new", "new")
    (tmp_path / "b/c").unlink()
    (tmp_path / "a").rename(tmp_path / "b/a")
    second = rested.capture()

    assert (first.changed, kept.entries(first.root)["b/d"].mode) == (("b/d/",), 0o711)
    assert set(second.added) == {"b/d/new", "b/a"}
    assert set(second.removed) == {"b/c", "a"}
    assert second.root == Workspace(tmp_path, Redactor(), Kept()).capture().root


def test_new_patterns_are_found_where_nothing_was_listed(tmp_path: Path, rested: Workspace, kept: Kept) -> None:
    put(tmp_path, ".gitignore", "e\n")

    assert set(kept.texts(rested.capture().root)) == {".gitignore", "a", "b/c", "b/d/f"}


class Editing(RuleBasedStateMachine):
    """Whatever is done to the files: looking step by step finds what looking afresh finds."""

    folder: Path
    names = st.sampled_from(["a", "b", "c/d", "c/e/f", ".gitignore", "c/.gitignore"])
    texts = st.sampled_from(["", "one", "two", "a\n", "e/\n", "*\n"])

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(os.path.realpath(self.base)) / f"{time.time_ns()}"
        self.folder.mkdir()
        self.kept = Kept()
        self.looked = Workspace(self.folder, Redactor(), self.kept)

    base: Path

    @rule(name=names, text=texts)
    def write(self, name: str, text: str) -> None:
        place = self.folder / name
        if not place.is_dir() and not any(above.is_file() for above in place.parents):
            put(self.folder, name, text)

    @rule(name=names)
    def remove(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)

    @rule(name=names, mode=st.sampled_from([0o600, 0o755]))
    def change_mode(self, name: str, mode: int) -> None:
        if (self.folder / name).exists():
            (self.folder / name).chmod(mode)

    @rule()
    def rest(self) -> None:
        """From then on times tell what was touched."""
        time.sleep(_REST)

    @rule()
    def move(self) -> None:
        if (self.folder / "c").exists():
            (self.folder / "c").rename(self.folder / "moved")
            (self.folder / "moved").rename(self.folder / "c")

    @invariant()
    def finds_the_same(self) -> None:
        kept = Kept()
        afresh: Capture = Workspace(self.folder, Redactor(), kept).capture()
        step = self.looked.capture()
        assert self.kept.entries(step.root) == kept.entries(afresh.root)
        assert step.root == afresh.root


def test_step_by_step_the_same_is_found_as_afresh(tmp_path: Path) -> None:
    machine: Any = type("Editing", (Editing,), {"base": tmp_path})
    case = machine.TestCase
    case.settings = settings(max_examples=15, stateful_step_count=12, deadline=None)
    case().runTest()
