"""Pydantic AI: the tracing that is built into it is switched on, and recorded as that of `tracers`."""

from types import ModuleType

from agentreplay.sdk.patching import Patches

__all__ = ["install"]


def install(patches: Patches, library: ModuleType) -> None:
    """Trace every agent that is not told otherwise; who traces already goes on doing so."""
    if not library.Agent._instrument_default:
        library.Agent.instrument_all(instrument=True)
        patches.later(lambda: library.Agent.instrument_all(instrument=False))
