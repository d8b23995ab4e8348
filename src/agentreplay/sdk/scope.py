"""What is going on in the running flow: which boundary it crosses, and below which span it works."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import NamedTuple

from agentreplay.model.ids import SpanId
from agentreplay.sdk.boundary import Boundary
from agentreplay.sdk.printing import Printing

__all__ = ["Scope", "boundary", "carry", "default_boundary", "enter", "leave", "printing", "scope"]


class Scope(NamedTuple):
    """The span that what happens now belongs to, and what is inherited from it."""

    boundary: Boundary | None = None
    span_id: SpanId | None = None
    agent: str | None = None
    iteration: int | None = None
    printing: Printing | None = None
    """Keeps what is printed, inside of a call that is performed."""


_scope: ContextVar[Scope | None] = ContextVar("agentreplay_scope", default=None)
_default = Scope()

enter = _scope.set
"""Begin to work below another span; returns what `leave` takes."""

leave = _scope.reset


def scope() -> Scope:
    """The scope of the running flow."""
    return _scope.get() or _default


def boundary() -> Boundary | None:
    """The boundary the running flow crosses; None when nothing is recorded or served."""
    return (_scope.get() or _default).boundary


def printing() -> Printing | None:
    """What keeps what the running flow prints."""
    return (_scope.get() or _default).printing


def default_boundary(found: Boundary | None, span_id: SpanId | None = None) -> None:
    """The boundary of every flow that is in no session of its own."""
    global _default  # noqa: PLW0603  # there is one process
    _default = Scope(found, span_id)


def carry() -> Callable[[], None]:
    """What begins a new flow in the scope of the running one."""
    found = _scope.get()

    def enter_it() -> None:
        if found is not None:
            _scope.set(found)

    return enter_it
