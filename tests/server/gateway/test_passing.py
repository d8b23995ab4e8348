"""Calls pass through piece by piece, are kept before their last piece goes out, and what breaks is kept as broken."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from agentreplay.errors import StoreFull
from agentreplay.model.batch import Batch
from agentreplay.model.call import Answer, Crossing
from agentreplay.model.values import decode
from agentreplay.server.connection import ABORT
from agentreplay.server.figures import Figures
from agentreplay.server.gateway.arrived import Arrived, place_of
from agentreplay.server.gateway.client import Client
from agentreplay.server.gateway.keeping import KeptCall
from agentreplay.server.gateway.passing import Connection, Passing
from agentreplay.server.gateway.sessions import GatewaySessions
from agentreplay.server.gateway.upstreams import read_upstreams
from agentreplay.server.gateway.whose import whose
from agentreplay.settings import Settings
from agentreplay.testing import ScriptedModels
from tests.server.gateway.stage import chat, perform

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def models() -> Iterator[ScriptedModels]:
    with ScriptedModels(perform) as models:
        yield models


@dataclass
class Agent:
    """Whoever asks; goes away when it has so many messages, or when its connection is broken."""

    patience: int = 1_000
    messages: list[Any] = field(default_factory=list[Any])
    events: list[str] = field(default_factory=list[str])
    _gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.messages.append(message)
        self.events.append("whole" if message.get("more_body") is None and "body" in message else "piece")
        if len(self.messages) >= self.patience:
            self._gone.set()

    def abort(self) -> None:
        self.events.append("abort")
        self._gone.set()

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages)


@dataclass
class World:
    """The gateway without a server around it, and what it kept."""

    folder: Path
    base: str
    kept: list[Crossing] = field(default_factory=list[Crossing])
    figures: Figures = field(default_factory=Figures)

    async def append(self, batch: Batch) -> None:
        assert batch.spans

    @asynccontextmanager
    async def asking(
        self, agent: Agent, body: Any, keep: Callable[[bytes], Awaitable[None]]
    ) -> AsyncGenerator[Callable[[], Awaitable[None]]]:
        settings = Settings(db_path=self.folder)
        sessions = GatewaySessions(settings, self.append, lambda _: 0, lambda: 1_000, idle=60)
        upstreams = read_upstreams([f"openai={self.base}/v1"])
        place = place_of(b"/gateway/openai/v1/chat/completions", upstreams)
        scope = {"method": "POST", "query_string": b"", "headers": [(b"content-type", b"application/json")]}
        arrived = Arrived.of(scope, place, json.dumps(body).encode())
        client, who = Client(), whose(settings, {}, "here")
        session = await sessions.of(who)
        call = KeptCall(session, who, "openai", arrived.request(1 << 20), keep, lambda: 1_000)
        connection = Connection({"extensions": {ABORT: agent.abort}}, agent.receive, agent.send)
        yield lambda: Passing(client, self.figures).pass_on(connection, arrived, call, arrived.asking())
        sessions.done(session)
        await sessions.end_all()
        client.close()

    def ask(self, agent: Agent, body: Any, error: Exception | None = None) -> Answer | None:
        """Ask, and return the answer that was kept."""

        async def keep(payload: bytes) -> None:
            await asyncio.sleep(0.01)
            if error is not None:
                raise error
            self.kept.append(decode(payload, Crossing))
            agent.events.append("kept" if self.kept[-1].answer else "shown")

        async def run() -> None:
            async with self.asking(agent, body, keep) as ask:
                await ask()

        asyncio.run(run())
        return self.kept[-1].answer if self.kept else None


@pytest.fixture
def world(tmp_path: Path, models: ScriptedModels) -> World:
    return World(tmp_path, models.url)


def test_each_piece_goes_out_when_it_comes_and_the_last_when_all_is_kept(world: World) -> None:
    agent = Agent()

    answer = world.ask(agent, chat("slow", stream=True))

    assert answer is not None
    assert agent.body == answer.body
    assert agent.body.endswith(b"data: [DONE]\n\n")
    assert len(answer.chunks) >= 4
    assert max(chunk.after for chunk in answer.chunks) > 50_000_000, "the pauses are told"
    before, behind = agent.events[: agent.events.index("kept")], agent.events[agent.events.index("kept") + 1 :]
    assert before.count("piece") >= 4
    assert 1 <= len(behind) <= 2
    assert b"[DONE]" in agent.messages[-1]["body"] + agent.messages[-2]["body"]


def test_a_call_that_takes_long_is_shown_before_it_is_answered(world: World) -> None:
    agent = Agent()

    world.ask(agent, chat("late"))

    assert agent.events == ["shown", "piece", "kept", "whole"]
    assert [crossing.answer is None for crossing in world.kept] == [True, False]
    assert world.kept[0].span_id == world.kept[1].span_id


def test_errors_of_the_upstream_pass_unchanged(world: World) -> None:
    agent = Agent()

    answer = world.ask(agent, chat("limit"))

    assert agent.status == 429
    assert (b"retry-after", b"7") in agent.messages[0]["headers"]
    assert answer is not None
    assert answer.head["status"] == 429


def test_redirects_are_passed_and_not_followed(world: World, models: ScriptedModels) -> None:
    agent, before = Agent(), len(models.requests)

    world.ask(agent, chat("moved"))

    assert agent.status == 307
    assert len(models.requests) == before + 1


@pytest.mark.parametrize("text", ["broken", "nobody is there"])
def test_no_answer_is_told_in_the_words_of_the_provider(world: World, text: str) -> None:
    agent = Agent()
    if text != "broken":
        world.base = NOWHERE

    answer = world.ask(agent, chat(text))

    assert agent.status == 502
    assert "the gateway got no answer from" in json.loads(agent.body)["error"]["message"]
    assert answer is not None
    assert (answer.head["status"], answer.body) == (502, agent.body)


def test_an_answer_that_breaks_off_breaks_off_for_the_agent_too(world: World) -> None:
    agent = Agent()

    answer = world.ask(agent, chat("cut", stream=True))

    assert agent.events[-2:] == ["kept", "abort"]
    assert answer is not None
    assert answer.raised is not None
    assert answer.raised.name == "ConnectionError"
    assert answer.body == agent.body


def test_an_agent_that_goes_away_ends_the_call_which_is_kept_as_aborted(world: World) -> None:
    agent = Agent(patience=2)

    answer = world.ask(agent, chat("slow", stream=True))

    assert answer is not None
    assert answer.raised is not None
    assert (answer.raised.name, answer.complete) == ("ConnectionAbortedError", False)
    assert b"[DONE]" not in answer.body
    assert world.figures.get("agentreplay_gateway_aborted_total") == 1


def test_a_server_that_is_stopped_tells_the_agent_and_keeps_the_call(world: World) -> None:
    agent = Agent()

    async def keep(payload: bytes) -> None:
        world.kept.append(decode(payload, Crossing))

    async def run() -> None:
        async with world.asking(agent, chat("late"), keep) as ask:
            asking = asyncio.ensure_future(ask())
            await asyncio.sleep(0.1)
            asking.cancel()
            await asking

    asyncio.run(run())
    assert agent.status == 503
    assert [
        crossing.answer.raised.message for crossing in world.kept if crossing.answer and crossing.answer.raised
    ] == ["the server was stopped"]


def test_what_cannot_be_kept_is_passed_on_and_counted(world: World) -> None:
    agent = Agent()

    world.ask(agent, chat(), StoreFull(path="x"))

    assert agent.status == 200
    assert json.loads(agent.body)["object"] == "chat.completion"
    assert world.figures.get("agentreplay_gateway_unrecorded_total") == 1


def test_an_agent_that_reads_slowly_holds_up_the_upstream(world: World) -> None:
    """What waits in between is bounded, however long the answer is."""
    sizes: list[int] = []

    class Slow(Agent):
        async def send(self, message: Any) -> None:
            await asyncio.sleep(0.02)
            sizes.append(len(message.get("body", b"")))
            await super().send(message)

    answer = world.ask(Slow(), chat("long"))

    assert answer is not None
    assert sum(sizes) == len(answer.body) > 1_000_000
    assert max(sizes) < 700_000
