"""Whatever is asked of any route of the document gets an answer of the shape that the document promises."""

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.server.population import PROJECT, Population
from tests.server.running import ROOT, Running

pytestmark = pytest.mark.slow

DOCUMENT: dict[str, Any] = json.loads(Path(ROOT, "docs/reference/openapi.json").read_text(encoding="utf-8"))
ASKED = [
    (path, operation["get"])
    for path, operation in DOCUMENT["paths"].items()
    if "get" in operation and path not in {"/api/v1/live", "/api/v1/state/watch"}  # they go on answering
]
TOLD = [
    (path, method)
    for path, operation in DOCUMENT["paths"].items()
    for method in operation
    # Vacuuming has no arguments, and takes its time; a check may have none, and runs programs.
    if method in {"post", "patch", "put"} and not path.endswith(("/vacuum", "/check"))
]
HOSTILE = st.one_of(
    st.text(max_size=30),
    st.integers().map(str),
    st.sampled_from(
        [
            "..", "%2e%2e%2f", "\x00", "a" * 5_000, "-1", "0", "1e400", "9" * 30, "NaN", "true", "null", "2026-13-40",
            "1h", "day", "kind", "kind:tool", "cost>x", '"', "'; drop table span; --", "\U0001f98a", f"{1:032x}",
        ]
    ),
)  # fmt: skip
BODIES = st.one_of(
    st.binary(max_size=100),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["session", "status", "labels", "name", "at", "steps", "spans"]), inner)
        ),
        max_leaves=8,
    ).map(lambda value: json.dumps(value).encode()),
)
bounded = settings(max_examples=400, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def connection(served: tuple[Running, Population]) -> Iterator[http.client.HTTPConnection]:
    opened = http.client.HTTPConnection("127.0.0.1", served[0].http[0], timeout=20)
    yield opened
    opened.close()


def ask(connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
    connection.request(method, path, body, {"content-type": "application/json"})
    answer = connection.getresponse()
    data = answer.read()
    is_json = answer.headers.get_content_type() == "application/json"
    return answer.status, json.loads(data) if is_json and data else data


def values_of(stored: Population) -> st.SearchStrategy[str]:
    """What is there, and what is not."""
    there = [stored.trace, stored.root, stored.first, stored.tool, stored.session, stored.fork, stored.page, PROJECT]
    return st.sampled_from([*there, "50"]) | HOSTILE


@bounded
@given(st.data())
def test_whatever_is_asked_gets_an_answer_as_promised(
    connection: http.client.HTTPConnection, stored: Population, data: st.DataObject
) -> None:
    template, operation = data.draw(st.sampled_from(ASKED))
    path, query = template, dict[str, str]()
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            name, value = parameter["name"], data.draw(values_of(stored)) or "x"
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        elif data.draw(st.booleans()):
            query[parameter["name"]] = data.draw(values_of(stored))

    status, body = ask(connection, "GET", f"{path}?{urlencode(query, errors='replace')}")

    assert str(status) in operation["responses"], (status, path, query)
    assert status < 400 or body["error"]["message"]


@bounded
@given(st.data())
def test_whatever_is_told_is_taken_or_refused_with_a_reason(
    connection: http.client.HTTPConnection, stored: Population, data: st.DataObject
) -> None:
    template, method = data.draw(st.sampled_from(TOLD))
    path = template
    while "{" in path:
        name = path[path.index("{") : path.index("}") + 1]
        path = path.replace(name, quote(data.draw(HOSTILE) or "x", safe=""))

    status, body = ask(connection, method.upper(), path, data.draw(BODIES))

    assert status < 500, (status, method, path, body)
    assert status < 400 or body["error"]["message"]
