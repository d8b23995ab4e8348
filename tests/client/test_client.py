"""Everything the API answers, asked from Python."""

import threading
import time
from typing import Any

import pytest

import agentreplay
from agentreplay.client import asks, memory_asks, state_asks
from agentreplay.client.async_client import AsyncClient
from agentreplay.client.client import Client
from agentreplay.errors import ServerContradicts, ServerLacks, ServerMissing, ServerRefused, ValueInvalid
from tests.server.running import Running, waited_for

NOW = 1_700_000_000_000_000_000


def tell(client: Client, project: str, number: int = 1, **more: Any) -> None:
    span = {"session": "s", "span_id": f"{number:016x}", "start": NOW + number, "end": NOW + number + 1, **more}
    assert client.ingest(project=project, spans=[span])["spans"] == 1


def indexed(client: Client, project: str, count: int = 1) -> Any:
    assert waited_for(lambda: len(client.spans(project=project)["items"]) >= count)
    return client.spans(project=project)["items"]


def test_the_clients_know_the_same_requests() -> None:
    described = {*asks.__all__, *memory_asks.__all__, *state_asks.__all__} - {"UNFINISHED"}
    own = {"perform", "live", "wait_for", "close"}

    for client in (Client, AsyncClient):
        assert {name for name in vars(client) if not name.startswith("_")} == described | own


def test_every_public_client_is_there_by_name() -> None:
    assert agentreplay.Client is Client
    assert agentreplay.AsyncClient is AsyncClient


def test_a_recorded_session_is_read(client: Client, recorded: str) -> None:
    assert recorded in {row["id"] for row in client.sessions()["items"]}
    assert client.session(recorded)["status"] == "completed"
    assert client.summary(recorded)["spans"] == client.session(recorded)["summary"]["spans"]
    rows = client.session_spans(recorded)["items"]
    tool = next(row for row in rows if row["tool"] == "lookup")
    whole = client.span(tool["trace_id"], tool["span_id"])
    assert whole["attributes"]
    assert [row["span_id"] for row in client.ancestors(tool["trace_id"], tool["span_id"])["items"]]
    assert client.content(whole["kept"][0]["hash"])
    assert len(client.read_trace(tool["trace_id"])["items"]) == len(rows)
    assert client.search("lookup")["items"]
    assert client.family(recorded)["items"]
    assert "default" in {one["name"] for one in client.projects()["items"]}
    assert client.statistics()["spans"] >= len(rows)
    assert client.compare(recorded, recorded)["same"] is True
    assert client.version()["api"] == "1"
    assert client.ready()["status"] == "ready"


def test_relations_of_spans(client: Client) -> None:
    tell(client, "tree", 1)
    tell(client, "tree", 2, parent_id=f"{1:016x}")
    tell(client, "tree", 3, parent_id=f"{2:016x}")
    trace = indexed(client, "tree", 3)[0]["trace_id"]
    one, two, three = (f"{number:016x}" for number in (1, 2, 3))

    def ids(page: Any) -> list[str]:
        return [row["span_id"] for row in page["items"]]

    assert ids(client.children(trace, one, project="tree")) == [two]
    assert ids(client.descendants(trace, one, project="tree")) == [two, three]
    assert ids(client.subtree(trace, two, project="tree")) == [two, three]
    assert ids(client.siblings(trace, two, project="tree")) == []
    assert client.path(trace, one, three, project="tree") is not None
    assert client.messages(trace, one, project="tree") is None
    assert client.turn(trace, one, project="tree") is None


def test_a_session_goes_out_and_comes_in_again(client: Client, recorded: str) -> None:
    tape = client.export_session(recorded)

    row = client.import_session(tape, project="elsewhere")

    assert (row["id"], row["project"]) == (recorded, "elsewhere")
    assert client.retell_session(recorded, name="renamed", labels={"a": "b"}, project="elsewhere")["labels"] == {
        "a": "b"
    }
    assert client.delete_session(recorded, confirm=recorded, project="elsewhere")["sessions"] == 1
    with pytest.raises(ServerLacks):
        client.session(recorded, project="elsewhere")


@pytest.mark.slow
def test_a_project_is_checked(client: Client, recorded: str) -> None:
    job = client.wait_for(client.check(sample=1, since="1d")["id"], 60)

    assert [(item["session"], item["status"]) for item in job["result"]["items"]] == [(recorded, "identical")]


def test_pages_go_on_with_their_cursor(client: Client) -> None:
    for number in range(1, 6):
        tell(client, "pages", number)
    indexed(client, "pages", 5)

    first = client.spans(project="pages", limit=3)
    second = client.spans(project="pages", limit=3, cursor=first["next"])

    assert (len(first["items"]), len(second["items"]), second["next"]) == (3, 2, None)


def test_measures_are_split_and_chosen(client: Client) -> None:
    tell(client, "measured", 1, kind="tool", tool="a")
    indexed(client, "measured")

    (found,) = client.measures(
        since="2023-11-14T00:00Z", until="2023-11-15T00:00Z", by=["tool"], project="measured", kind="tool"
    )["items"]

    assert (found["dimensions"], found["spans"]) == ({"tool": "a"}, 1)


def test_facts_are_written_read_and_looked_back_at(client: Client) -> None:
    def told(value: Any, **more: Any) -> dict[str, Any]:
        return {"agent": "clerk", "key": "order/7", "value": value, **more}

    new = [told({"status": "new"}, expected=0)]
    first = client.commit_facts(new, idempotency="once", project="facts")
    assert client.commit_facts(new, idempotency="once", project="facts") == first
    second = client.commit_facts([told({"status": "shipped"}, expected=1)], project="facts")
    with pytest.raises(ServerContradicts):
        client.commit_facts([told("late", expected=1)], project="facts")

    place: Any = {"project": "facts"}
    assert [one["agent"] for one in client.agent_states(**place)["items"]] == ["clerk"]
    assert client.fact_keys("clerk", prefix="order/", **place)["items"] == ["order/7"]
    assert client.fact("clerk", "order/7", **place)["value"] == {"status": "shipped"}
    assert client.fact("clerk", "order/7", version=1, **place)["value"] == {"status": "new"}
    earlier, later = int(first["position"]), int(second["position"])
    assert client.agent_state("clerk", position=earlier, **place)["facts"][0]["value"] == {"status": "new"}
    assert [one["value"] for one in client.facts("clerk", **place)["items"]] == [{"status": "shipped"}]
    assert [one["version"] for one in client.fact_history("clerk", "order/7", **place)["items"]] == [2, 1]
    assert [int(one["position"]) for one in client.fact_log("clerk", **place)["items"]] == [earlier, later]
    assert [one["key"] for one in client.diff_facts("clerk", earlier, later, **place)["items"]] == ["order/7"]
    client.compact_facts(later, **place)
    with pytest.raises(ServerLacks):
        client.agent_state("clerk", position=earlier, **place)


def test_snapshots_are_looked_at(client: Client, server: Running) -> None:
    for number in (1, 2):
        state = {"orders": list(range(number))}
        agentreplay.snapshot(state, server.folder / "snapshots" / f"clerk-{number}.snapshot", agent_id="clerk")

    names = [one["name"] for one in client.snapshots(agent="clerk")["items"]]

    assert len(names) == 2
    assert client.snapshot(names[0])["agent_id"] == client.verify_snapshot(names[1])["agent_id"] == "clerk"
    assert client.diff_snapshots(*names)["items"]


def test_a_job_is_waited_for(client: Client, recorded: str) -> None:
    job = client.wait_for(client.replay(recorded)["id"])

    assert job["result"]["status"] == "identical", job
    assert client.jobs()["items"][0]["id"] == job["id"]
    assert client.cancel_job(job["id"])["status"] == "completed"


def test_the_live_feed_goes_on_where_it_was(client: Client) -> None:
    feed = client.live(project="live")
    position = next(feed).position

    def write() -> None:
        for number in (1, 2):
            tell(client, "live", number)

    writer = threading.Thread(target=write)
    writer.start()
    heard = next(event for event in feed if event.name == "span")
    feed.close()
    writer.join()

    again = client.live(project="live", position=position)
    ids: list[str] = []
    while len(ids) < 2:
        event = next(again)
        if event.name == "span" and event.data["span_id"] not in ids:
            ids.append(event.data["span_id"])
    again.close()

    assert heard.data["span_id"] == ids[0]
    assert ids == [f"{1:016x}", f"{2:016x}"]


def test_what_the_server_says_is_wrong_is_raised(client: Client) -> None:
    with pytest.raises(ServerLacks, match="no session 'nothing'") as lacking:
        client.session("nothing")
    assert lacking.value.facts["kind"] == "SessionMissing"
    with pytest.raises(ServerRefused):
        client.spans("kind:")


def test_a_server_that_is_not_there_is_told(server: Running) -> None:
    with Client("http://127.0.0.1:1") as nowhere, pytest.raises(ServerMissing, match="No server answers"):
        nowhere.version()
    with pytest.raises(ValueInvalid):
        Client("nonsense")
    assert server.ask("/healthz").status == 200


def test_connections_are_used_again_and_may_be_shared(client: Client) -> None:
    began = time.monotonic()
    threads = [threading.Thread(target=lambda: [client.version() for _ in range(20)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(client._transport._idle) <= 4
    assert time.monotonic() - began < 20
