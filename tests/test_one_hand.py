"""The same question is answered the same, whoever is asked: the command line, the API, the clients, and MCP."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from agentreplay.cli.program import program
from agentreplay.client.client import Client
from agentreplay.errors import ServerLacks, ServerRefused
from tests.server.population import OURS, PROJECT, Population, populate
from tests.server.running import Running, running

MOST = 10**9
"""Nano-dollars in a dollar, and nanoseconds in a second."""

Answer = Any


@dataclass(frozen=True)
class Faces:
    """Whom one may ask, and what is there to be asked for."""

    folder: Path
    server: Running
    client: Client
    stored: Population

    def cli(self, *arguments: str) -> Answer:
        """What a command prints for programs; where it fails, what it says."""
        options = ["--db-path", str(self.folder), "--tenant", OURS, "--project", PROJECT, "--json"]
        result = CliRunner().invoke(program, [*options, *arguments])
        return json.loads(result.stdout) if result.stdout else _told(result.stderr)

    def api(self, path: str) -> Answer:
        return self.server.ask(f"/api/v1{path}").json

    def mcp(self, tool: str, **arguments: Any) -> Answer:
        """What a tool answers; where it fails, what it says."""
        asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
        told = self.server.ask("/mcp", json.dumps(asked).encode(), "POST", content_type="application/json")
        result = told.json["result"]
        text = result["content"][0]["text"]
        return _told(text) if result.get("isError") else json.loads(text)

    def refusal(self, ask: Callable[[], object]) -> Answer:
        """What a client raises, without the words by which it says that the server says so."""
        with pytest.raises((ServerLacks, ServerRefused)) as raised:
            ask()
        return _told(f"{raised.value.message.partition(': ')[2]}\nhint: {raised.value.advice}")


Question = Mapping[str, Callable[[Faces], Answer]]


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Faces]:
    folder = tmp_path_factory.mktemp("one hand")
    stored = populate(folder)
    with (
        running(folder, AGENTREPLAY_TENANT=OURS, AGENTREPLAY_PROJECT=PROJECT) as server,
        Client(server.address) as client,
    ):
        yield Faces(folder, server, client, stored)


def _told(text: str) -> tuple[str, str]:
    """The message and the hint of an error, as people are told it."""
    message, _, hint = text.strip().partition("\nhint: ")
    message = message.removeprefix("error: ")
    return message[:1].upper() + message[1:], hint


def _error(told: Answer) -> tuple[str, str]:
    return told["error"]["message"], told["error"]["hint"]


def _ids(told: Answer) -> list[str]:
    return [item.get("session") or item["id"] for item in told["items"]]


def _names(told: Answer) -> list[tuple[str, bool]]:
    """What projects are called, and whether they have a session."""
    return [(item["name"], bool(item.get("newest"))) for item in told["items"]]


def _steps(told: Answer) -> list[tuple[int, str]]:
    return [(item["seq"], item["name"]) for item in told]


def _mcp_steps(told: Answer) -> list[tuple[int, str]]:
    return [(item["step"], item["name"]) for item in told["items"]]


def _places(told: Answer) -> set[str]:
    return {f"{item['span']['trace_id']}/{item['span']['span_id']}" for item in told["items"]}


def _members(told: Answer) -> list[tuple[int, str]]:
    return [(item["depth"], item["row"]["id"]) for item in told["items"]]


def _by(told: Answer, dimension: str) -> dict[Any, tuple[int, int, int]]:
    """Spans, tokens and nano-dollars by a dimension."""
    rows = ((item["dimensions"][dimension], item) for item in told["items"])
    return {name: (row["spans"], row["usage"]["total"], row["cost"]) for name, row in rows}


def _mcp_by(told: Answer, dimension: str) -> dict[Any, tuple[int, int, int]]:
    return {
        row.get(dimension): (row["spans"], sum(row.get("usage", {}).values()), _nano(row["usd"]))
        for row in told["items"]
    }


def _pairs(told: Answer) -> list[tuple[str, str, Any]]:
    """What differs: how, in which call, and the span of it."""
    found: list[tuple[str, str, Any]] = []
    for item in told["items"]:
        if item["kind"] != "same":
            where = item["before_span"]
            found.append((item["kind"], item["label"], f"{where['trace_id']}/{where['span_id']}"))
    return found


def _nano(amount: float) -> int:
    return round(amount * MOST)


def _summary(field: str, name: str, change: Callable[[Any], Any] = lambda value: value) -> Question:
    """A question about what a session adds up to; MCP has a name of its own for it."""
    return {
        "cli": lambda f: f.cli("sessions", "show", f.stored.session)["session"]["summary"][field],
        "api": lambda f: f.api(f"/sessions/{f.stored.session}/summary")[field],
        "client": lambda f: f.client.summary(f.stored.session)[field],
        "mcp": lambda f: change(f.mcp("session_summary", session=f.stored.session)[name]),
    }


def _session(field: str, change: Callable[[Any], Any] = lambda value: value, name: str = "") -> Question:
    """A question about what a session is."""
    return {
        "cli": lambda f: f.cli("sessions", "show", f.stored.session)["session"][field],
        "api": lambda f: f.api(f"/sessions/{f.stored.session}")[field],
        "client": lambda f: f.client.session(f.stored.session)[field],
        "mcp": lambda f: change(f.mcp("get_session", session=f.stored.session)["session"][name or field]),
    }


def _measured(by: str) -> Question:
    """A question about many spans at once."""
    return {
        "cli": lambda f: _by(f.cli("stats", "--by", by, "--since", "2025-01-01"), by),
        "api": lambda f: _by(f.api(f"/measures?by={by}&since=2025-01-01"), by),
        "client": lambda f: _by(f.client.measures(by=[by], since="2025-01-01"), by),
        "mcp": lambda f: _mcp_by(f.mcp("measures", by=[by], since="2025-01-01"), by),
    }


def _found(filter_: str, *options: str) -> Question:
    """A question for sessions."""
    return {
        "cli": lambda f: _ids(f.cli("sessions", "list", *options)),
        "api": lambda f: _ids(f.api(f"/sessions?q={filter_}&project={PROJECT}")),
        "client": lambda f: _ids(f.client.sessions(filter_, project=PROJECT)),
        "mcp": lambda f: _ids(f.mcp("search_sessions", query=filter_, project=PROJECT)),
    }


QUESTIONS: dict[str, Question] = {
    "which projects are there": {
        "cli": lambda f: _names(f.cli("projects")),
        "api": lambda f: _names(f.api("/projects")),
        "client": lambda f: _names(f.client.projects()),
        "mcp": lambda f: _names(f.mcp("list_projects")),
    },
    "which sessions are there": _found(""),
    "which sessions have a label": _found("label:env=kettle", "--label", "env=kettle"),
    "which sessions run": _found("status:running", "--status", "running"),
    "what is it called": _session("name"),
    "how did it end": _session("status"),
    "which labels has it": _session("labels"),
    "how long did it take": _session("duration", lambda seconds: str(_nano(seconds)), "seconds"),
    "how many spans has it": _summary("spans", "spans"),
    "of which kinds": _summary("kinds", "kinds"),
    "which models were asked": _summary("models", "models"),
    "which tools were used": _summary("tools", "tools"),
    "what did it cost": _summary("cost", "usd", _nano),
    "what did it do, in order": {
        "cli": lambda f: _steps(f.cli("sessions", "show", f.stored.session)["spans"]),
        "api": lambda f: _steps(f.api(f"/sessions/{f.stored.session}/spans")["items"]),
        "client": lambda f: _steps(f.client.session_spans(f.stored.session)["items"]),
        "mcp": lambda f: _mcp_steps(f.mcp("get_session", session=f.stored.session)),
    },
    "where does a word stand": {
        "cli": lambda f: _places(f.cli("search", "kettle", "--session", f.stored.session)),
        "api": lambda f: _places(f.api(f"/search?q=kettle%20session:{f.stored.session}")),
        "client": lambda f: _places(f.client.search(f"kettle session:{f.stored.session}")),
        "mcp": lambda f: {
            item["span"] for item in f.mcp("get_session", session=f.stored.session, query="kettle")["items"]
        },
    },
    "what did each model cost": _measured("model"),
    "what was there of each kind": _measured("kind"),
    "where do two sessions part": {
        "cli": lambda f: _pairs(f.cli("diff", f.stored.session, f.stored.fork)),
        "api": lambda f: _pairs(f.api(f"/compare?before={f.stored.session}&after={f.stored.fork}")),
        "client": lambda f: _pairs(f.client.compare(f.stored.session, f.stored.fork)),
        "mcp": lambda f: [
            (item["what"], item["call"], item["before_span"])
            for item in f.mcp("compare_sessions", before=f.stored.session, after=f.stored.fork)["items"]
        ],
    },
    "what was forked from it": {
        "cli": lambda f: _members(f.cli("tree", f.stored.session)),
        "api": lambda f: _members(f.api(f"/sessions/{f.stored.session}/family")),
        "client": lambda f: _members(f.client.family(f.stored.session)),
        "mcp": lambda f: [
            (0, f.stored.session),
            *((1, fork) for fork in f.mcp("session_summary", session=f.stored.session)["forks"]),
        ],
    },
    "what if it is not there": {
        "cli": lambda f: f.cli("sessions", "show", "nothing"),
        "api": lambda f: _error(f.api("/sessions/nothing")),
        "client": lambda f: f.refusal(lambda: f.client.session("nothing")),
        "mcp": lambda f: f.mcp("get_session", session="nothing"),
    },
    "what if the question makes no sense": {
        "cli": lambda f: f.cli("sessions", "list", "nothing:1"),
        "api": lambda f: _error(f.api("/sessions?q=nothing:1")),
        "client": lambda f: f.refusal(lambda: f.client.sessions("nothing:1")),
        "mcp": lambda f: f.mcp("search_sessions", query="nothing:1"),
    },
}

DEEPER: dict[str, Question] = {
    "how did its cost come about": {
        "cli": lambda f: f.cli("explain", f.stored.session),
        "api": lambda f: f.api(f"/sessions/{f.stored.session}/cost"),
        "client": lambda f: f.client.explain(f.stored.session),
    },
    "what was so at one of its steps": {
        "cli": lambda f: f.cli("at", f.stored.session, "4"),
        "api": lambda f: f.api(f"/sessions/{f.stored.session}/state?at=4"),
        "client": lambda f: f.client.state(f.stored.session, 4),
    },
    "what does an agent hold to be so": {
        "cli": lambda f: f.cli("state", "get", "planner", "plan"),
        "api": lambda f: f.api("/state/fact?agent=planner&key=plan"),
        "client": lambda f: f.client.fact("planner", "plan"),
    },
    "how do two sessions compare": {
        "cli": lambda f: f.cli("diff", f.stored.session, f.stored.fork),
        "api": lambda f: f.api(f"/compare?before={f.stored.session}&after={f.stored.fork}"),
        "client": lambda f: f.client.compare(f.stored.session, f.stored.fork),
    },
    "what is it": {
        "cli": lambda f: f.cli("sessions", "show", f.stored.session)["session"],
        "api": lambda f: f.api(f"/sessions/{f.stored.session}"),
        "client": lambda f: f.client.session(f.stored.session),
    },
}
"""Of these the whole answer is compared, word for word. MCP tells of the first three by other tools, or not at all."""


@pytest.mark.parametrize("question", QUESTIONS)
def test_all_four_say_the_same(faces: Faces, question: str) -> None:
    answers = {face: ask(faces) for face, ask in QUESTIONS[question].items()}

    assert set(answers) == {"cli", "api", "client", "mcp"}
    assert answers["cli"]
    assert {face for face, answer in answers.items() if answer != answers["api"]} == set(), answers


@pytest.mark.parametrize("question", DEEPER)
def test_they_say_it_in_the_same_words(faces: Faces, question: str) -> None:
    answers = {face: ask(faces) for face, ask in DEEPER[question].items()}

    assert answers["cli"] == answers["api"]
    assert answers["client"] == answers["api"]


def test_twenty_questions_are_asked_at_least() -> None:
    assert len(QUESTIONS) >= 20
