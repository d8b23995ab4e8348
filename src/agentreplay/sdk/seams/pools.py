"""Pools of threads: which job is running."""

from types import ModuleType

from agentreplay.sdk import scope, tasks
from agentreplay.sdk.patching import Patches

__all__ = ["install"]


def install(patches: Patches, library: ModuleType) -> None:
    """Name the jobs."""
    tasks.follow_jobs(patches, scope.carry, library)
