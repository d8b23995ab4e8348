"""Tape files: the same bytes for the same session, and nothing is read from one that was damaged."""

import zlib
from pathlib import Path

import pytest
from blake3 import blake3

from agentreplay.core.transfer import FORMAT, MAGIC, export_tape, import_tape, load_tape, read_tape_file
from agentreplay.errors import (
    AgentReplayError,
    FormatTooNew,
    OriginMissing,
    SessionMissing,
    TapeDamaged,
    TapeUnreadable,
    TapeUnwritable,
)
from agentreplay.model.batch import Batch
from agentreplay.model.content import Content
from agentreplay.model.session import Origin, Session, SessionKey
from agentreplay.model.values import encode
from agentreplay.playback.tape import read_tape
from agentreplay.store.journal.frame import pack
from agentreplay.store.journal.packing import file_header
from agentreplay.store.memory import MemoryStore
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker
from tests.taping import Taping, tool


@pytest.fixture
def taping(store: Store) -> Taping:
    return Taping(store)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.tape"


def kept_with_its_past(taping: Taping) -> SessionKey:
    past = taping.keep([tool(1, result="x" * 900, order="7"), tool(2)], roles={"stdin": b"\x00\xff"})
    return taping.keep([tool(2, "b")], origin=Origin(session=past.session, seq=3), served={"steps": [2], "read": []})


def small(path: Path) -> bytes:
    taping = Taping(MemoryStore())
    export_tape(taping.store, taping.keep([tool(1)], status=None), path)
    return path.read_bytes()


def test_the_same_session_gives_the_same_bytes_wherever_it_is(taping: Taping, path: Path, tmp_path: Path) -> None:
    key = kept_with_its_past(taping)

    size = export_tape(taping.store, key, path)
    elsewhere, again = load_tape(path)
    export_tape(elsewhere, again, tmp_path / "b.tape")

    assert again == key
    assert size == len(path.read_bytes())
    assert (tmp_path / "b.tape").read_bytes() == path.read_bytes()


def test_what_is_imported_is_the_same_tape(taping: Taping, path: Path) -> None:
    key = kept_with_its_past(taping)
    export_tape(taping.store, key, path)

    elsewhere, again = load_tape(path)

    assert read_tape(elsewhere, again) == read_tape(taping.store, key)


def test_importing_again_changes_nothing(taping: Taping, path: Path, new_store: object) -> None:
    key = kept_with_its_past(taping)
    export_tape(taping.store, key, path)
    before = taping.store.statistics()

    for _ in range(2):
        import_tape(path, taping.store)
    taping.store.drain()

    after = taping.store.statistics()
    assert (after.spans, after.contents, after.conflicts) == (before.spans, before.contents, before.conflicts)
    assert read_tape(taping.store, key).steps == 5


def test_a_recording_that_goes_on_can_be_exported_and_says_so(taping: Taping, path: Path) -> None:
    key = taping.keep([tool(1)], status=None)

    export_tape(taping.store, key, path)

    assert not read_tape(*load_tape(path)).is_finished


class InMemory:
    """Stands for the path of a file that holds these bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read_bytes(self) -> bytes:
        return self._data


def problem_of(data: bytes) -> str:
    """What is told of a file with these bytes; empty when it is read."""
    try:
        read_tape_file(InMemory(data))  # type: ignore[arg-type]
    except (TapeDamaged, TapeUnreadable) as refused:
        return str(refused.facts["problem"])
    return ""


def test_every_flipped_bit_is_refused_with_its_place(path: Path) -> None:
    whole = small(path)
    assert problem_of(whole) == ""

    for place in range(len(whole)):
        for bit in range(8):
            damaged = bytearray(whole)
            damaged[place] ^= 1 << bit
            problem = problem_of(bytes(damaged))
            named = (
                ("does not begin as a tape does" if place < 8 else "its header, bytes 0 to 15")
                if place < 16
                else "frame "
            )
            assert named in problem, (place, bit, problem)


def test_every_cut_is_refused(path: Path) -> None:
    whole = small(path)

    for end in range(len(whole)):
        problem = problem_of(whole[:end])
        assert any(word in problem for word in ("cut", "does not begin", "before its end is told")), (end, problem)


def test_what_stands_behind_the_end_is_refused(path: Path) -> None:
    path.write_bytes(small(path) + b"xy")

    with pytest.raises(TapeDamaged, match="2 bytes stand behind its end"):
        load_tape(path)


def test_frames_that_changed_places_are_refused(path: Path) -> None:
    """Each is whole; only the digest over all of them tells."""
    whole = small(path)
    header, end = whole[:16], whole[-44:]
    size = 12 + int.from_bytes(whole[16:20], "little")
    path.write_bytes(header + whole[16 + size : -44] + whole[16 : 16 + size] + end)

    with pytest.raises(TapeDamaged, match="its digest does not fit"):
        load_tape(path)


def test_a_newer_format_is_refused_with_the_version_that_reads_it(path: Path) -> None:
    path.write_bytes(file_header(MAGIC, FORMAT + 1, (7, 3)) + b"whatever")

    with pytest.raises(FormatTooNew) as refused:
        load_tape(path)

    assert refused.value.facts["version"] == "7.3"


def written(path: Path, *frames: bytes) -> Path:
    data = file_header(MAGIC, FORMAT, (0, 1)) + b"".join(frames)
    path.write_bytes(data + pack(5, 1, blake3(data).digest()))
    return path


@pytest.mark.parametrize(
    ("frames", "problem"),
    [
        ((), "it holds no session"),
        ((pack(9, 1, b""),), "frame 1 is of kind 9 and version 1, both unknown"),
        ((pack(1, 2, b""),), "frame 1 is of kind 1 and version 2, both unknown"),
        ((pack(1, 1, b"\xc1"),), "frame 1 makes no sense"),
        ((pack(4, 1, encode(Content(hash=Content.of(b"a").hash, data=b"b"))),), "is not what its hash says"),
    ],
)
def test_what_a_stranger_wrote_is_looked_at_once_more(frames: tuple[bytes, ...], problem: str, path: Path) -> None:
    store = MemoryStore()

    with pytest.raises(AgentReplayError, match=problem):
        import_tape(written(path, *frames), store)

    assert store.statistics().sessions == 0


def test_a_tape_that_mixes_tenants_adds_nothing(path: Path) -> None:
    mine, other = Maker().session(), Maker(tenant="other").span()
    store = MemoryStore()

    with pytest.raises(AgentReplayError):
        import_tape(written(path, pack(1, 1, encode(mine)), pack(2, 1, encode(other))), store)

    assert store.statistics().sessions == 0


def test_a_file_that_is_none_is_told(path: Path, tmp_path: Path) -> None:
    with pytest.raises(TapeUnreadable, match="No such file"):
        read_tape_file(path)
    path.write_bytes(b"")
    with pytest.raises(TapeUnreadable, match="does not begin as a tape does"):
        read_tape_file(path)
    with pytest.raises(TapeUnwritable, match="No such file"):
        export_tape(*_one(), tmp_path / "nowhere" / "a.tape")


def _one() -> tuple[Store, SessionKey]:
    taping = Taping(MemoryStore())
    return taping.store, taping.keep([])


def test_what_is_not_there_cannot_be_exported(taping: Taping, path: Path) -> None:
    key = taping.keep([tool(1)], origin=Origin(session=taping.make.new_session_id(), seq=2))

    with pytest.raises(OriginMissing):
        export_tape(taping.store, key, path)
    with pytest.raises(SessionMissing):
        export_tape(taping.store, key._replace(session=taping.make.new_session_id()), path)
    assert not path.exists()


def test_a_large_tape_is_added_in_several_batches(path: Path) -> None:
    class Counting(MemoryStore):
        batches = 0

        def append(self, batch: Batch) -> None:
            self.batches += 1
            super().append(batch)

    taping = Taping(MemoryStore())
    key = taping.keep([tool(number, result="x" * 1_500_000 + str(number)) for number in range(1, 8)])
    export_tape(taping.store, key, path)
    counting = Counting()

    assert import_tape(path, counting) == key
    assert counting.batches > 1
    assert read_tape(counting, key).calls == read_tape(taping.store, key).calls


def test_the_page_of_the_format_tells_the_truth(path: Path) -> None:
    """Byte by byte, as docs/format/tape.md draws it."""
    whole = small(path)

    assert whole[:8] == b"ARTAPE\r\n"
    assert int.from_bytes(whole[8:10], "little") == 1
    assert tuple(whole[10:12]) == (0, 1)
    assert int.from_bytes(whole[12:16], "little") == zlib.crc32(whole[:12])
    kinds: list[int] = []
    place = 16
    while place < len(whole):
        size, kind = int.from_bytes(whole[place : place + 4], "little"), whole[place + 4]
        kinds.append(kind)
        place += 12 + size
    assert place == len(whole)
    assert kinds == sorted(kinds)
    assert kinds[0] == 1
    assert kinds[-1] == 5
    assert whole[-32:] == blake3(whole[:-44]).digest()
    assert isinstance(read_tape_file(path)[0], Session)
