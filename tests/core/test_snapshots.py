"""Snapshots on a shelf: saved, found, compared, copied, thrown away."""

import json
from pathlib import Path

import msgspec
import pytest

from agentreplay.contents.shelf import Located, locate, open_shelf
from agentreplay.core import snapshots
from agentreplay.errors import (
    SnapshotDamaged,
    SnapshotInTheWay,
    SnapshotKeyNeeded,
    SnapshotMissing,
    SnapshotTooLarge,
    SnapshotUnreadable,
    ValueInvalid,
)
from agentreplay.model.snapshot import Keep, SnapshotId, SnapshotMetadata
from agentreplay.model.time import DAY, Nanoseconds

NOON = 1_800_014_400_000_000_000
KEY = bytes(range(32))


def about(number: int = 1, *, agent: str = "forecaster", at: int = NOON, **more: object) -> SnapshotMetadata:
    return msgspec.structs.replace(
        SnapshotMetadata(
            agent_id=agent,
            session_id="01",
            snapshot_id=SnapshotId(f"{agent}-{number}"),
            snapshot_index=number,
            timestamp=Nanoseconds(at),
        ),
        **more,
    )


def at(folder: Path, name: str = "it.snapshot") -> Located:
    return locate(folder / name)


def test_what_is_saved_is_read_whole_or_in_pieces(tmp_path: Path) -> None:
    told = snapshots.save(at(tmp_path), [b'{"a":', b"1}"], about())

    assert snapshots.read(at(tmp_path)) == (told, b'{"a":1}')
    assert snapshots.metadata_of(at(tmp_path)) == snapshots.verify(at(tmp_path)) == told
    assert told.file_size == at(tmp_path).shelf.stat("it.snapshot").size
    metadata, pieces = snapshots.open_state(at(tmp_path))
    assert (metadata.agent_id, b"".join(pieces)) == ("forecaster", b'{"a":1}')


def test_metadata_that_are_larger_than_usual_are_found(tmp_path: Path) -> None:
    labels = {f"label {number}": "x" * 100 for number in range(2_000)}

    told = snapshots.save(at(tmp_path), [b"{}"], about(labels=labels))

    assert snapshots.metadata_of(at(tmp_path)) == told


def test_a_snapshot_exists_until_it_is_deleted(tmp_path: Path) -> None:
    assert not snapshots.exists(at(tmp_path))
    snapshots.save(at(tmp_path), [b"{}"], about())
    assert snapshots.exists(at(tmp_path))

    snapshots.delete(at(tmp_path))

    assert not snapshots.exists(at(tmp_path))
    with pytest.raises(SnapshotMissing):
        snapshots.delete(at(tmp_path))


def test_a_name_that_is_taken_stays_where_it_must(tmp_path: Path) -> None:
    snapshots.save(at(tmp_path), [b"1"], about())

    with pytest.raises(SnapshotInTheWay):
        snapshots.save(at(tmp_path), [b"2"], about(), replace=False)

    assert snapshots.read(at(tmp_path)).state == b"1"


def test_a_folder_is_listed_with_its_damaged_ones_and_without_other_files(tmp_path: Path) -> None:
    snapshots.save(at(tmp_path, "a.snapshot"), [b"{}"], about(1))
    snapshots.save(at(tmp_path, "b.json.gz"), [b"{}"], about(2))
    snapshots.save(at(tmp_path, "deep/er/c.snapshot"), [b"{}"], about(3, agent="other"))
    whole = (tmp_path / "a.snapshot").read_bytes()
    (tmp_path / "d.snapshot").write_bytes(whole[:-1])
    (tmp_path / "notes.txt").write_bytes(b"no snapshot")
    (tmp_path / "e.json.gz").write_bytes(b"neither")

    found = list(snapshots.find(open_shelf(tmp_path)))

    assert [each.name for each in found] == ["a.snapshot", "b.json.gz", "d.snapshot", "deep/er/c.snapshot"]
    assert [each.name for each in found if each.problem] == ["d.snapshot"]
    assert [each.name for each in snapshots.find(open_shelf(tmp_path), "other")] == ["d.snapshot", "deep/er/c.snapshot"]


def test_the_history_of_an_agent_goes_by_time_and_its_lineage_by_parents(tmp_path: Path) -> None:
    for number, parent in ((3, 1), (1, None), (2, 1)):
        came_from = SnapshotId(f"forecaster-{parent}") if parent else None
        snapshots.save(
            at(tmp_path, f"{number % 3}.snapshot"), [b"{}"], about(number, at=NOON + number, parent=came_from)
        )
    found = list(snapshots.find(open_shelf(tmp_path)))

    told = snapshots.history(found, "forecaster")
    line = snapshots.lineage(found, SnapshotId("forecaster-3"))

    assert [each.metadata.snapshot_index for each in told if each.metadata] == [1, 2, 3]
    assert [each.metadata.snapshot_index for each in line if each.metadata] == [3, 1]
    with pytest.raises(SnapshotMissing):
        snapshots.lineage(found, SnapshotId("nobody"))


def test_a_lineage_that_runs_in_a_circle_ends(tmp_path: Path) -> None:
    for number in (1, 2):
        snapshots.save(
            at(tmp_path, f"{number}.snapshot"), [b"{}"], about(number, parent=SnapshotId(f"forecaster-{3 - number}"))
        )

    assert len(snapshots.lineage(snapshots.find(open_shelf(tmp_path)), SnapshotId("forecaster-1"))) == 2


def test_what_is_not_to_be_kept_goes_agent_by_agent(tmp_path: Path) -> None:
    for day in range(10):
        for hour in (0, 1):
            number = day * 2 + hour
            snapshots.save(at(tmp_path, f"{number:02}.snapshot"), [b"{}"], about(number, at=NOON + day * DAY + hour))
    snapshots.save(at(tmp_path, "other.snapshot"), [b"{}"], about(agent="other", at=NOON))
    (tmp_path / "damaged.snapshot").write_bytes((tmp_path / "00.snapshot").read_bytes()[:-1])

    told = snapshots.retain(open_shelf(tmp_path), Keep(last=1, daily=3, weekly=2), only_tell=True)
    assert len(list(tmp_path.iterdir())) == 22
    gone = snapshots.retain(open_shelf(tmp_path), Keep(last=1, daily=3, weekly=2))

    assert told == gone
    # The first day was a Friday: the last of three days, of the week that ends with them and of the one before.
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "05.snapshot", "15.snapshot", "17.snapshot", "19.snapshot", "damaged.snapshot", "other.snapshot",
    ]  # fmt: skip


def test_two_states_are_compared_field_by_field(tmp_path: Path) -> None:
    snapshots.save(at(tmp_path, "a"), [b'{"city":"Oslo","days":[1,2]}'], about())
    snapshots.save(at(tmp_path, "b.json.gz"), [b'{"city":"Rome","days":[1,2,3]}'], about())

    told = snapshots.diff(at(tmp_path, "a"), at(tmp_path, "b.json.gz"))

    assert [(each.path, each.told.get("expected"), each.told["got"]) for each in told] == [
        ("city", "Oslo", "Rome"),
        ("days[2]", None, 3),
    ]
    snapshots.save(at(tmp_path, "c"), [b"\0"], about(media="application/octet-stream"))
    with pytest.raises(SnapshotUnreadable, match="octet-stream"):
        snapshots.diff(at(tmp_path, "a"), at(tmp_path, "c"))


def test_a_copy_has_the_same_bytes_and_of_a_damaged_one_nothing_arrives(tmp_path: Path) -> None:
    snapshots.save(at(tmp_path, "a"), [b"x" * 3_000_000], about())
    whole = (tmp_path / "a").read_bytes()
    (tmp_path / "broken").write_bytes(whole[:-40] + bytes(40))

    snapshots.copy(at(tmp_path, "a"), at(tmp_path, "other/b"))

    assert (tmp_path / "other" / "b").read_bytes() == whole
    with pytest.raises(SnapshotDamaged):
        snapshots.copy(at(tmp_path, "broken"), at(tmp_path, "other/c"))
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["b"]


def test_an_encrypted_snapshot_is_copied_without_its_key_and_converted_with_it(tmp_path: Path) -> None:
    snapshots.save(at(tmp_path, "a"), [b'{"secret":1}'], about(), key=KEY)

    snapshots.copy(at(tmp_path, "a"), at(tmp_path, "b"))
    snapshots.copy(at(tmp_path, "a"), at(tmp_path, "c.json.gz"), key=KEY)

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert snapshots.read(at(tmp_path, "c.json.gz")).state == b'{"secret":1}'
    for ask in (snapshots.read, snapshots.verify):
        with pytest.raises(SnapshotKeyNeeded):
            ask(at(tmp_path, "b"))
    assert snapshots.metadata_of(at(tmp_path, "b")).encryption == "aes-256-gcm"
    with pytest.raises(ValueInvalid, match="never encrypted"):
        snapshots.save(at(tmp_path, "d.json.gz"), [b"{}"], about(), key=KEY)


def test_more_than_was_allowed_is_not_read(tmp_path: Path) -> None:
    for name in ("a", "a.json.gz"):
        snapshots.save(at(tmp_path, name), [json.dumps("x" * 1_000_000).encode()], about())

        with pytest.raises(SnapshotTooLarge):
            snapshots.read(at(tmp_path, name), limit=900_000)
