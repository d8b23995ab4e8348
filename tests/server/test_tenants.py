"""One tenant never sees another's rows, whatever route is asked."""

import json
import re
from typing import Any

from tests.server.population import PROJECT, SECRET, Population
from tests.server.running import Running

NOT_ABOUT_ROWS = {
    "/api/v1/version",
    "/api/v1/filters/fields",
    "/api/v1/prices",
    "/api/v1/prices/{provider}/{model}",
    "/api/v1/statistics",
    "/api/v1/storage",
    "/api/v1/storage/vacuum",
    "/api/v1/import",
    "/healthz",
    "/readyz",
    "/metrics",
    # They take in what belongs to the tenant of the server; that they refuse another is tested with them.
    "/api/v1/ingest",
    "/v1/journals/{name}",
    # It never ends; tests of the live feed have a stranger in them.
    "/api/v1/live",
    "/api/v1/state/watch",
    # The one place where snapshots lie belongs to the tenant of the server.
    "/api/v1/snapshots",
    "/api/v1/snapshots/difference",
    "/api/v1/snapshots/metadata",
    "/api/v1/snapshots/verification",
    # Jobs are about the sessions they were started for, and the two routes that start them are not left out.
    "/api/v1/jobs",
    "/api/v1/jobs/{job}",
    # It starts one, about the project of the tenant of the server.
    "/api/v1/check",
}
"""Routes that tell of the server, or of the store as a whole in figures."""


WISHES: dict[str, dict[str, object]] = {
    "/api/v1/sessions/{session_id}/replay": {},
    "/api/v1/sessions/{session_id}/fork": {"at": 1},
    "/api/v1/state/transactions": {"operations": [{"agent": "stranger", "key": "plan", "is_deleted": True}]},
    "/api/v1/sessions/{session_id}/scores": {"name": "helpful", "value": 1},
    "/api/v1/spans/{trace_id}/{span_id}/scores": {"name": "helpful", "value": 1},
    "/api/v1/state/compact": {"before": 1 << 60},
    "/api/v1/memory": {"text": "a kettle", "id": "kettle"},
    "/api/v1/memory/record": {"importance": 1.0},
    "/api/v1/memory/end": {"records": ["plan"], "how": "forget"},
    "/api/v1/memory/merge": {},
    "/api/v1/memory/fork": {"target": "copied"},
    "/api/v1/memory/ingest": {"place": "kettle.md", "text": "a kettle"},
}
"""What some routes want to be told, where it is nothing about whose session it is."""


def operations(server: Running) -> list[tuple[str, str, list[dict[str, Any]]]]:
    document = server.ask("/api/v1/openapi/openapi.json").json
    return [
        (path, method, operation.get("parameters", []))
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_route_is_blind_to_a_stranger(server: Running, stored: Population) -> None:
    """Asked for a stranger's ids it finds nothing, and asked for everything it leaves the stranger out."""
    strangers = stored.strangers
    assert strangers is not None
    values = {
        "session_id": strangers.session,
        "trace_id": strangers.trace,
        "span_id": strangers.first,
        "content": strangers.page,
        "context_id": "0" * 32,
        "side": "request",
        "to": strangers.tool,
        "before": strangers.session,
        "after": strangers.session,
        "confirm": strangers.session,
        "text": "label:",
        "since": "2025-12-31",
        "until": "2026-01-03",
        "project": PROJECT,
        "token": "0" * 32,
        "agent": "stranger",
        "key": "plan",
        "record": "plan",
        "earlier": "0",
        "name": "helpful",
    }
    for path, method, parameters in operations(server):
        if path in NOT_ABOUT_ROWS:
            continue
        names = [one["name"] for one in parameters if one["in"] == "query" and one["name"] in values]
        filled = re.sub(r"\{(\w+)\}", lambda match: values[match[1]], path)
        query = "&".join(f"{name}={values[name]}" for name in names)
        told_with = {"patch": {"name": "taken"}, "post": {"session": strangers.session, "project": PROJECT}}
        wish = WISHES.get(path, told_with.get(method))
        body = None if wish is None else json.dumps(wish).encode()
        answer = server.ask(f"{filled}?{query}", body, method.upper(), content_type="application/json")

        told = answer.body.replace(strangers.session.encode(), b"").decode("utf-8", "replace")
        assert SECRET not in told, path
        if "{" in path and not path.endswith(("/children", "/descendants")):
            assert answer.status == 404, (path, method, answer.status, told)
        else:
            assert answer.status in {200, 404}, (path, method, answer.status, told)


def test_words_of_a_stranger_are_not_found(server: Running) -> None:
    assert server.ask(f"/api/v1/memory/search?everywhere=true&expired=true&text={SECRET}").json["items"] == []
    assert server.ask(f"/api/v1/search?q={SECRET}").json["items"] == []
    assert server.ask(f"/api/v1/sessions?q={SECRET}").json["items"] == []
    assert server.ask(f"/api/v1/spans?q=label:env={SECRET}").json["items"] == []


def test_every_route_under_the_api_is_in_the_document(server: Running) -> None:
    assert len(operations(server)) > 30
