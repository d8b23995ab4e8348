"""A session replays in process, and whatever is otherwise is named."""

import asyncio
import time
from typing import Any

import pytest

import agentreplay
from agentreplay.playback import order
from agentreplay.sdk.replaying import Playback, find_tape
from tests.sdk.home import Home, record

performed: list[str] = []


@agentreplay.tool
def look(item: str) -> str:
    performed.append(item)
    time.sleep(0.001)
    return item.upper()


def shop(*items: str) -> list[str]:
    return [look(item) for item in items]


@agentreplay.session
async def served(*items: str) -> list[str]:
    async def one(item: str) -> str:
        await asyncio.sleep(0.001)
        return await asyncio.to_thread(look, item)

    return await asyncio.gather(*map(one, items))


def test_the_same_program_is_identical_and_performs_nothing(home: Home) -> None:
    session = record(shop, "kettle", "cup")
    performed.clear()

    verdict = agentreplay.replay(session, shop, "kettle", "cup")

    assert (verdict.status, verdict.served, verdict.live, performed) == ("identical", 2, 0, [])
    assert verdict.recorded_proof == verdict.replayed_proof


def test_what_happens_inside_of_a_served_call_is_not_waited_for(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order, "_PATIENCE", 60.0)
    session = record(shop, *"abcdefgh")

    before = time.monotonic()
    verdict = agentreplay.replay(session, shop, *"abcdefgh")

    assert verdict.status == "identical"
    assert time.monotonic() - before < 50


@pytest.mark.parametrize(
    ("items", "kind", "served"),
    [
        (("kettle", "cup"), "missing", 2),
        (("kettle", "cup", "spoon", "fork"), "new", 3),
        (("kettle", "mug", "spoon"), "changed", 1),
        (("cup", "kettle", "spoon"), "changed", 0),
    ],
    ids=["one fewer", "one more", "changed", "another order"],
)
def test_another_program_is_never_identical(home: Home, items: tuple[str, ...], kind: str, served: int) -> None:
    session = record(shop, "kettle", "cup", "spoon")
    performed.clear()

    verdict = agentreplay.replay(session, shop, *items)

    assert (verdict.status, verdict.divergences[0].kind, verdict.served) == ("diverged", kind, served)
    assert performed == []


def test_an_async_session_replays(home: Home) -> None:
    found: list[Any] = []

    async def program() -> None:
        async with agentreplay.session("async") as session:
            found.append(session.id)
            session.returns(await asyncio.gather(*(asyncio.to_thread(look, item) for item in "abc")))

    asyncio.run(program())
    performed.clear()

    async def again() -> Any:
        return await asyncio.gather(*(asyncio.to_thread(look, item) for item in "abc"))

    assert (agentreplay.replay(found[0], again).status, performed) == ("identical", [])


def test_what_the_function_raises_is_part_of_how_it_came_out(home: Home) -> None:
    def fails() -> None:
        look("kettle")
        raise LookupError("none left")

    session = record(shop, "kettle")

    verdict = agentreplay.replay(session, fails)

    assert verdict.status == "diverged"
    assert any("LookupError" in note for note in verdict.notes)


def test_a_divergence_goes_past_whatever_the_program_catches(home: Home) -> None:
    def stubborn() -> str:
        try:
            return look("cup")
        except Exception:  # noqa: BLE001  # as stubborn programs do
            return "anything"

    session = record(shop, "kettle")

    with pytest.raises(agentreplay.Diverged, match="look"), Playback(find_tape(session)):
        stubborn()


def test_a_program_may_go_on_live_where_it_parts(home: Home) -> None:
    session = record(shop, "kettle", "cup")
    performed.clear()

    verdict = agentreplay.replay(session, shop, "kettle", "mug", on_divergence="live")

    assert (verdict.status, verdict.live, performed) == ("diverged", 1, ["mug"])


def test_the_states_at_checkpoints_are_compared(home: Home) -> None:
    """All calls and outputs are the same, and still something in the program is not."""
    counts = iter((1, 1, 2))

    def shopping() -> None:
        look("kettle")
        agentreplay.checkpoint("bought", {"count": next(counts)})

    session = record(shopping)

    assert agentreplay.replay(session, shopping).status == "identical"
    verdict = agentreplay.replay(session, shopping)
    assert verdict.status == "drift"
    assert verdict.notes[0].startswith("the state at the checkpoint 'bought' is ")
