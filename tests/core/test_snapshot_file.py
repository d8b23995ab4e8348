"""Snapshot files: what goes in comes out, and nothing that was changed does."""

import tracemalloc
from collections.abc import Iterator
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.core.snapshot_file import (
    END_SIZE,
    HEAD_SIZE,
    SnapshotReader,
    SnapshotWriter,
    read_metadata,
)
from agentreplay.core.snapshot_packing import PIECE
from agentreplay.core.snapshot_seal import OPEN, Key, new_seal
from agentreplay.errors import (
    AgentReplayError,
    FormatTooNew,
    SnapshotDamaged,
    SnapshotKeyNeeded,
    SnapshotKeyWrong,
    SnapshotTooLarge,
    SnapshotUnreadable,
)
from agentreplay.model.snapshot import COMPRESSIONS, Compression, SnapshotId, SnapshotMetadata
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import encode
from agentreplay.store.journal.frame import pack
from agentreplay.store.journal.packing import file_header

KEY = bytes(range(32))
STATE = b'{"messages": ["How is the weather?", "sunny"]}' * 40
ABOUT = SnapshotMetadata(
    agent_id="forecaster",
    session_id="01",
    snapshot_id=SnapshotId("1"),
    timestamp=Nanoseconds(1_800_000_000_000_000_000),
    description="Größe, before the storm",
    labels={"env": "test"},
)


def written(state: bytes = STATE, *, key: Key | None = None, how: Compression = "zstd") -> bytes:
    seal = OPEN if key is None else new_seal(key, lambda size: b"s" * size)
    about = msgspec.structs.replace(ABOUT, compression_algorithm=how)
    return b"".join(SnapshotWriter(about, seal).bytes_of([state]))


def read(data: bytes, *, key: Key | None = None, limit: int = 1 << 30) -> bytes:
    return b"".join(SnapshotReader([data], "it", key=key, limit=limit).state())


@pytest.mark.parametrize("how", COMPRESSIONS)
@given(state=st.binary(max_size=3_000), cut=st.integers(1, 500))
def test_what_goes_in_comes_out_in_pieces_of_any_size(how: Compression, state: bytes, cut: int) -> None:
    data = written(state, how=how)
    pieces = [data[start : start + cut] for start in range(0, len(data), cut)]

    reader = SnapshotReader(pieces, "it")

    assert b"".join(reader.state()) == state
    assert reader.metadata.uncompressed_size == len(state)
    assert reader.metadata.file_size == len(data)


@pytest.mark.parametrize("key", [None, KEY])
def test_every_flipped_bit_is_found(key: Key | None) -> None:
    data = written(key=key)

    for place in range(len(data)):
        damaged = bytearray(data)
        damaged[place] ^= 1 << place % 8
        with pytest.raises(AgentReplayError):
            read(bytes(damaged), key=key)


def test_every_cut_and_every_byte_too_many_is_found() -> None:
    data = written()

    for size in range(len(data)):
        with pytest.raises((SnapshotDamaged, SnapshotUnreadable)):
            read(data[:size])
    with pytest.raises(SnapshotDamaged, match="behind its end"):
        read(data + b"\0")


def test_metadata_that_were_edited_with_care_are_found_without_reading_the_state() -> None:
    """Whoever edits them may well mend the checksum beside them."""
    data = written()
    header = file_header(b"ARSNAP\r\n", 1, (0, 1))
    honest = pack(1, 1, encode(SnapshotWriter(ABOUT).metadata))
    assert data.startswith(header + honest)
    forged = pack(1, 1, encode(msgspec.structs.replace(SnapshotWriter(ABOUT).metadata, agent_id="somebody")))
    edited = header + forged + data[len(header + honest) :]

    with pytest.raises(SnapshotDamaged, match="metadata"):
        read_metadata(edited[:HEAD_SIZE], edited[-END_SIZE:], len(edited), "it")
    with pytest.raises(SnapshotDamaged):
        read(edited)


@given(st.data())
def test_pieces_that_changed_places_are_found(draw: st.DataObject) -> None:
    first, second = written(b"one" * 50), written(b"two" * 60)
    cut = draw.draw(st.integers(0, min(len(first), len(second))))
    mixed = first[:cut] + second[cut:]

    if mixed not in {first, second}:
        with pytest.raises(AgentReplayError):
            read(mixed)


def test_metadata_are_read_from_both_ends() -> None:
    data = written(Random(1).randbytes(100_000))

    found = read_metadata(data[:HEAD_SIZE], data[-END_SIZE:], len(data), "it")

    assert found is not None
    assert (found.agent_id, found.uncompressed_size, found.file_size) == ("forecaster", 100_000, len(data))
    assert found.compressed_size < found.file_size
    assert read_metadata(data[:40], data[-END_SIZE:], len(data), "it") is None


def test_the_same_state_makes_the_same_bytes() -> None:
    assert written() == written()
    assert written(key=KEY) == written(key=KEY)


def test_an_encrypted_state_is_not_in_the_file_and_its_metadata_are() -> None:
    data = written(key=KEY, how="none")

    assert STATE not in data
    assert b"sunny" not in data
    assert b"forecaster" in data
    assert read(data, key=KEY) == STATE
    found = read_metadata(data, data[-END_SIZE:], len(data), "it")
    assert found is not None
    assert found.encryption == "aes-256-gcm"


def test_a_wrong_key_is_told_from_damage() -> None:
    by_passphrase, by_key = written(key="open sesame"), written(key=KEY)

    with pytest.raises(SnapshotKeyNeeded):
        read(by_key)
    for data, key in ((by_passphrase, "open barley"), (by_key, bytes(32)), (by_key, "x"), (by_passphrase, KEY)):
        with pytest.raises(SnapshotKeyWrong):
            read(data, key=key)


def test_encrypted_metadata_cannot_be_edited_by_whoever_lacks_the_key() -> None:
    """Not even by mending every hash in the file."""
    data = written(key=KEY)
    begun = SnapshotWriter(ABOUT, new_seal(KEY, lambda size: b"s" * size)).metadata
    honest = pack(1, 1, encode(begun))
    forged = pack(1, 1, encode(msgspec.structs.replace(begun, agent_id="somebody99")))
    edited = data.replace(honest, forged)
    assert edited != data

    with pytest.raises(SnapshotDamaged):
        read_metadata(edited, edited[-END_SIZE:], len(edited), "it", KEY)
    with pytest.raises(SnapshotDamaged):
        read(edited, key=KEY)


@pytest.mark.parametrize("how", ["zstd", "gzip"])
def test_a_bomb_goes_off_nowhere(how: Compression) -> None:
    """Megabytes of nothing take a few kilobytes in the file."""
    data = b"".join(
        SnapshotWriter(msgspec.structs.replace(ABOUT, compression_algorithm=how)).bytes_of(
            bytes(1 << 20) for _ in range(20)
        )
    )
    assert len(data) < 1 << 17
    tracemalloc.start()
    try:
        with pytest.raises(SnapshotTooLarge, match="3000000"):
            for _ in SnapshotReader([data], "it", limit=3_000_000).state():
                pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 4 << 20


def test_a_large_state_streams_through_little_memory() -> None:
    """As the benchmark shows with gigabytes."""
    pieces = 24

    def state() -> Iterator[bytes]:
        chance = Random(2)
        for _ in range(pieces):
            yield chance.randbytes(PIECE)

    tracemalloc.start()
    try:
        size = sum(len(piece) for piece in SnapshotReader(SnapshotWriter(ABOUT).bytes_of(state()), "it").state())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert size == pieces * PIECE
    assert peak < 12 * PIECE


def test_a_newer_format_is_told_from_damage() -> None:
    data = file_header(b"ARSNAP\r\n", 2, (9, 9)) + written()[16:]

    with pytest.raises(FormatTooNew, match="format 2"):
        read(data)


def test_other_files_are_no_snapshots() -> None:
    for data in (b"", b"{}", b"ARTAPE\r\n" + bytes(100)):
        with pytest.raises(SnapshotUnreadable):
            read(data)
