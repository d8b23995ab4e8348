"""Time-outs that cancel do so again at once."""

import asyncio
import time
from collections.abc import Iterator

import pytest

from agentreplay.sdk import cancelling
from agentreplay.sdk.patching import Patches


@pytest.fixture(autouse=True)
def followed() -> Iterator[None]:
    patches = Patches()
    cancelling.follow(patches)
    yield
    patches.undo()


def test_the_nearest_timeout_of_the_task_expires() -> None:
    async def main() -> list[str]:
        seen: list[str] = []
        try:
            async with asyncio.timeout(600):
                try:
                    async with asyncio.timeout(300):
                        await cancelling.expire()
                except TimeoutError:
                    seen.append("inner")
        except TimeoutError:
            seen.append("outer")
        return seen

    started = time.perf_counter()

    assert asyncio.run(main()) == ["inner"]
    assert time.perf_counter() - started < 5


def test_wait_for_expires_too() -> None:
    async def main() -> None:
        await asyncio.wait_for(cancelling.expire(), 300)

    with pytest.raises(TimeoutError):
        asyncio.run(main())


def test_without_a_timeout_nothing_happens() -> None:
    asyncio.run(cancelling.expire())


def test_a_timeout_is_told_from_another_cancellation() -> None:
    async def wait(seen: list[bool]) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            seen.append(cancelling.has_expired())
            raise

    async def main() -> list[bool]:
        seen: list[bool] = []
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await wait(seen)
        task = asyncio.create_task(wait(seen))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return seen

    assert asyncio.run(main()) == [True, False]
