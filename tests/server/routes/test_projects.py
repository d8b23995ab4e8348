"""Projects over HTTP."""

from tests.server.population import PROJECT, QUIET
from tests.server.running import Running


def test_projects_are_listed_with_their_newest_session(server: Running) -> None:
    items = server.ask(f"/api/v1/projects?project={PROJECT}").json["items"]

    assert [item["name"] for item in items] == [PROJECT]
    assert int(items[0]["newest"]) > 0
    assert server.ask("/api/v1/projects?project=none").json["items"] == []


def test_a_project_that_only_remembers_is_one_too(server: Running) -> None:
    items = server.ask("/api/v1/projects").json["items"]

    assert {item["name"]: item["newest"] is None for item in items} == {PROJECT: False, QUIET: True}
