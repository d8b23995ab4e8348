"""asyncio: which task is running, how long it sleeps, and which time-outs cancel it."""

from types import ModuleType
from typing import Any

from agentreplay.sdk import cancelling, tasks
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.scope import boundary

__all__ = ["install"]


def install(patches: Patches, library: ModuleType) -> None:
    """Name the tasks, know their time-outs, and sleep through the boundary."""
    tasks.follow_tasks(patches, library)
    cancelling.follow(patches)
    live: Any = library.sleep

    async def sleep(delay: Any, result: Any = None) -> Any:
        found = boundary()
        if found is None or not isinstance(delay, int | float) or delay <= 0:
            return await live(delay, result)
        await found.sleep_async(delay, live)
        return result

    patches.replace(library.tasks, "sleep", sleep)
    patches.replace(library, "sleep", sleep)
