"""What went through the gateway is replayed and forked by the address alone, whatever language the program is in."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from agentreplay.errors import ReplayUnknown
from agentreplay.model.batch import Batch
from agentreplay.model.ids import ProjectId, SessionId, TenantId
from agentreplay.model.session import Session, SessionKey
from agentreplay.server.gateway.playing import Manner
from agentreplay.server.gateway.replays import KEPT_SECONDS, Replays
from agentreplay.server.gateway.sessions import GatewaySessions
from agentreplay.server.gateway.upstreams import read_upstreams
from agentreplay.settings import Settings
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import ScriptedModels
from tests.server.gateway.stage import Said, Stage, chat, perform, staged

pytestmark = pytest.mark.slow

CHAT = "chat/completions"


def record(stage: Stage, *texts: str, **more: Any) -> str:
    session = stage.new_session()
    for text in texts:
        assert stage.ask(f"session/{session}/openai/v1/{CHAT}", chat(text, **more)).status == 200
    stage.tape(session, calls=len(texts))
    return session


def asked(stage: Stage, replay: dict[str, Any], text: str, **more: Any) -> Said:
    base = replay["bases"]["openai"].removeprefix("/gateway/")
    return stage.ask(f"{base}/{CHAT}", chat(text, **more), authorization="Bearer another key")


def test_an_unchanged_program_comes_out_identical_and_asks_nobody(stage: Stage) -> None:
    session = record(stage, "a", "b", stream=True)
    told = [call.answer.body for call in stage.tape(session, calls=2).calls if call.answer]
    before, replay = len(stage.models.requests), stage.replay(session)

    answers = [asked(stage, replay, text, stream=True) for text in ("a", "b")]

    assert [answer.body for answer in answers] == told
    assert answers[0].headers["content-type"].startswith("text/event-stream")
    verdict = stage.verdict(replay)
    assert (verdict["status"], verdict["served"], verdict["exit_code"]) == ("identical", 2, 0)
    assert verdict["recorded_proof"] == verdict["replayed_proof"]
    assert len(stage.models.requests) == before


def test_calls_made_in_another_order_are_answered_all_the_same(stage: Stage) -> None:
    replay = stage.replay(record(stage, "a", "b", "c"))

    assert [asked(stage, replay, text).status for text in ("c", "a", "b")] == [200] * 3
    assert stage.verdict(replay)["status"] == "identical"


def test_a_call_that_is_not_made_any_more_is_missing(stage: Stage) -> None:
    replay = stage.replay(record(stage, "a", "b"))

    asked(stage, replay, "a")

    verdict = stage.verdict(replay)
    assert (verdict["status"], verdict["exit_code"]) == ("diverged", 3)
    assert [item["kind"] for item in verdict["divergences"]] == ["missing"]


def test_a_changed_call_stops_the_replay_with_what_is_otherwise(stage: Stage) -> None:
    replay = stage.replay(record(stage, "ship on friday", "b"))

    answer = asked(stage, replay, "ship on monday")
    later = asked(stage, replay, "b")

    assert (answer.status, later.status) == (422, 422)
    assert answer.headers["x-should-retry"] == "false"
    assert "monday" in answer.json["error"]["message"]
    divergence = stage.verdict(replay)["divergences"][0]
    assert divergence["kind"] == "changed"
    assert divergence["differences"] == [["body.messages[0].content", '"ship on friday"', '"ship on monday"']]


def test_a_changed_call_may_be_served_or_performed_instead(stage: Stage) -> None:
    session, before = record(stage, "a", "b"), len(stage.models.requests)

    served = stage.replay(session, on_divergence="serve")
    assert [asked(stage, served, text).status for text in ("x", "b")] == [200, 200]
    assert len(stage.models.requests) == before
    live = stage.replay(session, on_divergence="live")
    assert [asked(stage, live, text).status for text in ("x", "b")] == [200, 200]

    assert len(stage.models.requests) == before + 1
    assert (stage.verdict(served)["live"], stage.verdict(live)["live"]) == (0, 1)
    assert {stage.verdict(each)["status"] for each in (served, live)} == {"diverged"}


def test_a_fork_serves_its_past_changes_one_step_and_goes_on_as_a_session_of_its_own(stage: Stage) -> None:
    session = record(stage, "a", "b", "c")
    steps = [call.seq for call in stage.tape(session, calls=3).calls]
    before = len(stage.models.requests)
    replay = stage.replay(session, at=str(steps[1]), patches=["prompt=changed", "request.body.seed=7"])

    answers = [asked(stage, replay, text) for text in ("a", "b", "another")]

    assert [answer.status for answer in answers] == [200] * 3
    performed = [request.body for request in stage.models.requests[before:]]
    assert performed == [{**chat("changed"), "seed": 7}, chat("another")]
    assert stage.models.requests[before].headers["authorization"] == "Bearer another key"
    fork = stage.verdict(replay)["fork"]
    tape = stage.tape(fork, calls=2)
    assert tape.session.origin is not None
    assert (tape.session.origin.session, tape.session.source) == (session, "fork")
    bodies = [json.loads(call.request.body)["messages"][0]["content"] for call in tape.calls]
    assert bodies == ["a", "changed", "another"]
    again = stage.replay(fork)
    assert [asked(stage, again, text).status for text in ("a", "b")] == [200, 200]


def test_a_fork_may_put_words_into_the_mouth_of_a_model(stage: Stage) -> None:
    session = record(stage, "a", "b")
    step = stage.tape(session, calls=2).calls[1].seq
    replay = stage.replay(session, at=str(step), patches=["text=nothing is certain"])

    answers = [asked(stage, replay, text) for text in ("a", "b")]

    assert answers[1].json["choices"][0]["message"]["content"] == "nothing is certain"
    assert len(stage.tape(stage.verdict(replay)["fork"]).calls) == 2


def test_errors_and_broken_streams_are_served_as_they_were(stage: Stage) -> None:
    session = stage.new_session()
    path = f"session/{session}/openai/v1/{CHAT}"
    stage.ask(path, chat("limit"))
    with pytest.raises(Exception, match="IncompleteRead"):
        stage.ask(path, chat("cut", stream=True))
    stage.tape(session, calls=2)
    replay = stage.replay(session)

    limited = asked(stage, replay, "limit")
    with pytest.raises(Exception, match="IncompleteRead"):
        asked(stage, replay, "cut", stream=True)

    assert (limited.status, limited.headers["retry-after"]) == (429, "7")
    assert stage.verdict(replay)["status"] == "identical"


def test_recorded_speed_is_kept_where_it_is_wished(stage: Stage) -> None:
    replay = stage.replay(record(stage, "slow", stream=True), at_recorded_speed=True)

    assert len(asked(stage, replay, "slow", stream=True).pieces) >= 3


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"session": "no such session"}, 404),
        ({"session": "x", "on_divergence": "ask"}, 400),
        ({"session": "x", "what": 1}, 400),
        ({}, 400),
    ],
)
def test_what_cannot_be_replayed_is_told(stage: Stage, wanted: dict[str, Any], status: int) -> None:
    body = json.dumps(wanted).encode()

    assert stage.server.ask("/api/v1/gateway/replays", body, "POST", content_type="application/json").status == status


def test_a_fork_that_does_not_fit_is_told_before_anything_is_asked(stage: Stage) -> None:
    session = record(stage, "a")
    body = {"session": session, "at": "77"}

    refused = stage.server.ask("/api/v1/gateway/replays", json.dumps(body).encode(), content_type="application/json")

    assert (refused.status, refused.json["error"]["kind"]) == (404, "StepMissing")


def test_an_unknown_token_opens_nothing(stage: Stage) -> None:
    before = len(stage.models.requests)

    assert stage.ask(f"replay/nonsense/openai/v1/{CHAT}", chat()).status == 404
    assert stage.server.ask("/api/v1/gateway/replays/nonsense/verdict").status == 404
    assert len(stage.models.requests) == before


def test_sessions_survive_a_restart_and_upstreams_that_moved(tmp_path: Path) -> None:
    with ScriptedModels(perform) as models, staged(tmp_path, models, "--session-idle", "0.2") as stage:
        session = record(stage, "a", "b")
        told = [call.answer.body for call in stage.tape(session, calls=2).calls if call.answer]
    with ScriptedModels(perform) as models, staged(tmp_path, models) as stage:
        replay = stage.replay(session)

        assert [asked(stage, replay, text).body for text in ("a", "b")] == told
        assert stage.verdict(replay)["status"] == "identical"
        assert stage.ask(f"session/{session}/openai/v1/{CHAT}", chat("c")).status == 200
        tape = stage.tape(session, calls=4)
    assert len({call.address for call in tape.calls}) == 3


def test_behind_a_key_the_gateway_wants_ours_beside_that_of_the_provider(tmp_path: Path) -> None:
    with ScriptedModels(perform) as models, staged(tmp_path, models, "--key", "ours") as stage:
        refused = stage.ask(f"openai/v1/{CHAT}", chat(), authorization="Bearer ours")
        passed = stage.ask(f"openai/v1/{CHAT}", chat(), authorization="Bearer theirs", x_agentreplay_key="ours")

        assert (refused.status, passed.status) == (401, 200)
        assert models.requests[-1].headers["authorization"] == "Bearer theirs"
        assert "x-agentreplay-key" not in models.requests[-1].headers


def test_a_token_nobody_asks_with_is_forgotten(tmp_path: Path) -> None:
    async def append(_: Batch) -> None: ...

    async def run() -> None:
        store, settings, clock = MemoryStore(), Settings(db_path=tmp_path), [0.0]
        key = SessionKey(TenantId("local"), ProjectId("default"), SessionId("s"))
        store.append(Batch(sessions=(Session(tenant=key.tenant, project=key.project, id=key.session),)))
        sessions = GatewaySessions(settings, append, lambda _: 0, lambda: 1, idle=60)
        replays = Replays(settings, store, sessions, read_upstreams([]), lambda: clock[0])
        used, left = [await replays.begin("", "s", Manner()) for _ in range(2)]
        assert len({used.token, left.token}) == 2
        assert len(used.token) >= 32
        # So that it can be given to a command as it is.
        assert int(used.token, 16)
        clock[0] = KEPT_SECONDS * 0.6
        replays.get(used.token)
        clock[0] = KEPT_SECONDS * 1.2

        assert replays.get(used.token) is used
        with pytest.raises(ReplayUnknown):
            replays.get(left.token)

    asyncio.run(run())
