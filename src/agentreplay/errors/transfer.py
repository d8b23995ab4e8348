"""The errors of taking in and giving away sessions: as tapes, and as the transcripts of others."""

from agentreplay.errors.families import Damaged, InputInvalid

__all__ = ["TapeDamaged", "TapeUnreadable", "TapeUnwritable", "TranscriptUnreadable"]


class TapeUnreadable(InputInvalid):
    """The tape {path} cannot be read: {problem}."""

    hint = "`agentreplay export SESSION -o FILE` writes tapes"


class TapeUnwritable(InputInvalid):
    """The tape {path} cannot be written: {problem}."""

    hint = "choose another file with -o"


class TapeDamaged(Damaged):
    """The tape {path} is damaged: {problem}."""

    hint = "export it again from where it was recorded, or fetch it again; nothing of it was used"


class TranscriptUnreadable(InputInvalid):
    """The transcript {path} cannot be read: {problem}."""

    hint = "docs/coding-agents.md says what is read, and where agents keep it"
