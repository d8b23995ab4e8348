"""The live feed tells everything once and in order, to the quick and to the slow."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import msgspec
import pytest

from agentreplay.errors import ListenersTooMany
from agentreplay.model.batch import Batch
from agentreplay.model.ids import Position, ProjectId, SessionId
from agentreplay.model.receipt import Target
from agentreplay.server import live
from agentreplay.server.figures import Figures
from agentreplay.server.lag import LagWatch
from agentreplay.server.live import Event, LiveFeed, Wish
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker

Scene = Callable[[LiveFeed, MemoryStore], Awaitable[None]]


def play(scene: Scene, heartbeat: float = 60) -> None:
    """Run a scene with a feed at work."""

    async def run() -> None:
        store = MemoryStore()
        feed = LiveFeed(store, LagWatch(store.lag, Figures(), time.monotonic), heartbeat=heartbeat)
        task = asyncio.create_task(feed.run())
        try:
            await asyncio.wait_for(scene(feed, store), 20)
        finally:
            feed.close()
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    asyncio.run(run())


async def take(events: AsyncGenerator[Event], count: int, name: str = "span") -> list[Any]:
    """The data of the next so many of that name."""
    found: list[Any] = []
    while len(found) < count:
        event = await anext(events)
        if event.name == name:
            found.append(json.loads(event.data))
    return found


def wish(make: Maker, **more: Any) -> Wish:
    return Wish(make.span().tenant, **more)


def test_what_happens_is_told_in_order_with_light_rows(make: Maker) -> None:
    async def scene(feed: LiveFeed, store: MemoryStore) -> None:
        events = feed.listen(wish(make), None)
        assert (await anext(events)).name == "heartbeat"
        spans = [make.span() for _ in range(3)]
        waiting = asyncio.create_task(take(events, 3))
        await asyncio.sleep(0)
        for span in spans:
            store.append(Batch(spans=(span,)))

        assert [row["span_id"] for row in await waiting] == [span.span_id for span in spans]

        store.append(Batch(sessions=(make.session(name="told"),)))
        assert [row["name"] for row in await take(events, 1, "session")] == ["told"]

    play(scene)


def test_a_listener_hears_at_once_of_what_is_not_in_the_store(make: Maker) -> None:
    """Also while it still reads what it wants to hear of the past."""

    async def scene(feed: LiveFeed, store: MemoryStore) -> None:
        store.append(Batch(spans=(make.span(),)))
        events = feed.listen(wish(make), Position(0))
        await anext(events)
        feed.publish("job", {"number": 1})
        await take(events, 1)
        feed.publish("job", {"number": 2})

        assert [job["number"] for job in await take(events, 2, "job")] == [1, 2]

    play(scene)


def test_whoever_comes_back_goes_on_where_it_was(make: Maker) -> None:
    async def scene(feed: LiveFeed, store: MemoryStore) -> None:
        spans = [make.span() for _ in range(1_200)]
        store.append(Batch(spans=tuple(spans[:1_000])))
        events = feed.listen(wish(make), Position(0))
        seen = await take(events, 400)
        await events.aclose()
        store.append(Batch(spans=tuple(spans[1_000:])))

        seen += await take(feed.listen(wish(make), Position(400)), 800)

        assert [row["span_id"] for row in seen] == [span.span_id for span in spans]

    play(scene)


def test_only_what_is_wanted_is_told(make: Maker) -> None:
    async def scene(feed: LiveFeed, store: MemoryStore) -> None:
        mine = make.span(project="mine", session="one")
        others = [make.span(project="other", session="one"), make.span(project="mine", session="two")]
        tenant = msgspec.structs.replace(make.span(project="mine", session="one"), tenant="another")
        events = feed.listen(wish(make, project=ProjectId("mine"), session=SessionId("one")), Position(0))
        for span in (*others, tenant, mine):
            store.append(Batch(spans=(span,)))

        assert [row["span_id"] for row in await take(events, 1)] == [mine.span_id]

    play(scene)


def test_the_end_of_a_session_and_of_a_project_is_told(make: Maker) -> None:
    async def scene(feed: LiveFeed, store: MemoryStore) -> None:
        span = make.span()
        store.append(Batch(spans=(span,)))
        events = feed.listen(wish(make, project=span.project, session=span.session), None)
        await anext(events)
        store.delete(Target(tenant=span.tenant, project=span.project, session=span.session))
        assert await take(events, 1, "deleted") == [{"project": span.project, "session": span.session}]
        store.append(Batch(spans=(span,)))
        store.delete(Target(tenant=span.tenant, project=span.project))
        assert (await take(events, 1, "deleted"))[0]["project"] == span.project

    play(scene)


def test_a_slow_listener_takes_no_memory_and_misses_nothing(make: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_MOST_WAITING", 10)

    async def scene(feed: LiveFeed, store: MemoryStore) -> None:
        spans = [make.span() for _ in range(200)]
        slow, quick = feed.listen(wish(make), None), feed.listen(wish(make), None)
        await anext(slow)
        await anext(quick)
        names: list[str] = []
        seen: list[str] = []

        async def dawdle() -> None:
            async for event in slow:
                names.append(event.name)
                if event.name == "span":
                    seen.append(json.loads(event.data)["span_id"])
                if len(seen) == len(spans):
                    return
                await asyncio.sleep(0.002)

        dawdling = asyncio.create_task(dawdle())
        await asyncio.sleep(0.05)
        for place in range(0, 200, 20):
            store.append(Batch(spans=tuple(spans[place : place + 20])))
            await asyncio.sleep(0.12)
        await dawdling

        assert seen == [span.span_id for span in spans]
        assert "behind" in names

    play(scene)


def test_who_joins_while_others_are_told_misses_nothing(make: Maker) -> None:
    async def scene(feed: LiveFeed, store: MemoryStore) -> None:
        spans = [make.span() for _ in range(150)]

        async def write() -> None:
            for span in spans:
                store.append(Batch(spans=(span,)))
                await asyncio.sleep(0.005)

        async def join(wait: float) -> list[str]:
            await asyncio.sleep(wait)
            return [row["span_id"] for row in await take(feed.listen(wish(make), Position(0)), len(spans))]

        told = await asyncio.gather(write(), *(join(number / 40) for number in range(20)))

        assert all(rows == [span.span_id for span in spans] for rows in told[1:])

    play(scene)


def test_heartbeats_tell_the_position_and_the_lag(make: Maker) -> None:
    async def scene(feed: LiveFeed, store: MemoryStore) -> None:
        store.append(Batch(spans=(make.span(),)))
        events = feed.listen(wish(make), None)

        beats = [json.loads((await anext(events)).data) for _ in range(3)]

        assert beats == [{"position": str(store.position()), "lag": {"bytes": 0, "seconds": 0.0}}] * 3

    play(scene, heartbeat=0.01)


def test_what_is_not_in_the_store_can_be_told_too(make: Maker) -> None:
    async def scene(feed: LiveFeed, store: MemoryStore) -> None:
        span = make.span()
        events = feed.listen(wish(make), None)
        await anext(events)
        waiting = asyncio.create_task(take(events, 1, "job"))
        await asyncio.sleep(0.05)

        feed.publish("job", {"id": "j"}, None)

        assert await waiting == [{"id": "j"}]
        del span, store

    play(scene)


def test_there_is_room_for_so_many_and_a_place_that_is_left_is_free(
    make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST_LISTENERS", 1)

    async def scene(feed: LiveFeed, store: MemoryStore) -> None:
        first = feed.listen(wish(make), None)
        await anext(first)
        with pytest.raises(ListenersTooMany):
            await anext(feed.listen(wish(make), None))

        await first.aclose()

        await anext(feed.listen(wish(make), None))

    play(scene)


def test_nobody_is_kept_when_the_server_ends(make: Maker) -> None:
    async def scene(feed: LiveFeed, store: MemoryStore) -> None:
        events = feed.listen(wish(make), None)
        await anext(events)
        rest = asyncio.create_task(anext(events, None))
        await asyncio.sleep(0.05)

        feed.close()

        assert await rest is None

    play(scene)


def test_a_listener_that_goes_as_something_comes_is_gone(make: Maker) -> None:
    async def scene(feed: LiveFeed, store: MemoryStore) -> None:
        events = feed.listen(wish(make), None)
        await anext(events)
        waiting = asyncio.create_task(anext(events))
        await asyncio.sleep(0.05)

        feed.publish("job", {"number": 1})
        waiting.cancel()

        with pytest.raises(asyncio.CancelledError):
            await waiting

    play(scene)
