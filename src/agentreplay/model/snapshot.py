"""An agent's state at one moment: what is told of it beside the state itself, and which snapshots are kept."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Literal, NewType, get_args
from uuid import UUID

import msgspec

from agentreplay.errors import ValueInvalid
from agentreplay.model.ids import check_name
from agentreplay.model.time import SECOND, Nanoseconds

__all__ = [
    "COMPRESSIONS",
    "Compression",
    "Encryption",
    "Keep",
    "SnapshotId",
    "SnapshotMetadata",
    "chosen",
    "new_snapshot_id",
    "suggested_name",
]

SnapshotId = NewType("SnapshotId", str)
"""A UUID, as text."""

Compression = Literal["zstd", "gzip", "none"]
COMPRESSIONS: tuple[Compression, ...] = get_args(Compression)
Encryption = Literal["none", "aes-256-gcm"]


class SnapshotMetadata(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is told of a snapshot. The last four fields are known when its last byte is."""

    agent_id: str
    session_id: str
    snapshot_id: SnapshotId
    timestamp: Nanoseconds
    snapshot_index: int = 0
    """Which snapshot of its session it is, as its maker counts."""
    parent: SnapshotId | None = None
    """The snapshot that the agent was restored from or that was taken before this one."""
    description: str | None = None
    labels: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    serialiser: str = "plain"
    """Who made the state of the agent, and can make an agent of it."""
    media: str = "application/json"
    """The media type of the state."""
    format_version: int = 1
    compression_algorithm: Compression = "zstd"
    encryption: Encryption = "none"
    content_hash: str = ""
    """The hash of the state; of an encrypted one it says nothing to whoever lacks the key."""
    uncompressed_size: int = 0
    compressed_size: int = 0
    file_size: int = 0

    def __post_init__(self) -> None:
        check_name(self.agent_id, "the agent id of a snapshot")
        check_name(self.session_id, "the session id of a snapshot")
        check_name(self.snapshot_id, "the id of a snapshot")
        if self.snapshot_index < 0:
            raise ValueInvalid(what="the index of a snapshot", problem=f"{self.snapshot_index} is below 0")


class Keep(msgspec.Struct, frozen=True, kw_only=True):
    """Which snapshots of an agent stay: the last ones, and the last of so many days and weeks that have one."""

    last: int = 0
    daily: int = 0
    weekly: int = 0

    def __post_init__(self) -> None:
        if min(self.last, self.daily, self.weekly) < 0 or not (self.last or self.daily or self.weekly):
            raise ValueInvalid(what="what to keep", problem="give how many of the last, of days or of weeks: 1 or more")


def new_snapshot_id(randomness: bytes) -> SnapshotId:
    """A UUID of sixteen random bytes."""
    return SnapshotId(str(UUID(bytes=randomness, version=4)))


def chosen(snapshots: Iterable[SnapshotMetadata], keep: Keep) -> set[SnapshotId]:
    """Those of one agent's snapshots that stay. Days and weeks are those of UTC."""
    newest = sorted(snapshots, key=lambda one: (one.timestamp, one.snapshot_index, one.snapshot_id), reverse=True)
    stays = {one.snapshot_id for one in newest[: keep.last]}
    stays |= _last_of_each([(_day(one), one.snapshot_id) for one in newest], keep.daily)
    return stays | _last_of_each([(_week(one), one.snapshot_id) for one in newest], keep.weekly)


def suggested_name(metadata: SnapshotMetadata, ending: str = ".snapshot") -> str:
    """A file name that tells agent, session, index and time, and sorts by them."""
    time = _moment(metadata).strftime("%Y%m%d_%H%M%S")
    parts = "_".join((metadata.agent_id, metadata.session_id, str(metadata.snapshot_index), time))
    # What begins with a dot is hidden in a folder.
    return "".join(sign if sign.isalnum() or sign in "-._" else "-" for sign in parts).lstrip(".") + ending


def _last_of_each(placed: Sequence[tuple[tuple[int, ...], SnapshotId]], most: int) -> set[SnapshotId]:
    """From the newest on, the first of each period, of so many periods."""
    seen: dict[tuple[int, ...], SnapshotId] = {}
    for period, name in placed:
        seen.setdefault(period, name)
    return set(list(seen.values())[:most])


def _moment(metadata: SnapshotMetadata) -> datetime:
    return datetime.fromtimestamp(metadata.timestamp // SECOND, UTC)


def _day(metadata: SnapshotMetadata) -> tuple[int, ...]:
    moment = _moment(metadata)
    return moment.year, moment.month, moment.day


def _week(metadata: SnapshotMetadata) -> tuple[int, ...]:
    year, week, _ = _moment(metadata).isocalendar()
    return year, week
