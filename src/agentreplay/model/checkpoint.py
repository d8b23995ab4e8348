"""A named place in a session, with the hash of the state there."""

import msgspec

from agentreplay.model.ids import ContentHash
from agentreplay.model.span import SpanRow

__all__ = ["AUTOMATIC", "CHECKPOINT", "DIGEST", "STATE", "TASK", "Checkpoint"]

CHECKPOINT = "checkpoint"
"""The kind of span that a checkpoint is; its name is that of the checkpoint."""

DIGEST = "agentreplay.checkpoint"
"""The attribute that holds the hash of the state as the program gave it."""

AUTOMATIC = "agentreplay.automatic"
"""The attribute of a checkpoint that the recorder made by itself."""

TASK = "agentreplay.task"
"""The attribute that names the task which passed it: the path by which calls are found again."""

STATE = "state"
"""The role of the content that holds the state as it may be kept."""


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A checkpoint as it is listed."""

    span: SpanRow
    """Its name is that of the checkpoint, and its `seq` the step."""
    digest: str
    """Of the state that the program gave: BLAKE3, in hexadecimal."""
    state: ContentHash | None
    """What is kept of that state; None where the program gave none."""
    is_whole: bool
    """Whether what is kept has that very hash; where secrets were taken out of it, it has not."""
    is_automatic: bool = False
    """Whether the recorder made it by itself, as the settings ask."""
