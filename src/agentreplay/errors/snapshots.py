"""What goes wrong with snapshots, and with the folders and buckets they lie in.

Those that programs have long known by a name of Python's are of that type too: a missing file is a
FileNotFoundError, wherever it is missed.
"""

from agentreplay.errors.families import Conflict, Damaged, InputInvalid, NotFound, Unavailable

__all__ = [
    "BucketMissing",
    "ClassForbidden",
    "ExtraMissing",
    "PlaceDenied",
    "PlaceFailing",
    "PlaceUnknown",
    "PlaceUnreachable",
    "SnapshotDamaged",
    "SnapshotInTheWay",
    "SnapshotKeyNeeded",
    "SnapshotKeyWrong",
    "SnapshotMissing",
    "SnapshotTooLarge",
    "SnapshotUnreadable",
    "StateForeign",
    "StateUnkept",
]


class SnapshotMissing(NotFound, FileNotFoundError):
    """There is no snapshot {place}: it was not found."""

    hint = "`agentreplay snapshot list FOLDER` shows what is there"


class BucketMissing(NotFound, FileNotFoundError):
    """There is no bucket {bucket!r} at {service}."""

    hint = "check the name, the region and the endpoint (AWS_REGION, AWS_ENDPOINT); no bucket is made by itself"


class PlaceDenied(InputInvalid, PermissionError):
    """{place} may not be used with these credentials: {problem}."""

    hint = "check the credentials in the environment, and what their owner may do there; of a folder, owner and mode"


class PlaceUnknown(InputInvalid):
    """Snapshots cannot be kept at {address!r}: {problem}."""

    hint = "give a file or folder, or an address that begins with one of: {known}"


class PlaceUnreachable(Unavailable, ConnectionError):
    """{place} cannot be reached: {problem}."""

    hint = "nothing half written is visible there; try again, and check the endpoint and the network"


class PlaceFailing(Unavailable, OSError):
    """{place} cannot be written or read: {problem}."""

    hint = "nothing half written is visible there; make room or choose another place"


class ExtraMissing(InputInvalid):
    """{what} needs the package {package}, which is not installed."""

    hint = "pip install 'agentreplay[{extra}]'"


class SnapshotInTheWay(Conflict, FileExistsError):
    """There is a snapshot {place} already."""

    hint = "choose another name, or allow to write over it"


class SnapshotUnreadable(InputInvalid):
    """{place} is no snapshot that can be read: {problem}."""

    hint = "snapshots are written by `agentreplay snapshot save`, or are Persist's .json.gz files"


class SnapshotDamaged(Damaged):
    """The snapshot {place} is damaged: {problem}."""

    hint = "nothing of it was used; take another, or fetch it again from where it was copied"


class SnapshotTooLarge(InputInvalid):
    """The snapshot {place} holds more than {limit} bytes."""

    hint = "raise the limit if you trust where it comes from: `limit=` in Python, --limit on the command line"


class SnapshotKeyNeeded(InputInvalid):
    """The snapshot {place} is encrypted."""

    hint = "give its passphrase or key: `key=` in Python, AGENTREPLAY_SNAPSHOT_KEY on the command line"


class SnapshotKeyWrong(InputInvalid):
    """The snapshot {place} was not encrypted with this passphrase or key."""

    hint = "give the one it was saved with; without it nobody can read it"


class StateUnkept(InputInvalid):
    """The state cannot be kept: {problem}."""

    hint = "keep what it is made of (messages, data classes, models, plain data), or allow a class by name: `allow=`"


class StateForeign(InputInvalid):
    """What the snapshot {place} holds cannot be made here: {problem}."""

    hint = "import the library it was made with first, and give what it is to be restored into with `into=`"


class ClassForbidden(InputInvalid):
    """The snapshot {place} asks for {name}, which was not allowed."""

    hint = "if you trust the snapshot: import the class, and restore with `allow=[{name}]`"
