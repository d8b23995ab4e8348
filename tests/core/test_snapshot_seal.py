"""Keys of snapshots: what fits together, and what a file may ask for."""

import struct

import pytest

from agentreplay.core.snapshot_seal import OPEN, new_seal, read_seal
from agentreplay.errors import SnapshotDamaged, SnapshotKeyWrong, ValueInvalid

KEY = bytes(range(32))


def test_what_was_hidden_is_shown_only_where_it_was_hidden() -> None:
    seal = new_seal(KEY)
    hidden = seal.hide(b"secret", 3, b"around")

    again = read_seal(seal.frame, KEY, "it")

    assert again.show(hidden, 3, b"around") == b"secret"
    assert again.show(hidden, 4, b"around") is None
    assert again.show(hidden, 3, b"elsewhere") is None
    assert new_seal(KEY).show(hidden, 3, b"around") is None


def test_no_two_snapshots_have_the_same_keys() -> None:
    one, other = new_seal("open sesame"), new_seal("open sesame")

    assert one.hide(b"secret", 0, b"") != other.hide(b"secret", 0, b"")
    assert one.hasher().update(b"x").digest() != other.hasher().update(b"x").digest()


def test_without_a_key_it_only_hashes() -> None:
    assert (OPEN.hides, OPEN.hide(b"x", 0, b""), OPEN.show(b"x", 0, b"")) == (False, b"x", b"x")


@pytest.mark.parametrize("costs", [(1, 30, 8, 1), (1, 15, 200, 1), (1, 15, 8, 100), (3, 15, 8, 1)])
def test_a_file_cannot_make_its_opening_cost_the_earth(costs: tuple[int, int, int, int]) -> None:
    frame = struct.pack("<BBBB", *costs) + new_seal(KEY).frame[4:]

    with pytest.raises(SnapshotDamaged, match="makes no sense"):
        read_seal(frame, "open sesame", "it")


def test_costs_of_nothing_are_no_passphrase() -> None:
    frame = bytes([1, 0, 0, 0]) + new_seal(KEY).frame[4:]

    with pytest.raises((SnapshotDamaged, SnapshotKeyWrong)):
        read_seal(frame, "open sesame", "it")


@pytest.mark.parametrize("key", ["", b"short", bytes(33)])
def test_what_is_no_key_is_refused(key: str | bytes) -> None:
    with pytest.raises(ValueInvalid):
        new_seal(key)
