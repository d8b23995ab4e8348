"""Files as they were, put into a folder."""

import stat
from pathlib import Path

import pytest

from agentreplay.core.checkout import checkout, each_entry, root_of
from agentreplay.core.redact import Redactor
from agentreplay.core.timeline import Timeline
from agentreplay.core.workspace import Workspace
from agentreplay.errors import FolderInTheWay, TreeDamaged, TreeMissing
from agentreplay.model.content import Content, Kept
from agentreplay.model.ids import ContentHash
from agentreplay.model.session import SessionKey
from agentreplay.model.workspace import TREE, TREE_NAME, WORKSPACE, Entry, pack_tree
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker
from tests.core.conftest import Keep


def kept(folder: Path, keep: Keep, redactor: Redactor | None = None) -> ContentHash:
    contents: list[Content] = []
    capture = Workspace(folder, redactor or Redactor(), contents.append).capture()
    keep(*contents)
    return capture.root


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "sub" / "empty").mkdir(parents=True)
    (folder / "sub" / "run.sh").write_text("#!/bin/sh\n", encoding="utf-8")
    (folder / "sub" / "run.sh").chmod(0o755)
    (folder / "bytes").write_bytes(bytes(range(256)))
    (folder / "link").symlink_to("sub/run.sh")
    return folder


def test_files_come_back_with_their_modes_and_links(
    store: Store, keep: Keep, make: Maker, source: Path, tmp_path: Path
) -> None:
    root, out = kept(source, keep), tmp_path / "out"

    done = checkout(store, make.tenant, root, out)

    assert (done.files, done.bytes, done.left_out, done.redacted) == (2, 266, (), ())
    assert kept(out, keep) == root
    assert stat.S_IMODE((out / "sub" / "run.sh").stat().st_mode) == 0o755
    assert (out / "link").readlink() == Path("sub/run.sh")
    assert (out / "sub" / "empty").is_dir()


def test_a_folder_that_is_not_empty_is_refused_unless_told(
    store: Store, keep: Keep, make: Maker, source: Path, tmp_path: Path
) -> None:
    root, out = kept(source, keep), tmp_path / "out"
    out.mkdir()
    (out / "bytes").write_text("mine", encoding="utf-8")
    (out / "other").write_text("mine", encoding="utf-8")

    with pytest.raises(FolderInTheWay, match="it is not empty"):
        checkout(store, make.tenant, root, out)
    assert (out / "bytes").read_text(encoding="utf-8") == "mine"
    with pytest.raises(FolderInTheWay, match="it is no folder"):
        checkout(store, make.tenant, root, out / "bytes")
    checkout(store, make.tenant, root, out, over=True)

    assert (out / "bytes").read_bytes() == bytes(range(256))
    assert (out / "other").read_text(encoding="utf-8") == "mine"


def test_no_link_leads_out_of_the_folder(store: Store, keep: Keep, make: Maker, source: Path, tmp_path: Path) -> None:
    """Neither one that is there already, nor one that the tree itself brings along."""
    outside, out = tmp_path / "outside", tmp_path / "out"
    outside.mkdir()
    (outside / "victim").write_text("whole", encoding="utf-8")
    out.mkdir()
    (out / "sub").symlink_to(outside)
    (out / "bytes").symlink_to(outside / "victim")

    checkout(store, make.tenant, kept(source, keep), out, over=True)

    assert not (out / "sub").is_symlink()
    assert [path.name for path in outside.iterdir()] == ["victim"]
    assert (outside / "victim").read_text(encoding="utf-8") == "whole"

    inner = pack_tree([Entry(name="victim", kind="file", hash=Content.of(b"broken").hash)])
    wicked = pack_tree(
        [
            Entry(name="a", kind="link", target=str(outside)),
            Entry(name="a", kind="folder", hash=inner.hash),
        ]
    )
    keep(inner, wicked, Content.of(b"broken"))
    checkout(store, make.tenant, wicked.hash, tmp_path / "wicked")
    assert (outside / "victim").read_text(encoding="utf-8") == "whole"


def test_what_was_left_out_and_redacted_is_told(
    store: Store, keep: Keep, make: Maker, source: Path, tmp_path: Path
) -> None:
    (source / "secret.txt").write_text("key sk-proj-" + "a1B2c3D4" * 6, encoding="utf-8")
    (source / "socket").symlink_to("sk-proj-" + "a1B2c3D4" * 6)

    done = checkout(store, make.tenant, kept(source, keep), tmp_path / "out")

    assert [one.path for one in done.redacted] == ["secret.txt"]
    assert [(one.path, one.entry.why) for one in done.left_out] == [("socket", "its target holds a secret")]


def test_a_tree_that_is_not_whole_writes_nothing(store: Store, keep: Keep, make: Maker, tmp_path: Path) -> None:
    gone = Content.of(b"gone")
    tree = pack_tree([Entry(name="a", kind="file", hash=gone.hash)])
    no_tree = Content.of(b"[]")
    above = pack_tree([Entry(name="below", kind="folder", hash=no_tree.hash)])
    keep(tree, no_tree, above)

    for root in (tree.hash, gone.hash, above.hash):
        with pytest.raises(TreeDamaged):
            checkout(store, make.tenant, root, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_tree_of_a_step_is_that_of_the_last_change_before_it(store: Store, keep: Keep, make: Maker) -> None:
    trees = [pack_tree([Entry(name=name, kind="file", hash=Content.of(b"x").hash)]) for name in "ab"]
    spans = [make.span(kind="tool")]
    for tree in trees:
        held = (Kept(role=TREE, hash=tree.hash),)
        spans += [make.span(kind=WORKSPACE, name=TREE_NAME, kept=held), make.span(kind="tool")]
    keep(*trees, *spans, make.span(kind=WORKSPACE, name="contents"))
    line = Timeline(store, SessionKey(make.tenant, make.project, make.session_id))

    found = [root_of(store, line.at(step)) for step in (2, 3, 4, 5, "end")]

    assert found == [trees[0].hash, trees[0].hash, trees[1].hash, trees[1].hash, trees[1].hash]
    assert [one.path for one in each_entry(store, make.tenant, found[-1])] == ["b"]
    with pytest.raises(TreeMissing):
        root_of(store, line.at(1))
