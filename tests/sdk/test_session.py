"""Sessions and their trees, whatever happens inside of them."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

import agentreplay
from agentreplay.sdk.recorder import Recorder, troubles
from agentreplay.sdk.scope import boundary
from agentreplay.sdk.session import settings_in_force
from tests.sdk.home import Home


def test_a_session_tells_how_it_ended(home: Home) -> None:
    with agentreplay.session("good", agent="scout", labels={"team": "a"}) as good:
        pass
    with pytest.raises(ValueError, match="no"), agentreplay.session("bad") as bad:
        raise ValueError("no")

    found, failed = home.row(good.id), home.row(bad.id)
    assert (found.status, found.session.name, found.session.agent) == ("completed", "good", "scout")
    assert found.session.labels == {"team": "a"}
    assert failed.status == "failed"
    assert home.spans(bad.id)[0].status_message == "ValueError: no"


def test_a_session_inside_of_another_is_a_span_of_it(home: Home) -> None:
    with agentreplay.session("outer") as outer, agentreplay.session("inner", agent="helper") as inner:
        pass

    assert inner.id is None
    assert [(span.kind, span.name) for span in home.spans(outer.id)] == [("session", "outer"), ("session", "inner")]


def test_sessions_in_several_threads_keep_apart(home: Home) -> None:
    begun = threading.Barrier(4)
    found: dict[int, str] = {}

    def run(number: int) -> None:
        with agentreplay.session(f"session {number}") as session:
            begun.wait()
            agentreplay.call("look", lambda number: number, number)
            found[number] = str(session.id)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(home.addresses(found[number]) == {"main#1": f'{{"number":{number}}}'} for number in range(4))


def test_sessions_in_several_tasks_keep_apart(home: Home) -> None:
    async def serve_one(number: int) -> None:
        await asyncio.sleep(0)
        await asyncio.gather(*(asyncio.to_thread(agentreplay.call, "look", int, number) for _ in range(2)))

    serve = agentreplay.session(serve_one)

    async def main() -> None:
        await asyncio.gather(serve(1), serve(2))

    asyncio.run(main())

    assert not {kind for kind in troubles if not kind.startswith("the seam")}


def test_each_call_of_a_decorated_function_is_a_session(home: Home) -> None:
    seen: list[str] = []

    def serve_one(number: int) -> int:
        around = boundary()
        assert around is not None
        assert isinstance(around.recorder, Recorder)
        seen.append(around.recorder.place.session)
        return number * 2

    serve = agentreplay.session("served", agent="scout")(serve_one)

    assert (serve(1), serve(2)) == (2, 4)
    assert len(set(seen)) == 2
    assert home.tape(seen[1]).outputs.returned == b"4"


def test_a_decorated_generator_is_a_session_for_as_long_as_it_runs(home: Home) -> None:
    def serve_items() -> Iterator[int]:
        with agentreplay.span("inside"):
            yield 1
        yield 2

    serve = agentreplay.session(serve_items)
    assert list(serve()) == [1, 2]
    generator = serve()
    next(generator)
    with agentreplay.session("other") as other:
        pass
    generator.close()

    assert other.id is not None


def test_the_environment_and_init_choose_the_settings(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTREPLAY_PROJECT", "environment")
    assert settings_in_force().project == "default"

    agentreplay.init(project="chosen", durability="power")

    assert (settings_in_force().project, settings_in_force().durability) == ("chosen", "power")
    with pytest.raises(TypeError):
        agentreplay.init(colour="red")  # type: ignore[call-arg]
