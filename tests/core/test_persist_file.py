"""Files of Persist's: written as it writes them, read as it does, and with their damage found."""

import gzip
import hashlib
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.core.persist_file import canonical_json, read_persist, write_persist
from agentreplay.errors import AgentReplayError, SnapshotDamaged, SnapshotTooLarge, SnapshotUnreadable, ValueInvalid
from agentreplay.model.snapshot import SnapshotId, SnapshotMetadata
from agentreplay.model.time import Nanoseconds

ABOUT = SnapshotMetadata(
    agent_id="a",
    session_id="s",
    snapshot_id=SnapshotId("0b0e7d54-9f0f-4a3f-9f3e-5b8a2f1f0c11"),
    snapshot_index=3,
    timestamp=Nanoseconds(1_705_312_245_123_456_789),
    description="after the greeting",
    serialiser="langchain",
    compression_algorithm="gzip",
)

# As Persist's engine writes it: fields of the state sorted, no blanks, floats in their shortest form.
STATE = '{"a":1e16,"lc":1,"list":[0.00001,1.5,"é"],"type":"constructor"}'
FOREIGN = json.dumps({
    "metadata": {
        "agent_id": "a", "session_id": "s", "snapshot_index": 3, "timestamp": "2024-01-15T09:50:45.123456789Z",
        "content_hash": hashlib.sha256(STATE.encode()).hexdigest(), "format_version": 1, "snapshot_id": "x",
        "uncompressed_size": len(STATE), "compressed_size": None, "compression_algorithm": "gzip",
    }
})[:-1].encode() + b',"agent_state":' + STATE.encode() + b"}"  # fmt: skip


def read(data: bytes, limit: int = 1 << 20) -> object:
    return read_persist([data[:7], data[7:]], "it", limit)


def test_what_is_written_is_read() -> None:
    told, data = write_persist(ABOUT, b'{"b": [1.5, null], "a": "\xc3\xa9"}')

    assert read(data) == (told, '{"a":"é","b":[1.5,null]}'.encode())
    assert told.compressed_size == told.file_size == len(data)
    assert write_persist(ABOUT, b'{"a":"\xc3\xa9","b":[1.5,null]}')[1] == data


def test_what_is_written_has_the_fields_of_persist() -> None:
    envelope = json.loads(gzip.decompress(write_persist(ABOUT, b'{"b":1}')[1]))

    assert envelope == {
        "metadata": {
            "agent_id": "a",
            "session_id": "s",
            "snapshot_index": 3,
            "timestamp": "2024-01-15T09:50:45.123456789Z",
            "content_hash": hashlib.sha256(b'{"b":1}').hexdigest(),
            "format_version": 1,
            "snapshot_id": "0b0e7d54-9f0f-4a3f-9f3e-5b8a2f1f0c11",
            "description": "after the greeting",
            "uncompressed_size": 7,
            "compressed_size": None,
            "compression_algorithm": "gzip",
        },
        "agent_state": {"b": 1},
    }


def test_a_foreign_file_is_read_and_its_numbers_are_hashed_as_they_stand() -> None:
    found = read_persist([gzip.compress(FOREIGN)], "it", 1 << 20)

    assert found.state == STATE.encode()
    assert found.metadata.timestamp == 1_705_312_245_123_456_789
    assert found.metadata.serialiser == "langchain"
    assert canonical_json(json.loads(STATE)) == STATE.encode()


def test_a_file_that_was_indented_on_its_way_still_has_its_hash() -> None:
    indented = json.dumps(json.loads(FOREIGN), indent=2).encode()

    assert read(gzip.compress(indented))


def test_a_state_that_was_changed_is_found() -> None:
    for data in (FOREIGN.replace(b"1.5", b"1.6"), FOREIGN[:-1], FOREIGN.replace(b'"session_id": "s", ', b"")):
        with pytest.raises(SnapshotDamaged):
            read(gzip.compress(data))


@given(st.data())
def test_a_flipped_bit_is_found_or_harmless(draw: st.DataObject) -> None:
    """Of the header of gzip some bits mean nothing; and nothing covers a file's metadata but gzip's checksum."""
    told, data = write_persist(ABOUT, STATE.encode())
    place = draw.draw(st.integers(0, len(data) * 8 - 1))
    damaged = bytearray(data)
    damaged[place // 8] ^= 1 << place % 8

    with suppress(AgentReplayError):
        assert read(bytes(damaged)) == (told, STATE.encode())


def test_what_is_cut_or_goes_on_is_found() -> None:
    data = write_persist(ABOUT, STATE.encode())[1]

    for size in range(2, len(data), 7):
        with pytest.raises(SnapshotDamaged):
            read(data[:size])
    with pytest.raises(SnapshotDamaged, match="behind its end"):
        read(data + b"x")


def test_other_files_are_none_of_persists() -> None:
    for data in (b"no gzip", gzip.compress(b'{"other": 1}'), gzip.compress(b"[]")):
        with pytest.raises(SnapshotUnreadable):
            read(data)
    with pytest.raises(ValueInvalid):
        write_persist(ABOUT, b"\0")


def test_a_bomb_goes_off_nowhere() -> None:
    with pytest.raises(SnapshotTooLarge):
        read(gzip.compress(b" " * 5_000_000))
