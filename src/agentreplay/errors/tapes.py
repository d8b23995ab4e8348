"""Errors about tapes, the files that sessions travel in."""

from agentreplay.errors.families import Damaged, InputInvalid

__all__ = [
    "TapeDamaged",
    "TapeUnreadable",
    "TapeUnwritable",
]


class TapeDamaged(Damaged):
    """The tape {path} is damaged: {problem}."""

    hint = "export it again from where it was recorded, or fetch it again; nothing of it was used"


class TapeUnreadable(InputInvalid):
    """The tape {path} cannot be read: {problem}."""

    hint = "`agentreplay export SESSION -o FILE` writes tapes"


class TapeUnwritable(InputInvalid):
    """The tape {path} cannot be written: {problem}."""

    hint = "choose another file with -o"
