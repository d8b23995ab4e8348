"""Every error the product raises, in five families that each face maps once.

The first paragraph of a class's docstring is its message; the facts given to the constructor fill its
placeholders. `hint` says what to do next and is filled the same way.
"""

from agentreplay.errors.families import AgentReplayError, Conflict, Damaged, InputInvalid, NotFound, Unavailable
from agentreplay.errors.files import (
    AlreadyConnected,
    ConfigurationUnusable,
    FileInTheWay,
    FileUnwritable,
    TranscriptUnreadable,
)
from agentreplay.errors.memory import (
    DocumentUnreadable,
    MemoryChanged,
    MemoryMissing,
    MemoryReadOnly,
    MemoryVersionMissing,
    ScoreMissing,
)
from agentreplay.errors.replaying import (
    CheckpointDamaged,
    CheckpointUnknown,
    FunctionUnknown,
    NotPromoted,
    OriginMissing,
    PlaceMissing,
    ProgramForeign,
    ProgramMissing,
    ProgramUnknown,
    RecordedInside,
    StepMissing,
    TapeDamaged,
    TapeUnreadable,
    TapeUnwritable,
    TreeDamaged,
    TreeMissing,
)
from agentreplay.errors.serving import (
    AddressTaken,
    BodyTooLarge,
    BudgetTooSmall,
    CodingUnknown,
    ForeignHost,
    ForeignOrigin,
    GatewayPathUnknown,
    JobMissing,
    JobsForbidden,
    JobsTooMany,
    KeyNeeded,
    KeyWrong,
    ListenersTooMany,
    MethodNotAllowed,
    ModelSilent,
    Overloaded,
    RateExceeded,
    ReplayUnknown,
    RequestMalformed,
    RouteMissing,
    ServerBusy,
    ServerContradicts,
    ServerEnding,
    ServerFailed,
    ServerLacks,
    ServerMissing,
    ServerRefused,
)
from agentreplay.errors.snapshots import (
    BucketMissing,
    ClassForbidden,
    ExtraMissing,
    PlaceDenied,
    PlaceFailing,
    PlaceUnknown,
    PlaceUnreachable,
    SnapshotDamaged,
    SnapshotInTheWay,
    SnapshotKeyNeeded,
    SnapshotKeyWrong,
    SnapshotMissing,
    SnapshotTooLarge,
    SnapshotUnreadable,
    StateForeign,
    StateUnkept,
)
from agentreplay.errors.state import (
    FactConflict,
    FactMissing,
    GraphPartMissing,
    IdempotencyReused,
    StateForgotten,
    TransactionEnded,
    TransactionExpired,
    TransactionsTooMany,
    TransactionUnknown,
    VersionMissing,
)
from agentreplay.errors.vectors import (
    EmbeddingsFailing,
    EmbeddingsRefused,
    ModelDamaged,
    ModelMissing,
    ModelUnfetched,
    ModelUnknown,
    RerankerFailing,
    RerankerRefused,
    VectorsBusy,
    VectorsDamaged,
    VectorsForeign,
    VectorsUnfit,
)

__all__ = [
    "AddressTaken",
    "AgentReplayError",
    "AlreadyConnected",
    "BatchInvalid",
    "BodyTooLarge",
    "BucketMissing",
    "BudgetTooSmall",
    "CheckpointDamaged",
    "CheckpointUnknown",
    "ChecksumMismatch",
    "ClassForbidden",
    "CodingUnknown",
    "ConfigurationUnusable",
    "Conflict",
    "ContentMissing",
    "ContextMissing",
    "CursorInvalid",
    "Damaged",
    "DemoFailed",
    "DiskFailing",
    "DocumentUnreadable",
    "EmbeddingsFailing",
    "EmbeddingsRefused",
    "ExtraMissing",
    "FactConflict",
    "FactMissing",
    "FileInTheWay",
    "FileUnwritable",
    "FilterInvalid",
    "FolderInTheWay",
    "ForeignHost",
    "ForeignOrigin",
    "FormatTooNew",
    "FrameUnknown",
    "FunctionUnknown",
    "GatewayPathUnknown",
    "GraphPartMissing",
    "IdempotencyReused",
    "IndexerBusy",
    "InputInvalid",
    "JobMissing",
    "JobsForbidden",
    "JobsTooMany",
    "JournalBroken",
    "KeyNeeded",
    "KeyWrong",
    "ListenersTooMany",
    "MemoryChanged",
    "MemoryMissing",
    "MemoryReadOnly",
    "MemoryVersionMissing",
    "MethodNotAllowed",
    "ModelDamaged",
    "ModelMissing",
    "ModelSilent",
    "ModelUnfetched",
    "ModelUnknown",
    "NotAStore",
    "NotFound",
    "NotPromoted",
    "OriginMissing",
    "Overloaded",
    "PlaceDenied",
    "PlaceFailing",
    "PlaceMissing",
    "PlaceUnknown",
    "PlaceUnreachable",
    "PriceMissing",
    "ProgramForeign",
    "ProgramMissing",
    "ProgramUnknown",
    "QueryInvalid",
    "RateExceeded",
    "RecordedInside",
    "ReplayUnknown",
    "RequestMalformed",
    "RerankerFailing",
    "RerankerRefused",
    "RouteMissing",
    "ScoreMissing",
    "ServerBusy",
    "ServerContradicts",
    "ServerEnding",
    "ServerFailed",
    "ServerLacks",
    "ServerMissing",
    "ServerRefused",
    "SessionMissing",
    "SnapshotDamaged",
    "SnapshotInTheWay",
    "SnapshotKeyNeeded",
    "SnapshotKeyWrong",
    "SnapshotMissing",
    "SnapshotTooLarge",
    "SnapshotUnreadable",
    "SpanConflict",
    "SpanMissing",
    "StateForeign",
    "StateForgotten",
    "StateUnkept",
    "StepMissing",
    "StillRecorded",
    "StoreBusy",
    "StoreDamaged",
    "StoreFull",
    "StoreReadOnly",
    "StoreUnknown",
    "TapeDamaged",
    "TapeUnreadable",
    "TapeUnwritable",
    "TraceMissing",
    "TransactionEnded",
    "TransactionExpired",
    "TransactionUnknown",
    "TransactionsTooMany",
    "TranscriptUnreadable",
    "TreeDamaged",
    "TreeMissing",
    "Unavailable",
    "Unconfirmed",
    "ValueInvalid",
    "VectorsBusy",
    "VectorsDamaged",
    "VectorsForeign",
    "VectorsUnfit",
    "VersionMissing",
]


class ValueInvalid(InputInvalid):
    """{what} is not valid: {problem}."""


class BatchInvalid(InputInvalid):
    """The batch cannot be stored: {problem}."""


class QueryInvalid(InputInvalid):
    """The query cannot be answered: {problem}."""


class FilterInvalid(InputInvalid):
    """The filter cannot be read at column {column}: {problem}."""

    hint = "{advice}"


class CursorInvalid(InputInvalid):
    """The cursor {cursor!r} does not belong to this list."""

    hint = "use the `next` of the page before, with the same filter, or leave the cursor out to begin anew"


class StoreUnknown(InputInvalid):
    """There is no store for the address {address!r}."""

    hint = "give a folder, or one of: {known}"


class SessionMissing(NotFound):
    """There is no session {session!r} in project {project!r}."""

    hint = "`agentreplay sessions list` shows what is there; another project is chosen with --project"


class SpanMissing(NotFound):
    """There is no span {span!r}."""


class PriceMissing(NotFound):
    """No price is known for {model!r} of {provider!r}."""

    hint = "`agentreplay prices list` shows what is known, and `agentreplay prices set` gives it one"


class ContentMissing(NotFound):
    """There is no content {content!r}."""


class TraceMissing(NotFound):
    """There is no trace {trace!r}."""


class ContextMissing(NotFound):
    """There is no context {context!r}."""


class SpanConflict(Conflict):
    """The span {span!r} is already closed and says something else in: {fields}."""

    hint = "a closed span never changes; give the new one an id of its own"


class FolderInTheWay(Conflict):
    """The folder {path!r} cannot be filled: {problem}."""

    hint = "give a folder that is empty or not there; or --force, which replaces files of the same names"


class StoreBusy(Unavailable):
    """The store {path!r} is busy: another process has been writing for {seconds} s."""

    hint = "try again; `agentreplay doctor` names the process that holds the store"


class IndexerBusy(Unavailable):
    """The journals of {path!r} were not indexed within {seconds} s: {behind} bytes wait."""

    hint = "nothing is lost; read again, or look at `agentreplay doctor`"


class StoreFull(Unavailable):
    """There is no room left for the store {path!r}."""

    hint = "make room on that disk and go on; nothing that was acknowledged is lost"


class StoreReadOnly(Unavailable):
    """The store {path!r} cannot be written: {problem}."""

    hint = "check the owner and the mode of the folder, or choose another with --db-path"


class DiskFailing(Unavailable):
    """The disk under {path!r} reports an error: {problem}."""

    hint = "nothing acknowledged was given up; check the disk and try again"


class JournalBroken(Unavailable):
    """The journal {path!r} could not be written: {problem}."""

    hint = "the batch was not kept; append it again, it goes to a new journal"


class StoreDamaged(Damaged):
    """The store {path!r} is damaged: {problem}."""

    hint = "`agentreplay --db-path '{folder}' doctor --salvage NEW` writes all that can be read to a new folder"


class NotAStore(Damaged):
    """{path!r} is not a store of agentreplay: {problem}."""

    hint = "choose another folder with --db-path"


class FormatTooNew(Damaged):
    """{path!r} has format {found}, and this version reads formats up to {known}."""

    hint = "update agentreplay to {version} or newer; the file was not touched"


class FrameUnknown(Damaged):
    """A frame of kind {kind} and version {version} is unknown to this version."""

    hint = "update agentreplay; the journal is kept as it is"


class ChecksumMismatch(Damaged):
    """The content {content!r} does not have the hash it is stored under."""

    hint = "`agentreplay doctor` checks the whole store"


class Unconfirmed(InputInvalid):
    """Nothing was deleted: that {what!r} is meant was not confirmed."""

    hint = "what is deleted is gone for good; send `confirm={what}` along with the request"


class StillRecorded(Conflict):
    """Session {session!r} is still being recorded, and its recorder would take back what is told of it now."""

    hint = "name and label it when it has ended"


class DemoFailed(Conflict):
    """The demo failed: {problem}."""

    hint = "`agentreplay doctor` examines the store"
