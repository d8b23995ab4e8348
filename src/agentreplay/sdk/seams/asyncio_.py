"""asyncio: which task is running, how long it sleeps, and which time-outs cancel it."""

import time
from types import ModuleType
from typing import Any

from agentreplay.sdk import cancelling, tasks
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.scope import boundary
from agentreplay.sdk.seams.clock import unread

__all__ = ["install"]

_NUMBERS = (int, float)


def install(patches: Patches, library: ModuleType) -> None:
    """Name the tasks, know their time-outs, and sleep through the boundary."""
    tasks.follow_tasks(patches, library)
    cancelling.follow(patches)
    _spare_loops(patches, library)
    live: Any = library.sleep

    async def sleep(delay: Any, result: Any = None) -> Any:
        found = boundary()
        if found is None or not isinstance(delay, _NUMBERS) or delay <= 0:
            return await live(delay, result)
        await found.sleep_async(delay, live)
        return result

    patches.replace(library.tasks, "sleep", sleep)
    patches.replace(library, "sleep", sleep)


def _spare_loops(patches: Patches, library: Any) -> None:
    """A loop asks for the time whenever it wakes, which no tape holds: it need not come by the boundary."""
    ours = time.monotonic
    live = unread(ours)

    def now(_: Any) -> Any:
        counter = time.monotonic
        return live() if counter is ours else counter()

    patches.replace(library.BaseEventLoop, "time", now)
