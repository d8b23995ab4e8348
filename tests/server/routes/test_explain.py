"""Costs and prices over the API of a server as a user starts it."""

from collections.abc import Iterator

import pytest

from agentreplay.core.prices import own_price, set_price
from tests.server.requests import trace_request
from tests.server.running import Running, running, waited_for

pytestmark = pytest.mark.slow

ATTRIBUTES = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "house",
    "gen_ai.request.model": "house/model",
    "gen_ai.usage.input_tokens": 1_000,
    "session.id": "talk",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("server")
    set_price(folder, own_price("house/model", {"input": "2"}))
    with running(folder) as started:
        assert started.post(trace_request(1, ATTRIBUTES).SerializeToString()).status == 200
        assert waited_for(lambda: started.ask("/api/v1/sessions/talk/cost").status == 200)
        yield started


def test_the_cost_of_a_session_is_explained(server: Running) -> None:
    found = server.ask("/api/v1/sessions/talk/cost").json

    assert found["cost"] == 2_000_000
    [call] = found["calls"]
    assert call["estimate"]["source"] == "own"
    assert [(one["bucket"], one["tokens"]) for one in call["estimate"]["charges"]] == [("input", 1_000)]
    span = call["span"]
    alone = server.ask(f"/api/v1/spans/{span['trace_id']}/{span['span_id']}/cost").json
    assert alone == call


def test_what_is_not_there_cannot_be_explained(server: Running) -> None:
    assert server.ask("/api/v1/sessions/nothing/cost").status == 404
    assert server.ask(f"/api/v1/spans/{'1' * 32}/{'2' * 16}/cost").status == 404
    assert server.ask("/api/v1/spans/no/span/cost").status == 400


def test_prices_are_found_and_read(server: Running) -> None:
    listed = server.ask("/api/v1/prices?q=house").json
    assert listed["items"][0] == {"provider": "*", "model": "house/model", "source": "own"}

    found = server.ask("/api/v1/prices/house/house/model").json
    assert found["buckets"] == [{"bucket": "input", "rate": 2_000_000_000, "beyond": []}]
    assert server.ask("/api/v1/prices/openai/nobody-knows-me").status == 404
