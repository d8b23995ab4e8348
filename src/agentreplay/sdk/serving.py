"""How a boundary serves a tape."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentreplay.model.call import Answer, Request

if TYPE_CHECKING:
    # Who only records never loads what serves.
    from agentreplay.playback.divergence import Divergence

__all__ = ["Serving"]


@dataclass(frozen=True)
class Serving:
    """How a tape is served."""

    at_recorded_speed: bool = False
    prepare: Callable[[Request], Request] | None = None
    """Gives a request the form in which it was kept; by default as the recorder does."""
    stop: "Callable[[Divergence], None] | None" = None
    """Ends the replay."""
    script: Callable[[Request], Answer | None] | None = None
    """Answers what a fork asks instead of the world; None where it has nothing to say."""
