"""The states of a session over HTTP."""

from tests.server.population import Population
from tests.server.running import Running


def test_a_session_is_told_as_it_was_at_a_step(server: Running, stored: Population) -> None:
    path = f"/api/v1/sessions/{stored.session}/state"
    first, end = (server.ask(f"{path}?at={at}").json for at in (1, "end"))

    assert (first["seq"], first["summary"]["spans"], len(first["open"])) == (1, 1, 1)
    assert end["span"] is None
    assert end["summary"]["spans"] == end["seq"] - 1
    assert server.ask(path).json == end
    assert server.ask(f"{path}?at=nowhere").status == 404


def test_the_states_come_in_pages(server: Running, stored: Population) -> None:
    path = f"/api/v1/sessions/{stored.session}/states"
    whole = server.ask(path).json
    first = server.ask(f"{path}?limit=2").json

    assert [state["seq"] for state in first["items"]] == [1, 2]
    rest = server.ask(f"{path}?start={first['next']}").json
    assert first["items"] + rest["items"] == whole["items"]
    assert whole["next"] is None
    assert server.ask(f"/api/v1/sessions/{stored.session}/state?at=2").json == whole["items"][1]


def test_a_session_without_checkpoints_has_none(server: Running, stored: Population) -> None:
    assert server.ask(f"/api/v1/sessions/{stored.session}/checkpoints").json["items"] == []
    assert server.ask("/api/v1/sessions/nobody/checkpoints").status == 404
