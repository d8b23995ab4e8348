"""Marks in a session: remarks, and named places with the state there."""

from blake3 import blake3

from agentreplay.model.values import Value
from agentreplay.sdk.plain import NotPlain, freeze, sketch
from agentreplay.sdk.recorder import Recorder
from agentreplay.sdk.scope import Scope, scope
from agentreplay.sdk.tasks import current

__all__ = ["checkpoint", "mark_checkpoint", "note"]


def note(text: str, /, **attributes: Value) -> None:
    """Remark something at this moment of the session."""
    around = scope()
    recorder = around.boundary.recorder if around.boundary is not None else None
    if isinstance(recorder, Recorder):
        recorder.mark(text, around, attributes={name: sketch(item) for name, item in attributes.items()})


def checkpoint(name: str, state: Value = None) -> str:
    """Name this place of the session, and keep the state there, without secrets. Returns the hash of the state."""
    around = scope()
    recorder = around.boundary.recorder if around.boundary is not None else None
    return mark_checkpoint(recorder if isinstance(recorder, Recorder) else None, around, name, state)


def mark_checkpoint(recorder: Recorder | None, around: Scope, name: str, state: Value) -> str:
    """The hash of the state; where something is recorded, the checkpoint is kept with it."""
    try:
        data = freeze(state)
    except NotPlain:
        data = freeze(sketch(state))  # the type of what cannot be kept is better than nothing
    digest = blake3(data).hexdigest()
    task = current().path
    if recorder is not None:
        recorder.checkpoint(name, around, task, digest, data)
    if around.boundary is not None and around.boundary.player is not None:
        around.boundary.player.passed(task, name, digest)
    return digest
