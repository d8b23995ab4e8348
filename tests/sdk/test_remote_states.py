"""The states of a server: what is written there is read exactly, streams are streams, refusals have their types."""

from collections.abc import Iterator
from itertools import islice

import pytest

import agentreplay
from agentreplay import Statehouse, StatehouseError, TransactionError
from agentreplay.errors import ServerContradicts, ServerMissing, ServerRefused, TransactionExpired
from agentreplay.model.fact import StateKey
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.sdk.remote_states import RemoteFacts, RemoteStates, server_address
from agentreplay.sdk.statehouse import StatehouseConnectionError
from tests.sdk.home import Home
from tests.sdk.state_server import state_server


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with state_server() as started:
        yield started


@pytest.fixture
def states(home: Home, address: str) -> Iterator[RemoteStates]:
    opened = RemoteStates(address)
    yield opened
    opened.close()


def key_of(states: RemoteStates, agent: str) -> StateKey:
    return StateKey(states.tenant, states.project, "default", agent)


def test_values_come_back_exactly(states: RemoteStates) -> None:
    value = {"a": [1, [2**80, b"\x00", float("inf"), None]], "$bytes": "x"}
    transaction = states.begin()
    transaction.write("default", "exact", "k", value)
    transaction.delete("default", "exact", "gone")
    done = transaction.commit()

    fact = states.facts.get(key_of(states, "exact"), "k")
    assert fact is not None
    assert (fact.value, fact.version, fact.position) == (value, 1, done.position)
    assert [(one.key, one.version, one.is_deleted) for one in done.operations] == [("k", 1, False), ("gone", 1, True)]
    assert list(states.facts.read(key_of(states, "exact"))) == [done]
    assert states.facts.get(key_of(states, "exact"), "never") is None
    assert states.facts.version(key_of(states, "exact"), "k", 7) is None


def test_what_was_read_in_a_transaction_must_hold_still(states: RemoteStates) -> None:
    first = states.begin()
    first.write("default", "still", "k", 1)
    first.commit()
    late = states.begin()
    assert late.scan("default", "still")["k"].value == 1
    other = states.begin()
    other.write("default", "still", "k", 2)
    other.commit()
    late.write("default", "still", "k", 3)

    with pytest.raises(ServerContradicts, match="FactConflict"):
        late.commit()


def test_a_stream_is_left_early_and_goes_on_where_it_was(states: RemoteStates) -> None:
    for number in range(200):
        transaction = states.begin()
        transaction.write("default", "long", "k", number)
        transaction.commit()

    seen = list(islice(states.facts.read(key_of(states, "long")), 3))
    behind = states.facts.read(key_of(states, "long"), seen[-1].position)

    assert [entry.operations[0].value for entry in (*seen, *islice(behind, 2))] == [0, 1, 2, 3, 4]


def test_in_a_recording_each_use_is_a_call(home: Home, address: str) -> None:
    with Statehouse(url=address) as client, agentreplay.session("remote") as session:
        with client.begin_transaction() as transaction:
            transaction.write("called", "k", {"x": 1})
        assert client.get_state("called", "k").value == {"x": 1}

    operations = [call.request.operation for call in home.tape(str(session.id)).calls]
    assert operations == ["state.commit", "state.get"]


def test_a_server_that_is_not_there_is_said_so(home: Home) -> None:
    with state_server() as gone:
        pass

    with pytest.raises(StatehouseConnectionError) as caught, Statehouse(url=gone) as client:
        client.health()
    assert isinstance(caught.value.__cause__, ServerMissing)


def test_a_key_is_asked_for(home: Home) -> None:
    with state_server(key="secret") as address:
        with Statehouse(url=address) as client, pytest.raises(StatehouseError) as caught:
            client.health()
        assert isinstance(caught.value.__cause__, ServerRefused)
        knowing = RemoteFacts(address, ProjectId("default"), "secret")
        assert knowing.position() == 0
        assert knowing.whole(StateKey(TenantId("local"), ProjectId("default"), "default", "a")) == {}
        knowing.close()
        knowing.close()


def test_a_transaction_has_its_time(states: RemoteStates) -> None:
    transaction = states.begin(timeout=0)
    transaction_of_client = Statehouse(url="127.0.0.1:1", timeout=0.000_001).begin_transaction()

    with pytest.raises(TransactionExpired):
        transaction.write("default", "late", "k", 1)
    with pytest.raises(TransactionError):
        transaction_of_client.write("late", "k", 1)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("127.0.0.1:4317", "127.0.0.1:4317"),
        ("http://host.example:50051/", "host.example:50051"),
        ("grpc://[::1]:4317", "[::1]:4317"),
        ("/data/states", None),
        ("states", None),
        ("C:\\states", None),
    ],
)
def test_an_address_is_told_from_a_folder(url: str, address: str | None) -> None:
    assert server_address(url) == address
