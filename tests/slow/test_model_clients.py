"""Model providers' own clients: each call is there once, with tokens and cost, and replays without a network."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sdk.home import Home
from tests.slow.test_programs import PROGRAMS, Desk, python_of, shuffling_models

pytestmark = pytest.mark.slow

MANY = 10
"""So many calls the asynchronous client of each program makes at once."""
CLIENTS: dict[str, tuple[str, int, int, int]] = {
    "bedrock_calls": ("aws.bedrock", 4, 0, 1),
    "cohere_calls": ("cohere", 3 + MANY + 1, 1, 1),
    "huggingface_calls": ("openai", 3 + MANY + 1, 0, 2),
    "mistral_calls": ("openai", 6 + MANY + 1, 1, 0),
    "ollama_calls": ("ollama", 4 + MANY + 1, 1, 1),
}
"""The provider of the models that a program asks, how often it asks one, asks for vectors, and asks for what is not
there. A host nobody knows that speaks as OpenAI does is taken for it."""
PRICED = {"bedrock_calls", "cohere_calls"}


def record(program: str, desk: Desk) -> list[dict[str, Any]]:
    recorded = desk.agentreplay("run", "--", desk.python, str(PROGRAMS / f"{program}.py"))
    assert recorded.returncode == 0, recorded.stderr.decode()
    session = desk.last_session()
    assert not Home(desk.folder).troubles(session)
    told = json.loads(desk.agentreplay("--json", "sessions", "show", session).stdout)
    spans: list[dict[str, Any]] = told["spans"]
    return [span for span in spans if span["kind"] in {"llm", "embedding", "rerank", "http"}]


@pytest.mark.parametrize("program", sorted(CLIENTS))
def test_each_call_is_there_once_and_replays(program: str, tmp_path: Path) -> None:
    provider, chats, vectors, failures = CLIENTS[program]
    with shuffling_models() as models:
        desk = Desk(tmp_path / "data", models.url, python_of("programs"))
        calls = record(program, desk)
        asked = len(models.requests)
    verdict = desk.verdict(desk.last_session())

    kinds = [call["kind"] for call in calls]
    assert (kinds.count("llm"), kinds.count("embedding"), kinds.count("http")) == (chats, vectors, failures)
    assert kinds.count("rerank") == (program == "cohere_calls")
    assert len(calls) == asked
    for call in calls:
        if call["kind"] == "http":
            assert call["status"] == "error"
            continue
        assert (call["provider"], call["status"]) == (provider, "ok")
        assert call["model"] or program == "mistral_calls"  # which asks an agent of Mistral's, too
        assert (call["cost"] is not None) == (program in PRICED and call["kind"] != "rerank")
    told = [call["usage"]["output"] for call in calls if call["kind"] == "llm"]
    assert sum(1 for tokens in told if tokens) >= chats - 2  # streams that were not asked to tell
    assert verdict["status"] == "identical", json.dumps(verdict, indent=1)
    assert verdict["calls"] == verdict["served"] == asked


def test_only_wrapped_clients_are_heard(tmp_path: Path) -> None:
    """Until one is wrapped that speaks through a library that cannot be told apart: then all are."""
    with shuffling_models() as models:
        desk = Desk(tmp_path / "data", models.url, python_of("programs"))
        done = desk.run(desk.python, str(PROGRAMS / "wrapped_clients.py"))
    assert done.returncode == 0, done.stderr.decode()
    listed = json.loads(desk.agentreplay("--json", "sessions", "list").stdout)["items"]
    heard = {}
    for one in listed:
        told = json.loads(desk.agentreplay("--json", "sessions", "show", str(one["id"])).stdout)
        heard[told["spans"][0]["name"]] = [span["model"] for span in told["spans"] if span["kind"] == "llm"]

    assert heard == {
        "few": ["command-a-03-2025", "mistral-small-latest", "llama3.2"],
        "all": ["anthropic.claude-sonnet-4-5-20250929-v1:0", "command-r-plus", "some/model"],
    }
