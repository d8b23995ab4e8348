"""Sessions begin with a call, end when none comes, and are known to be interrupted when the server dies."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from agentreplay.core.outside import AGENT_SESSION
from agentreplay.errors import StoreFull
from agentreplay.model.batch import Batch
from agentreplay.model.session import SessionKey
from agentreplay.playback.tape import SALT
from agentreplay.server.gateway import sessions as module
from agentreplay.server.gateway.sessions import GatewaySessions
from agentreplay.server.gateway.whose import Whose, whose
from agentreplay.settings import Settings

SECOND = 1_000_000_000


@dataclass
class World:
    folder: Path
    now: int = 1_000 * SECOND
    appended: list[Batch] = field(default_factory=list[Batch])
    error: Exception | None = None

    async def append(self, batch: Batch) -> None:
        if self.error is not None:
            raise self.error
        self.appended.append(batch)

    def spans_of(self, key: SessionKey) -> int:
        return 41 if key.session == "known" else 0

    def run(self, act: Callable[[GatewaySessions], Awaitable[None]]) -> None:
        async def all_of_it() -> None:
            settings = Settings(db_path=self.folder)
            sessions = GatewaySessions(settings, self.append, self.spans_of, lambda: self.now, idle=60)
            await act(sessions)
            self.error = None
            await sessions.end_all()

        asyncio.run(all_of_it())

    @property
    def alive(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "live").glob("*"))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def who(name: str = "", agent: str = "a") -> Whose:
    headers = {"user-agent": agent, **({"x-agentreplay-session": name} if name else {})}
    return whose(Settings(db_path=Path()), headers, "c")


def test_calls_within_a_while_belong_to_one_session_and_those_behind_it_to_another(world: World) -> None:
    async def act(sessions: GatewaySessions) -> None:
        first = await sessions.of(who())
        sessions.done(first)
        world.now += 59 * SECOND
        await sessions.end_idle()
        assert await sessions.of(who()) is first
        sessions.done(first)
        last = world.now
        world.now += 61 * SECOND
        await sessions.end_idle()
        assert world.alive == []
        assert world.appended[-1].spans[0].end == last, "it ended with its last call"
        second = await sessions.of(who())
        assert second.key != first.key
        sessions.done(second)

    world.run(act)


def test_a_session_with_a_call_under_way_is_not_over(world: World) -> None:
    async def act(sessions: GatewaySessions) -> None:
        session = await sessions.of(who("busy"))
        world.now += 1_000 * SECOND
        await sessions.end_idle()
        await sessions.end(session.key)
        assert world.alive == ["busy"]
        sessions.done(session)
        await sessions.end(session.key)
        assert world.alive == []

    world.run(act)


def test_calls_that_begin_at_once_begin_one_session(world: World) -> None:
    async def act(sessions: GatewaySessions) -> None:
        found = await asyncio.gather(*(sessions.of(who()) for _ in range(5)))
        assert len({session.key for session in found}) == 1
        assert found[0].busy == 5
        for session in found:
            sessions.done(session)

    world.run(act)
    assert sum(len(batch.sessions) for batch in world.appended) == 1


def test_a_session_that_goes_on_is_counted_on_and_has_its_salt_again(world: World) -> None:
    async def act(sessions: GatewaySessions) -> None:
        for number in (42, 42):
            session = await sessions.of(who("known"))
            assert session.next_address("openai") == ("main/openai", number)
            sessions.done(session)
            await sessions.end(session.key)

    world.run(act)
    assert len({batch.spans[0].attributes[SALT] for batch in world.appended}) == 1


def test_very_many_sessions_do_not_hold_files_without_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_OPEN", 3)

    async def act(sessions: GatewaySessions) -> None:
        for number in range(5):
            world.now += 1
            sessions.done(await sessions.of(who(f"s{number}")))
        assert world.alive == ["s2", "s3", "s4"]

    world.run(act)


def test_where_nothing_can_be_kept_no_session_begins(world: World) -> None:
    async def act(sessions: GatewaySessions) -> None:
        world.error = StoreFull(path="x")
        with pytest.raises(StoreFull):
            await sessions.of(who())
        assert world.alive == []

    world.run(act)


def test_the_outermost_span_tells_what_the_agent_calls_its_own_session(world: World) -> None:
    """An agent may ask something before it says so."""

    async def act(sessions: GatewaySessions) -> None:
        for headers in ({}, {"session-id": "theirs"}):
            sessions.done(await sessions.of(whose(Settings(db_path=Path()), headers, "c", "run")))

    world.run(act)

    root = world.appended[-1].spans[0]
    assert root.attributes[AGENT_SESSION] == "theirs"
    assert SALT in root.attributes
