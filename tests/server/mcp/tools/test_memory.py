"""What other agents remember over MCP is found again, recorded, and refused where nothing may be changed."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest

from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.query import SessionFilter
from agentreplay.server.mcp.reach import Reach
from agentreplay.server.mcp.remembering import Rememberer
from agentreplay.server.mcp.speaking import Speaker
from agentreplay.settings import Settings
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import NEW_YEAR, Maker, batch_of
from tests.store.remembering import NOTES, OF_AGENT, OTHER_PROJECT, OTHER_TENANT, keep

Ask = Callable[..., Any]


def asking(store: MemoryStore, *, may_write: bool = True, tenant: str = "acme") -> Ask:
    """Calls a tool as a client does; what it answers as a value, or as text where it failed."""
    numbers = count(NEW_YEAR)
    remembers = Rememberer(Settings.read({}), lambda: next(numbers), lambda size: next(numbers).to_bytes(size, "big"))

    @contextmanager
    def reached() -> Iterator[Reach]:
        yield Reach(
            store=store,
            tenant=TenantId(tenant),
            project=ProjectId("demo"),
            now=lambda: NEW_YEAR,
            runner=None,
            remembers=remembers if may_write else None,
            for_writing=lambda: store,
            settings=Settings.read({"AGENTREPLAY_DB": "/nowhere"}),
        )

    speaker = Speaker(reached, may_run=False, may_write=may_write, version="1.2.3")

    def call(name: str, /, **arguments: Any) -> Any:
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}}
        told = json.loads(speaker.answer(json.dumps(message).encode()) or b"{}")
        if "error" in told:
            return told["error"]["message"]
        text = told["result"]["content"][0]["text"]
        return text if told["result"].get("isError") else json.loads(text)

    return call


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def ask(store: MemoryStore) -> Ask:
    return asking(store)


def test_what_is_remembered_is_recalled_with_where_it_is_from(store: MemoryStore, ask: Ask) -> None:
    told = ask("remember", text="The staging server is Ada", metadata={"team": "infra"}, author="me")

    found = ask("recall", query="staging server")
    assert found["by"] == "words"
    assert "embeddings" in found["note"]
    [hit] = found["items"]
    assert (hit["record"], hit["text"]) == (told["record"], "The staging server is Ada")
    assert hit["from"].startswith("session ")
    assert ask("recall", query="staging", metadata={"team": "x"})["items"] == []
    assert ask("recall", query="staging", collection="other")["items"] == []


def test_every_change_is_a_span_that_has_no_texts(store: MemoryStore, ask: Ask) -> None:
    record = ask("remember", text="The staging server is zanzibar")["record"]
    ask("forget", records=[record], for_good=True)
    assert "no record 'nobody'" in ask("forget", records=["nobody"])

    [session] = store.sessions.find(SessionFilter(tenant=NOTES.tenant)).items
    spans = [store.spans.get(row.key) for row in store.spans.read(session.session.key)]
    assert [(span.kind, span.name, span.status) for span in spans if span is not None] == [
        ("memory", "memory.remember", "ok"),
        ("memory", "memory.forget", "ok"),
        ("memory", "memory.forget", "error"),
    ]
    assert "zanzibar" not in repr(spans)
    assert session.session.source == "mcp"


def test_a_record_gives_way_and_keeps_its_history(store: MemoryStore, ask: Ask) -> None:
    record = ask("remember", text="Lunch is at noon")["record"]
    ask("remember", text="Lunch is at one", record=record)
    assert ask("forget", records=[record]) == {"records": 1, "versions_gone_for_good": 0}

    assert [fact.version for fact in store.facts.history(NOTES.state, record).items] == [3, 2, 1]
    assert ask("list_memories")["items"] == []


def test_what_was_known_at_a_step_is_recalled(store: MemoryStore, ask: Ask) -> None:
    keep(store, {"a": "apple pie"})
    [held] = store.memories.find(NOTES).items
    make = Maker()
    store.append(batch_of(make.session(), make.span(start=held.version.changed)))
    keep(store, {"b": "apple tart"})

    then = ask("recall", query="apple", session=make.session_id, step=1)["items"]
    assert [one["record"] for one in then] == ["a"]


def test_agents_and_workspaces_see_theirs_and_the_projects(store: MemoryStore, ask: Ask) -> None:
    keep(store, {"ours": "apple"})
    keep(store, {"planners": "apple"}, OF_AGENT)
    ask("remember", text="apple", workspace="/work")

    def seen(**whose: str) -> set[str]:
        return {one["collection"] for one in ask("recall", query="apple", **whose)["items"]}

    assert seen() == {"notes"}
    assert seen(agent="planner") == {"notes", "notes of agent:planner"}
    assert seen(workspace="/work") == {"notes", "notes of workspace:/work"}


def test_nothing_of_other_tenants_and_projects_is_found(store: MemoryStore) -> None:
    for collection in (OTHER_TENANT, OTHER_PROJECT):
        keep(store, {"secret": "apple sesame"}, collection)
    ask = asking(store)
    keep(store, {"ours": "apple"})

    for name, arguments in {
        "recall": {"query": "apple sesame"},
        "list_memories": {},
        "get_context_for": {"task": "bake an apple sesame cake"},
    }.items():
        told = ask(name, **arguments)
        assert [one["record"] for one in told["items"]] == ["ours"]
    assert "no record" in ask("forget", records=["secret"])
    assert ask("recall", query="apple", project="other")["items"][0]["record"] == "secret"


def test_a_task_gets_what_bears_on_it_within_its_budget(store: MemoryStore, ask: Ask) -> None:
    for number in range(30):
        ask("remember", text=f"Deploy step {number}: " + "look at the log " * 20)

    told = ask("get_context_for", task="deploy the server", budget=400)
    assert 0 < len(told["items"]) < 12
    assert told["next"] == str(len(told["items"]))
    rest = ask("get_context_for", task="deploy the server", budget=100_000, limit=40, cursor=told["next"])
    assert len(told["items"]) + len(rest["items"]) == 30
    assert rest["next"] is None
    pages = [ask("recall", query="deploy", limit=20, cursor=cursor, budget=100_000) for cursor in (None, "20")]
    assert [len(page["items"]) for page in pages] == [20, 10]
    assert all(one["from"] for one in told["items"])


def test_a_list_goes_on_in_pages(store: MemoryStore, ask: Ask) -> None:
    keep(store, {"a": "one", "b": "two"})

    first = ask("list_memories", limit=1)
    second = ask("list_memories", limit=1, cursor=first["next"])
    assert [one["items"][0]["record"] for one in (first, second)] == ["b", "a"]
    assert first["collections"] == ["notes"]


def test_where_nothing_may_be_changed_nothing_is(store: MemoryStore) -> None:
    ask = asking(store, may_write=False)

    assert "there is no tool 'remember'" in ask("remember", text="x")
    assert "there is no tool 'forget'" in ask("forget", records=["x"])
    assert ask("list_memories")["items"] == []


def test_secrets_are_taken_out(ask: Ask) -> None:
    secret = "ghp_" + "a1B2" * 9
    ask("remember", text=f"the token is {secret}")

    assert secret not in json.dumps(ask("recall", query="token"))
