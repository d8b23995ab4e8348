"""Marks in a session: remarks, and named places with the state there."""

import time

from blake3 import blake3

from agentreplay.model.content import JSON, Content, Kept
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value
from agentreplay.sdk.plain import NotPlain, freeze, sketch
from agentreplay.sdk.recorder import Recorder
from agentreplay.sdk.scope import scope

__all__ = ["checkpoint", "note"]


def note(text: str, /, **attributes: Value) -> None:
    """Remark something at this moment of the session."""
    _mark(text, {name: sketch(item) for name, item in attributes.items()})


def checkpoint(name: str, state: Value = None) -> str:
    """Name this place of the session, and keep the state there. Returns the hash of the state."""
    try:
        data = freeze(state)
    except NotPlain:
        data = freeze(sketch(state))  # the type of what cannot be kept is better than nothing
    digest = blake3(data).hexdigest()
    _mark(name, {"agentreplay.checkpoint": digest}, Content.of(data, JSON))
    return digest


def _mark(name: str, attributes: dict[str, Value], state: Content | None = None) -> None:
    around = scope()
    recorder = around.boundary.recorder if around.boundary is not None else None
    if not isinstance(recorder, Recorder):
        return
    try:
        now = Nanoseconds(time.time_ns())
        span = recorder.span(
            span_id=recorder.new_span_id(),
            parent_id=around.span_id or recorder.place.parent,
            kind="custom",
            name=name,
            start=now,
            end=now,
            status="ok",
            agent=around.agent,
            iteration=around.iteration,
            attributes=attributes,
            kept=() if state is None else (Kept(role="state", hash=state.hash),),
        )
        recorder.close(span, () if state is None else (state,))
    except Exception as error:  # noqa: BLE001  # the program must not suffer
        recorder.trouble(error)
