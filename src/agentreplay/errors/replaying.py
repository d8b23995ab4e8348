"""What goes wrong with tapes, programs and the places of a session."""

from agentreplay.errors.families import Conflict, Damaged, InputInvalid, NotFound

__all__ = [
    "CheckpointDamaged",
    "CheckpointUnknown",
    "FunctionUnknown",
    "NotPromoted",
    "OriginMissing",
    "PlaceMissing",
    "ProgramForeign",
    "ProgramMissing",
    "ProgramUnknown",
    "RecordedInside",
    "StepMissing",
    "TapeDamaged",
    "TapeUnreadable",
    "TapeUnwritable",
    "TreeDamaged",
    "TreeMissing",
]


class TapeUnreadable(InputInvalid):
    """The tape {path} cannot be read: {problem}."""

    hint = "`agentreplay export SESSION -o FILE` writes tapes"


class TapeUnwritable(InputInvalid):
    """The tape {path} cannot be written: {problem}."""

    hint = "choose another file with -o"


class TapeDamaged(Damaged):
    """The tape {path} is damaged: {problem}."""

    hint = "export it again from where it was recorded, or fetch it again; nothing of it was used"


class ProgramMissing(InputInvalid):
    """The program {program!r} cannot be started: {problem}."""

    hint = "give a program that is installed, or its path, and each argument as a word of its own, as in a shell"


class ProgramForeign(InputInvalid):
    """Session {session!r} was recorded elsewhere; replaying it would run {command!r} in {folder!r}."""

    hint = (
        "name the program yourself, to be run in this folder: agentreplay replay {session} -- python agent.py; or, if "
        "you trust the recording, import its tape with --trust"
    )


class ProgramUnknown(InputInvalid):
    """Nothing tells which program session {session!r} was recorded from."""

    hint = "give it after two dashes: agentreplay replay SESSION -- python agent.py"


class RecordedInside(InputInvalid):
    """Session {session!r} was recorded inside a program that `agentreplay run` did not start."""

    hint = (
        "in Python `agentreplay.replay('{session}', function)` replays it; to replay a whole program, record it "
        "with agentreplay run -- python agent.py"
    )


class OriginMissing(NotFound):
    """Session {session!r} was forked from session {origin!r}, which is gone, and with it the past they share."""

    hint = "`agentreplay import FILE` brings it back, if it was exported before"


class StepMissing(NotFound):
    """There is no call at step {step} of session {session!r}."""

    hint = "the calls stand at the steps {steps}; `last` goes on behind the last answer"


class PlaceMissing(NotFound):
    """There is no place {place!r} in session {session!r}."""

    hint = "its steps are 1 to {last}, and `end` is the place behind them; its checkpoints: {names}"


class CheckpointUnknown(NotFound):
    """Step {step} of session {session!r} is no checkpoint."""

    hint = "`agentreplay at {session}` lists those it has"


class CheckpointDamaged(NotFound):
    """The state that the checkpoint {name!r} at step {step} kept is not stored."""

    hint = "import the session again from where it is whole"


class TreeMissing(NotFound):
    """No files of session {session!r} were kept before its step {step}."""

    hint = "`agentreplay run --workspace FOLDER` keeps them"


class TreeDamaged(Damaged):
    """The tree {tree} cannot be read: {problem}."""

    hint = "`agentreplay doctor` says more of the store; nothing was written"


class FunctionUnknown(InputInvalid):
    """No test can call what session {session!r} recorded: {problem}."""

    hint = "decorate a function of a module with `agentreplay.session`, and record a call of it with plain arguments"


class NotPromoted(Conflict):
    """The session {session!r} makes no test that passes: {problem}."""

    hint = "`agentreplay replay {session}` shows more; record it anew with today's code"
