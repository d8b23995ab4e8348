"""The same, with an event loop."""

import asyncio

import pytest

from agentreplay.client.async_client import AsyncClient
from agentreplay.errors import ServerLacks, ServerMissing
from tests.server.running import Running

NOW = 1_700_000_000_000_000_000


def test_what_is_asked_at_the_same_time_is_answered(server: Running, recorded: str) -> None:
    async def scene() -> None:
        async with AsyncClient(server.address) as client:
            rows = await asyncio.gather(*(client.session(recorded) for _ in range(20)))
            assert {row["id"] for row in rows} == {recorded}
            assert len(client._transport._idle) <= 8
            assert await client.export_session(recorded)
            with pytest.raises(ServerLacks):
                await client.session("nothing")

    asyncio.run(scene())


def test_the_live_feed_is_heard_while_other_things_are_done(server: Running) -> None:
    async def scene() -> None:
        async with AsyncClient(server.address) as client:
            feed = client.live(project="async")
            await anext(feed)
            span = {"session": "s", "span_id": "00000000000000a1", "start": NOW}
            await client.ingest(project="async", spans=[span])
            async for event in feed:
                if event.name == "span":
                    assert event.data["span_id"] == "00000000000000a1"
                    break
            await feed.aclose()

    asyncio.run(asyncio.wait_for(scene(), 30))


def test_a_job_is_awaited(server: Running, recorded: str) -> None:
    async def scene() -> None:
        async with AsyncClient(server.address) as client:
            job = await client.wait_for((await client.replay(recorded))["id"], 60)
            assert job["result"]["status"] == "identical", job

    asyncio.run(scene())


def test_a_server_that_is_not_there_is_told() -> None:
    async def scene() -> None:
        async with AsyncClient("http://127.0.0.1:1") as nowhere:
            with pytest.raises(ServerMissing):
                await nowhere.version()
            with pytest.raises(ServerMissing):
                await anext(nowhere.live())

    asyncio.run(scene())
