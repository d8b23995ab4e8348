"""Scores over HTTP and from Python."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from agentreplay.client.client import Client
from tests.server.running import Running, waited_for


@pytest.fixture
def client(server: Running) -> Iterator[Client]:
    with closing(Client(server.address)) as client:
        yield client


def test_sessions_and_spans_are_scored_and_found_by_it(client: Client) -> None:
    span = {"session": "s", "span_id": f"{7:016x}", "start": 10**18, "end": 10**18 + 1}
    assert client.ingest(project="scored", spans=[span])["spans"] == 1
    assert waited_for(lambda: bool(client.spans(project="scored")["items"]))
    [row] = client.spans(project="scored")["items"]
    name = f"{row['trace_id']}/{row['span_id']}"

    given = client.add_score("s", "helpful", 0.25, span=name, comment="vague", project="scored")
    again = client.add_score("s", "helpful", 0.75, span=name, project="scored")
    client.add_score("s", "grade", 3, author="judge", project="scored")

    assert (given["version"], again["version"], given["comment"]) == (1, 2, "vague")
    told = [(one["name"], one["value"], one["span_id"]) for one in client.scores("s", project="scored")["items"]]
    assert told == [("grade", 3.0, None), ("helpful", 0.75, row["span_id"])]
    past = client.scores("s", name, past=True, project="scored")["items"]
    assert [one["value"] for one in past] == [0.25, 0.75]
    for wanted, found in (("score.helpful>0.5", 1), ("score.helpful<=0.5", 0), ("score.grade=3 score.helpful:*", 1)):
        assert len(client.sessions(wanted, project="scored")["items"]) == found
    assert len(client.spans("score.helpful>0.5", project="scored")["items"]) == 1
    assert client.spans("score.grade:*", project="scored")["items"] == []

    gone = client.remove_score("s", "grade", author="judge", project="scored")

    assert gone["value"] is None
    assert client.sessions("score.grade:*", project="scored")["items"] == []
    assert len(client.scores("s", project="scored")["items"]) == 1


def test_what_is_not_there_is_404(server: Running) -> None:
    assert server.ask("/api/v1/sessions/nobody/scores").json["error"]["kind"] == "SessionMissing"
    assert server.ask(f"/api/v1/spans/{'1' * 32}/{'2' * 16}/scores").json["error"]["kind"] == "SpanMissing"
