"""Comparing sessions over HTTP."""

from tests.server.population import Population
from tests.server.running import Running


def test_a_session_is_the_same_as_itself(server: Running, stored: Population) -> None:
    told = server.ask(f"/api/v1/compare?before={stored.session}&after={stored.session}").json

    assert (told["same"], [item["kind"] for item in told["items"]]) == (True, ["same"] * 3)


def test_what_differs_is_told_call_by_call(server: Running, stored: Population) -> None:
    told = server.ask(f"/api/v1/compare?before={stored.session}&after={stored.running}").json

    assert (told["same"], [item["kind"] for item in told["items"]]) == (False, ["removed"] * 3)
    assert server.ask(f"/api/v1/compare?before={stored.session}&after=nobody").status == 404
