"""Resources tell what tools tell."""

import json

import pytest

from agentreplay.server.mcp.reach import Reach
from agentreplay.server.mcp.resources import RESOURCES, TEMPLATES, read_resource
from tests.server.population import Population


def test_every_resource_can_be_read(reach: Reach) -> None:
    for resource in RESOURCES:
        text = read_resource(reach, resource.uri)
        assert text is not None
        assert "items" in json.loads(text)


def test_errors_are_told_with_their_session(reach: Reach, stored: Population) -> None:
    found = json.loads(read_resource(reach, "agentreplay://errors") or "")

    assert [(item["session"], item["error"]) for item in found["items"]] == [(stored.fork, "no kettle")]


def test_sessions_and_spans_have_addresses(reach: Reach, stored: Population) -> None:
    session = json.loads(read_resource(reach, f"{TEMPLATES[0].beginning}{stored.session}") or "")
    span = json.loads(read_resource(reach, f"{TEMPLATES[1].beginning}{stored.trace}%2F{stored.tool}") or "")

    assert session["session"] == stored.session
    assert span["name"] == "lookup"


@pytest.mark.parametrize("uri", ["", "agentreplay://", "agentreplay://sessions/", "agentreplay://sessions/none", "x:y"])
def test_nothing_else_has(reach: Reach, uri: str) -> None:
    assert read_resource(reach, uri) is None
