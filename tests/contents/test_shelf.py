"""What every shelf promises, asked of a folder and of a bucket on a real server."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agentreplay.contents.shelf import Shelf, locate, open_shelf
from agentreplay.errors import (
    BucketMissing,
    ExtraMissing,
    PlaceFailing,
    PlaceUnknown,
    SnapshotInTheWay,
    SnapshotMissing,
)
from tests.contents.buckets import BUCKET, Buckets, buckets, pointing
from tests.contents.radosgw import radosgw

_SMALL = 5 << 20
_LARGE = 11 << 20
"""More than two parts of an upload."""


@pytest.fixture(scope="module")
def s3() -> Iterator[Buckets]:
    with buckets() as started:
        yield started


@pytest.fixture(scope="module")
def ceph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Buckets]:
    with radosgw(tmp_path_factory.mktemp("ceph")) as started:
        yield started


@pytest.fixture(
    params=["folder", pytest.param("s3", marks=pytest.mark.slow), pytest.param("ceph", marks=pytest.mark.slow)]
)
def shelf(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    if request.param == "folder":
        yield open_shelf(tmp_path / "shelf")
        return
    monkeypatch.setenv("AGENTREPLAY_DB", str(tmp_path / "data"))
    with pointing(request.getfixturevalue(request.param).url):
        yield open_shelf(f"s3://{BUCKET}/{tmp_path.name}")


def needs_conditions(request: pytest.FixtureRequest, size: int) -> None:
    """What radosgw does not know: to copy what went in parts under a condition. It refuses, and nothing is replaced."""
    if "ceph" in request.node.name and size > _SMALL:
        pytest.skip("radosgw copies no upload in parts under a condition")


def content(shelf: Shelf, name: str) -> bytes:
    return b"".join(shelf.read(name))


def test_what_is_written_is_read(shelf: Shelf) -> None:
    assert shelf.write("a/b", [b"one", b"", b"two"]) == 6

    assert content(shelf, "a/b") == b"onetwo"
    assert b"".join(shelf.read("a/b", 2, 3)) == b"etw"
    assert b"".join(shelf.read("a/b", 4)) == b"wo"
    assert b"".join(shelf.read("a/b", 0, 0)) == b""
    assert shelf.stat("a/b").size == 6
    assert shelf.place("a/b").endswith("/a/b")


def test_a_large_file_goes_in_parts(shelf: Shelf) -> None:
    pieces = [bytes([number]) * 65_536 for number in range(_LARGE // 65_536)]

    assert shelf.write("large", iter(pieces)) == _LARGE

    assert content(shelf, "large") == b"".join(pieces)
    assert b"".join(shelf.read("large", _LARGE - 3, 10)) == pieces[-1][-3:]


def test_files_are_listed_by_name(shelf: Shelf) -> None:
    for name in ("b", "a/2", "a/1"):
        shelf.write(name, [name.encode()])

    assert [(found.name, found.size) for found in shelf.files()] == [("a/1", 3), ("a/2", 3), ("b", 1)]
    assert all(found.modified > 0 for found in shelf.files())


def test_what_is_deleted_is_gone_and_nothing_is_deleted_twice(shelf: Shelf) -> None:
    shelf.write("a", [b"x"])

    shelf.delete("a")

    for ask in (shelf.stat, shelf.delete, lambda name: list(shelf.read(name))):
        with pytest.raises(SnapshotMissing):
            ask("a")
    assert list(shelf.files()) == []


@pytest.mark.parametrize("size", [10, _LARGE])
def test_a_writer_that_fails_leaves_what_was_there_before(shelf: Shelf, size: int) -> None:
    """The connection that the pieces came over broke."""

    def broken() -> Iterator[bytes]:
        for _ in range(0, size, 65_536):
            yield b"x" * min(size, 65_536)
        raise ValueError("broken")

    shelf.write("a", [b"before"])

    for name in ("a", "b"):
        with pytest.raises(ValueError, match="broken"):
            shelf.write(name, broken())

    assert content(shelf, "a") == b"before"
    assert [found.name for found in shelf.files()] == ["a"]


@pytest.mark.parametrize("size", [10, _LARGE])
def test_what_is_there_stays_where_it_must(shelf: Shelf, size: int, request: pytest.FixtureRequest) -> None:
    needs_conditions(request, size)
    shelf.write("a", [b"x" * size], replace=False)

    with pytest.raises(SnapshotInTheWay):
        shelf.write("a", [b"y" * size], replace=False)

    assert content(shelf, "a") == b"x" * size
    assert [found.name for found in shelf.files()] == ["a"]


@pytest.mark.parametrize("replace", [True, False])
@pytest.mark.parametrize("size", [1 << 20, 6 << 20])
def test_two_writers_to_one_name_never_mix(
    shelf: Shelf,
    replace: bool,  # noqa: FBT001
    size: int,
    request: pytest.FixtureRequest,
) -> None:
    needs_conditions(request, 0 if replace else size)
    barrier = threading.Barrier(3)
    lost: list[str] = []

    def write(letter: str) -> None:
        barrier.wait()
        try:
            shelf.write("a", (letter.encode() * 65_536 for _ in range(size // 65_536)), replace=replace)
        except SnapshotInTheWay:
            lost.append(letter)

    threads = [threading.Thread(target=write, args=(letter,)) for letter in "xyz"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = content(shelf, "a")
    assert len(found) == size
    assert len(set(found)) == 1
    assert len(lost) == (0 if replace else 2)
    assert found[:1].decode() not in lost


def test_one_shelf_is_copied_to_another_while_it_is_read(shelf: Shelf, tmp_path: Path) -> None:
    shelf.write("a", [b"x" * _LARGE])

    shelf.write("b", shelf.read("a"))

    assert shelf.stat("b").size == _LARGE


def test_a_name_is_told_from_the_shelf_it_lies_on(tmp_path: Path) -> None:
    located = locate(str(tmp_path / "folder" / "it.snapshot"))

    assert located.name == "it.snapshot"
    assert located.place == str(tmp_path / "folder" / "it.snapshot")
    assert locate(f"file://{tmp_path}/a%20b/it").place == str(tmp_path / "a b" / "it")
    assert locate(Path("it")).name == "it"


@pytest.mark.parametrize("address", ["", "s3://bucket", "ftp://host/it", "file://elsewhere/it", "a/..", "s3:///it"])
def test_an_address_that_leads_nowhere_is_refused(address: str) -> None:
    with pytest.raises(PlaceUnknown) as caught:
        locate(address)

    assert caught.value.advice


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> object:
        raise ModuleNotFoundError(name="obstore")

    monkeypatch.setattr("importlib.import_module", missing)

    with pytest.raises(ExtraMissing) as caught:
        open_shelf("s3://bucket")

    assert caught.value.advice == "pip install 'agentreplay[bucket]'"


@pytest.mark.slow
def test_a_missing_bucket_is_told_from_a_missing_file(s3: Buckets) -> None:
    nowhere = open_shelf("s3://nowhere/folder")
    asks: list[Callable[[], object]] = [
        lambda: nowhere.write("a", [b"x"]),
        lambda: nowhere.stat("a"),
        lambda: list(nowhere.read("a")),
        lambda: list(nowhere.files()),
    ]

    for ask in asks:
        with pytest.raises(BucketMissing, match="nowhere"):
            ask()


@pytest.mark.slow
def test_an_upload_that_failed_keeps_no_parts(s3: Buckets) -> None:
    def broken() -> Iterator[bytes]:
        yield b"x" * _LARGE
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        open_shelf(f"s3://{BUCKET}").write("half", broken())

    assert "<Upload>" not in s3.uploads()


@pytest.mark.slow
def test_a_large_file_that_must_replace_nothing_is_refused_by_who_knows_no_conditions(
    ceph: Buckets, tmp_path: Path
) -> None:
    """It says so, and nothing is visible; a small one is put under a condition."""
    with pointing(ceph.url):
        shelf = open_shelf(f"s3://{BUCKET}/{tmp_path.name}")
        try:
            shelf.write("a", [b"x" * _LARGE], replace=False)
        except PlaceFailing:
            assert list(shelf.files()) == []
        else:  # a later one may know them
            with pytest.raises(SnapshotInTheWay):
                shelf.write("a", [b"y" * _LARGE], replace=False)
