"""Programs written for the client of that name run with only the import changed."""

import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from agentreplay import Statehouse, StatehouseError, TransactionError
from tests.sdk.home import Home
from tests.sdk.state_server import state_server

REPLAY_PAGE = """
client = Statehouse(url="localhost:50051")

with client.begin_transaction() as tx:
    tx.write(agent_id="my-agent", key="memory", value={"fact": "Lyon is a city"})

result = client.get_state(agent_id="my-agent", key="memory")
print(result.value)

keys = client.list_keys(agent_id="my-agent")

for event in client.replay(agent_id="my-agent"):
    print(f"[{event.commit_ts}] Transaction {event.txn_id}")
    for op in event.operations:
        print(f"  {op.key}: {op.value}")
"""


@pytest.fixture(params=["folder", "server"])
def client(home: Home, request: pytest.FixtureRequest) -> Iterator[Statehouse]:
    with ExitStack() as stack:
        url = "localhost:50051" if request.param == "folder" else stack.enter_context(state_server())
        yield stack.enter_context(Statehouse(url=url))


def write(client: Statehouse, **values: object) -> int:
    transaction = client.begin_transaction()
    for key, value in values.items():
        transaction.write(agent_id="a", key=key, value=value)
    return transaction.commit()


def test_its_usual_program_runs(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    exec(REPLAY_PAGE, {"Statehouse": Statehouse})  # the program of a user

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "{'fact': 'Lyon is a city'}"
    assert re.fullmatch(r"\[1\] Transaction \w{26}", lines[1])
    assert lines[2] == "  memory: {'fact': 'Lyon is a city'}"


def test_state_is_read_by_its_names(client: Statehouse) -> None:
    first = write(client, k={"x": 1})
    second = write(client, k={"x": [[1], {"y": 2**60}]}, other={})

    result = client.get_state("a", "k")
    assert (result.value, result.version, result.commit_ts, result.exists) == (
        {"x": [[1], {"y": 2**60}]},
        2,
        second,
        True,
    )
    assert client.get_state_at_version("a", "k", 1).commit_ts == first
    assert client.get_state("a", "none").exists is False
    assert client.list_keys("a") == ["k", "other"]
    assert [(found.key, found.version) for found in client.scan_prefix("a", "o")] == [("other", 1)]
    assert client.list_keys("a", namespace="elsewhere") == []


def test_a_deleted_key_does_not_exist(client: Statehouse) -> None:
    write(client, k=1)
    with client.begin_transaction() as transaction:
        transaction.delete(agent_id="a", key="k")

    result = client.get_state("a", "k")
    assert (result.exists, result.value, result.version) == (False, None, 2)


def test_a_range_is_replayed_with_both_ends(client: Statehouse) -> None:
    done = [write(client, k=number) for number in range(5)]

    events = list(client.replay("a", start_ts=done[1], end_ts=done[3]))

    assert [event.commit_ts for event in events] == done[1:4]
    assert events[0].to_dict() == {
        "txn_id": events[0].txn_id,
        "commit_ts": done[1],
        "namespace": "default",
        "agent_id": "a",
        "operations": [{"key": "k", "value": 1, "version": 2}],
    }


def test_a_replay_tells_of_its_agent_only(client: Statehouse) -> None:
    with client.begin_transaction() as transaction:
        transaction.write("a", "k", 1)
        transaction.write("b", "k", 2)

    assert [[done.value for done in event.operations] for event in client.replay_events("b")] == [[2]]


def test_a_replay_is_told_in_lines(client: Statehouse) -> None:
    write(client, note={"text": "é"})
    with client.begin_transaction() as transaction:
        transaction.delete("a", "note")

    plain, verbose = list(client.replay_pretty("a")), list(client.replay_pretty("a", verbose=True))

    assert re.fullmatch(r'\d\d:\d\d:\d\dZ  agent=a  WRITE  key=note  v=1  {"text": "é"}', plain[0])
    assert plain[1].endswith("DEL    key=note  v=2")
    assert "txn=" in verbose[0]
    assert verbose[0].endswith('payload: {"text": "é"}')


def test_what_goes_wrong_has_its_types(client: Statehouse) -> None:
    transaction = client.begin_transaction()
    transaction.commit()

    with pytest.raises(TransactionError):
        transaction.commit()
    with pytest.raises(TransactionError):
        client.begin_transaction().write("a", "", 1)
    with pytest.raises(StatehouseError):
        client.get_state("\n", "k" * 2000, namespace="\ud800")


def test_it_is_well(client: Statehouse) -> None:
    assert client.health() == "ok"
    assert client.version()[0]
