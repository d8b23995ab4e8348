"""The commands of the gateway ask the server, and say what it said."""

import json
from typing import Any

import pytest

from agentreplay.testing.loopback import Loopback, Request, Response
from tests.cli.conftest import Run

BEGUN = {
    "token": "t0ken",
    "session": "01J",
    "calls": 2,
    "bases": {"openai": "/gateway/replay/t0ken/openai/v1"},
    "verdict": "/api/v1/gateway/replays/t0ken/verdict",
    "idle_seconds": 3600.0,
}
MISSING = {"kind": "missing", "seq": 3, "operation": "POST a", "label": "llm m", "fork_at": "3"}
VERDICT = {"status": "diverged", "session": "01J", "calls": 2, "served": 1, "diverged_at": 3, "divergences": [MISSING]}


def answering(status: int, body: Any) -> Loopback:
    return Loopback(lambda _: Response(status=status, chunks=(json.dumps(body).encode(),)))


def environment(server: Loopback) -> dict[str, str]:
    return {"AGENTREPLAY_PORT": server.url.rpartition(":")[2], "AGENTREPLAY_KEY": "k"}


def test_one_call_is_told_as_one(run: Run) -> None:
    with answering(201, BEGUN | {"calls": 1}) as server:
        done = run("gateway", "replay", "01J", env=environment(server))

    assert "replaying session 01J, 1 call\n" in done.stderr


def test_a_replay_is_begun_and_its_addresses_are_told(run: Run) -> None:
    with answering(201, BEGUN) as server:
        done = run("gateway", "replay", "01J", "--at", "3", "--set", "prompt=x", env=environment(server))
        asked: Request = server.requests[0]

    assert done.exit_code == 0, done.stderr
    assert done.stdout == f"openai  {server.url}/gateway/replay/t0ken/openai/v1\n"
    assert "replaying session 01J, 2 calls" in done.stderr
    assert "agentreplay gateway verdict t0ken" in done.stderr
    assert asked.headers["authorization"] == "Bearer k"
    assert asked.body == {
        "session": "01J",
        "project": "demo",
        "on_divergence": "stop",
        "at": "3",
        "patches": ["prompt=x"],
        "at_recorded_speed": False,
    }


def test_a_verdict_is_told_and_decides_the_exit_code(run: Run) -> None:
    with answering(200, {**VERDICT, "exit_code": 3, "fork": None}) as server:
        done = run("gateway", "verdict", "t0ken", env=environment(server))
        plain = run("gateway", "verdict", "t0ken", "--json", env=environment(server))

    assert (done.exit_code, plain.exit_code) == (3, 3)
    assert done.stdout.startswith("diverged at 3  1 of 2 calls served")
    assert "agentreplay gateway replay 01J --at 3" in done.stderr
    assert json.loads(plain.stdout)["status"] == "diverged"


def test_what_the_server_refuses_is_told_with_its_hint(run: Run) -> None:
    body = {"error": {"kind": "SessionMissing", "message": "there is no such session", "hint": "look elsewhere"}}
    with answering(404, body) as server:
        done = run("gateway", "replay", "x", env=environment(server))

    assert done.exit_code == 5
    assert "there is no such session" in done.stderr
    assert "hint: look elsewhere" in done.stderr


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://127.0.0.1:9/below"])
def test_without_a_server_it_is_said_how_to_start_one(run: Run, url: str) -> None:
    done = run("gateway", "verdict", "x", env={"AGENTREPLAY_URL": url})

    assert done.exit_code == 7
    assert "agentreplay up" in done.stderr


def test_a_change_needs_a_step(run: Run) -> None:
    assert run("gateway", "replay", "x", "--set", "prompt=y").exit_code == 2
