"""The document of the API says of each route what the route does."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from agentreplay.model.page import Page
from agentreplay.server.app import ROUTES
from agentreplay.server.asking import Count
from agentreplay.server.document import document
from agentreplay.server.routing import SOCKET, reads, writes


class Thing(msgspec.Struct, frozen=True):
    """Something."""

    size: int


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    return document(ROUTES)


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"].removeprefix("#/components/schemas/")
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def test_it_tells_of_the_arguments_and_of_the_answer() -> None:
    @reads("/things/{name}", tag="spans", summary="Things")
    def find_things(name: str, least: Count = 3, most: Count | None = None) -> Page[Thing]:
        """All of them."""
        raise NotImplementedError

    told = document([find_things])["paths"]["/api/v1/things/{name}"]["get"]

    assert (told["operationId"], told["summary"], told["description"]) == ("find_things", "Things", "All of them.")
    assert [(one["name"], one["in"], one["required"]) for one in told["parameters"]] == [
        ("name", "path", True),
        ("least", "query", False),
        ("most", "query", False),
    ]
    assert told["parameters"][1]["schema"] == {"type": "integer", "minimum": 0, "maximum": 1 << 62, "default": 3}
    assert told["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].endswith("/ThingPage")
    assert {"304", "400", "404"} <= told["responses"].keys()


def told_numbers(value: object, schemas: dict[str, Any], seen: frozenset[str] = frozenset()) -> Iterator[Any]:
    """The schemas of all whole numbers in what a schema allows."""
    if isinstance(value, dict):
        if value.get("type") == "integer":
            yield value
        name = value.get("$ref", "").removeprefix("#/components/schemas/")
        if name and name not in seen:
            yield from told_numbers(schemas[name], schemas, seen | {name})
        # What stands in a map of any names is kept as JSON.
        value = [item for key, item in value.items() if key != "additionalProperties"]
    if isinstance(value, list):
        for item in value:
            yield from told_numbers(item, schemas, seen)


def test_no_number_may_be_told_that_the_store_cannot_hold(whole: dict[str, Any]) -> None:
    schemas = whole["components"]["schemas"]

    for path, operations in whole["paths"].items():
        for operation in operations.values():
            told = [operation.get("parameters", []), operation.get("requestBody", {})]
            for number in told_numbers(told, schemas):
                assert number.get("minimum", -(1 << 64)) >= -(1 << 62), (path, number)
                assert number.get("maximum", 1 << 64) <= 1 << 62, (path, number)


def test_it_tells_what_a_body_is() -> None:
    @writes("POST", "/things", tag="spans", summary="A thing", status=201)
    def add_thing(data: Thing) -> int:
        raise NotImplementedError

    whole = document([add_thing])
    told = whole["paths"]["/api/v1/things"]["post"]

    assert told["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Thing"}
    assert "201" in told["responses"]
    assert "304" not in told["responses"]
    assert whole["components"]["schemas"]["Thing"]["properties"] == {"size": {"type": "integer"}}


def test_every_route_has_a_name_of_its_own_and_is_told(whole: dict[str, Any]) -> None:
    told = [operation["operationId"] for methods in whole["paths"].values() for operation in methods.values()]

    assert sorted(told) == sorted(route.function.__name__ for route in ROUTES if route.verb != SOCKET)
    assert len(set(told)) == len(told)


def test_every_tag_is_explained_and_every_reference_leads_somewhere(whole: dict[str, Any]) -> None:
    tags = {tag for methods in whole["paths"].values() for operation in methods.values() for tag in operation["tags"]}

    assert tags - {one["name"] for one in whole["tags"]} == set()
    assert set(references(whole)) <= whole["components"]["schemas"].keys()
