"""The states of agents over gRPC: transactions that are kept, streams that are left, errors that are told by name."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest

from agentreplay import Statehouse
from agentreplay.core.state_messages import methods, service
from tests.server.running import Running, running

Ask = Callable[..., Any]
METHODS = {method.name: method for method in methods()}


def asking(channel: grpc.Channel, *metadata: tuple[str, str]) -> Ask:
    def ask(name: str, **fields: Any) -> Any:
        method = METHODS[name]
        make = channel.unary_stream if method.is_stream else channel.unary_unary
        call = make(f"/{service()}/{name}", method.request.SerializeToString, method.answer.FromString)
        return call(method.request(**fields), timeout=20, metadata=metadata)

    return ask


@pytest.fixture
def channel(anybody: Running) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(f"127.0.0.1:{anybody.grpc[0]}") as opened:
        yield opened


@pytest.fixture
def ask(channel: grpc.Channel) -> Ask:
    return asking(channel, ("x-agentreplay-project", "over-grpc"))


def write(ask: Ask, agent: str, **values: Any) -> int:
    transaction = ask("BeginTransaction").txn_id
    for key, value in values.items():
        ask("Write", txn_id=transaction, agent_id=agent, key=key, value=json.dumps(value))
    return int(ask("Commit", txn_id=transaction).commit_ts)


def refused(call: Callable[[], Any]) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.RpcError) as caught:
        call()
    told = {one.key: one.value for one in caught.value.trailing_metadata()}
    return caught.value.code(), str(told["agentreplay-error"])


def test_it_says_that_it_is_well(ask: Ask) -> None:
    assert ask("Health").status == "ok"
    assert ask("Version").version


def test_a_transaction_is_committed(ask: Ask) -> None:
    value = {"a": [1, {"$integer": str(2**80)}]}
    transaction = ask("BeginTransaction", timeout_ms=5000).txn_id
    ask("Write", txn_id=transaction, agent_id="one", key="k", value=json.dumps(value))
    inside = ask("Read", txn_id=transaction, agent_id="one", key="k")
    outside = ask("GetState", agent_id="one", key="k")
    done = ask("Commit", txn_id=transaction)

    found = ask("GetState", agent_id="one", key="k")
    assert json.loads(inside.value) == json.loads(found.value) == value
    assert (outside.exists, found.exists, found.version) == (False, True, 1)
    assert found.commit_ts == done.commit_ts


def test_programs_written_for_statehouse_run_against_it(anybody: Running) -> None:
    with Statehouse(url=f"127.0.0.1:{anybody.grpc[0]}", namespace="statehouse") as client:
        with client.begin_transaction() as transaction:
            transaction.write("planner", "plan", {"steps": [1, 2]})

        assert client.get_state("planner", "plan").value == {"steps": [1, 2]}
        assert [event.operations[0].key for event in client.replay("planner")] == ["plan"]


def test_a_transaction_is_aborted(ask: Ask) -> None:
    transaction = ask("BeginTransaction").txn_id
    ask("Write", txn_id=transaction, agent_id="two", key="k", value="1")
    ask("Abort", txn_id=transaction)

    assert refused(lambda: ask("Commit", txn_id=transaction)) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "TransactionEnded",
    )
    assert list(ask("ListKeys", agent_id="two").keys) == []


def test_what_was_deleted_does_not_exist(ask: Ask) -> None:
    write(ask, "three", k=1)
    transaction = ask("BeginTransaction").txn_id
    ask("Delete", txn_id=transaction, agent_id="three", key="k", expected=1)
    ask("Commit", txn_id=transaction)

    found = ask("GetState", agent_id="three", key="k")
    assert (found.exists, found.HasField("value"), found.version) == (False, False, 2)
    assert ask("GetStateAtVersion", agent_id="three", key="k", version=1).value == "1"


def test_keys_are_listed_and_scanned(ask: Ask) -> None:
    first = write(ask, "four", a1=1, a2=2, b=3)
    write(ask, "four", a2="later")

    page = ask("ListKeys", agent_id="four", limit=2)
    assert (list(page.keys), page.has_more) == (["a1", "a2"], True)
    assert list(ask("ListKeys", agent_id="four", after="a2").keys) == ["b"]
    assert [(one.key, one.value) for one in ask("ScanPrefix", agent_id="four", prefix="a")] == [
        ("a1", "1"),
        ("a2", '"later"'),
    ]
    assert [one.value for one in ask("ScanPrefix", agent_id="four", prefix="a", at=first)] == ["1", "2"]


def test_a_replay_is_streamed_and_can_be_left(ask: Ask) -> None:
    done = [write(ask, "five", k=number) for number in range(70)]

    events = list(ask("Replay", agent_id="five"))
    between = list(ask("Replay", agent_id="five", start_ts=done[3], end_ts=done[5]))
    left = ask("Replay", agent_id="five")
    first = next(iter(left))
    left.cancel()

    assert [event.commit_ts for event in events] == done
    assert [event.operations[0].value for event in between] == ["3", "4", "5"]
    assert first == events[0]
    assert events == list(ask("Replay", agent_id="five"))


def test_what_is_committed_is_heard_of(ask: Ask) -> None:
    first = write(ask, "six", k=1)
    heard = iter(ask("Watch", agent_id="six", after=first - 1))

    assert next(heard).commit_ts == first
    second = write(ask, "six", k=2)
    assert next(heard).commit_ts == second


def test_errors_are_told_by_name(ask: Ask) -> None:
    write(ask, "seven", k=1)
    transaction = ask("BeginTransaction").txn_id
    ask("Write", txn_id=transaction, agent_id="seven", key="k", value="2", expected=0)

    assert refused(lambda: ask("Commit", txn_id=transaction)) == (grpc.StatusCode.ABORTED, "FactConflict")
    assert refused(lambda: ask("Commit", txn_id="none")) == (grpc.StatusCode.NOT_FOUND, "TransactionUnknown")
    assert refused(lambda: ask("GetState", agent_id="", key="k"))[0] is grpc.StatusCode.INVALID_ARGUMENT
    assert refused(lambda: ask("GetStateAtVersion", agent_id="seven", key="k", version=7))[1] == "VersionMissing"
    expired = ask("BeginTransaction", timeout_ms=0).txn_id
    assert refused(lambda: ask("Commit", txn_id=expired)) == (grpc.StatusCode.UNAVAILABLE, "TransactionExpired")


def test_projects_are_apart(channel: grpc.Channel, ask: Ask) -> None:
    write(ask, "eight", k=1)
    other = asking(channel, ("x-agentreplay-project", "another"))
    transaction = ask("BeginTransaction").txn_id

    assert list(other("ListKeys", agent_id="eight").keys) == []
    assert list(other("Replay", agent_id="eight")) == []
    assert refused(lambda: other("Commit", txn_id=transaction))[1] == "TransactionUnknown"


@pytest.mark.slow
def test_a_key_is_asked_for(tmp_path_factory: pytest.TempPathFactory) -> None:
    with (
        running(tmp_path_factory.mktemp("keyed"), AGENTREPLAY_KEY="open") as server,
        grpc.insecure_channel(f"127.0.0.1:{server.grpc[0]}") as channel,
    ):
        assert refused(lambda: asking(channel)("Health"))[0] is grpc.StatusCode.UNAUTHENTICATED
        assert refused(lambda: list(asking(channel)("Replay", agent_id="a")))[1] == "KeyWrong"
        assert asking(channel, ("x-agentreplay-key", "open"))("Health").status == "ok"
