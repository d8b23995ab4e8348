"""The document of the API, as OpenAPI has it: all of it follows from the routes."""

import inspect
import typing
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

import msgspec

from agentreplay.core.shape import shape
from agentreplay.server.binding import Parameter
from agentreplay.server.files import ANY
from agentreplay.server.reply import JSON, ErrorBody, Reply, Stream
from agentreplay.server.routing import SOCKET, Answers, Route

__all__ = ["document"]

_TITLE = "agentreplay"
_OPENAPI = "3.1.0"
_DESCRIPTION = """\
What is recorded, over HTTP. Times and lengths of time are nanoseconds as decimal text, and so is every integer beyond
2^53. Lists come in pages, `{"items", "next"}`: `next` is the `cursor` of the page behind it, or null. Every error is
`{"error": {"kind", "message", "hint"}}`. A key is needed only where the server was started with one.\
"""
_TAGS = {
    "calls": "What a call asked, and what came back.",
    "compare": "What differs between two sessions.",
    "contents": "Immutable bytes under their hash: bodies, messages, files.",
    "contexts": "The messages that models saw.",
    "filters": "Help with the filter language.",
    "gateway": "Recording what passes through, and serving what was recorded.",
    "health": "Whether the server is well, and what it counts.",
    "ingest": "Where sessions and spans come in.",
    "jobs": "Replays, forks and checks, run where the server is.",
    "live": "What happens, while it does.",
    "measures": "Figures over time, by agent, model, tool and kind.",
    "prices": "What models cost, and how costs came about.",
    "memory": "What agents remember, with all its versions.",
    "projects": "What everything else belongs to.",
    "scores": "What sessions and spans were found to be worth.",
    "search": "Full text.",
    "sessions": "Recordings, with what they add up to.",
    "snapshots": "States of agents as files, where the server looks for them.",
    "spans": "What was done in a session, one by one and as a tree.",
    "state": "What agents hold to be so: facts with all their versions.",
    "storage": "The store itself, all tenants together.",
    "timeline": "The state of a session at each of its steps.",
    "traces": "What belongs together by its trace id.",
}
_SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "header": {"type": "apiKey", "name": "x-api-key", "in": "header"},
}
_PROBLEMS = {
    HTTPStatus.BAD_REQUEST: "The request cannot be understood; the message says what is wrong with it.",
    HTTPStatus.UNAUTHORIZED: "The key is missing or wrong.",
    HTTPStatus.FORBIDDEN: "The request was meant for another host, or comes from a page of another site.",
    HTTPStatus.NOT_FOUND: "There is no such thing, for whoever asks.",
    HTTPStatus.CONFLICT: "What is asked contradicts what is stored.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too much at once; `retry-after` says when to try again.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Not now; `retry-after` says when to try again.",
}
_ANY_MAY = {int(status): Answers(meaning, JSON, ErrorBody) for status, meaning in _PROBLEMS.items()}
_READING_MAY = {int(HTTPStatus.NOT_MODIFIED): Answers("It is still what `if-none-match` names.")}
_FILE = {"type": "string", "format": "binary"}
_REFERENCE = "#/components/schemas/{name}"

_Told = dict[str, Any]


def document(routes: Iterable[Route]) -> _Told:
    """The whole document."""
    told = [route for route in routes if route.verb != SOCKET]
    schemas = _Schemas(told)
    paths: dict[str, _Told] = {}
    for route in told:
        paths.setdefault(route.template, {})[route.verb.lower()] = _operation(route, schemas)
    return {
        "info": {"title": _TITLE, "version": version(_TITLE), "description": _DESCRIPTION},
        "openapi": _OPENAPI,
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": schemas.components, "securitySchemes": _SECURITY},
        "security": [{name: []} for name in _SECURITY],
        "tags": [{"name": name, "description": meaning} for name, meaning in _TAGS.items()],
    }


class _Schemas:
    """The schemas of all types that routes speak of; those with a name are told once, and pointed at."""

    def __init__(self, routes: Iterable[Route]) -> None:
        kinds = list(dict.fromkeys(kind for route in routes for kind in _kinds(route)))
        told, components = msgspec.json.schema_components(kinds, ref_template=_REFERENCE)
        self._told: dict[Any, _Told] = dict(zip(kinds, told, strict=True))
        self.components = dict(sorted(components.items()))

    def of(self, kind: Any) -> _Told:
        return self._told[kind]


def _kinds(route: Route) -> Iterator[Any]:
    yield from (one.kind for one in route.binding.parameters)
    if route.binding.body is not None:
        yield route.binding.body
    yield from (one.kind for one in _answers(route).values() if one.media)


def _operation(route: Route, schemas: _Schemas) -> _Told:
    told: _Told = {
        "tags": [route.tag],
        "summary": route.summary,
        "description": inspect.getdoc(route.function),
        "operationId": route.function.__name__,
    }
    if parameters := route.binding.parameters:
        told["parameters"] = [_parameter(one, schemas) for one in parameters]
    if route.binding.body is not None:
        told["requestBody"] = {"content": {JSON: {"schema": schemas.of(route.binding.body)}}, "required": True}
    elif route.takes:
        content = {"application/octet-stream": {"schema": _FILE}}
        told["requestBody"] = {"content": content, "description": route.takes, "required": True}
    told["responses"] = {str(status): _response(one, schemas) for status, one in _answers(route).items()}
    return told


def _parameter(one: Parameter, schemas: _Schemas) -> _Told:
    schema = dict(schemas.of(one.kind))
    description = schema.pop("description", None)
    if not one.is_required and one.default is not None:
        schema["default"] = one.default
    told: _Told = {"name": one.name, "in": "path" if one.in_path else "query", "schema": schema}
    if description is not None:
        told["description"] = description
    return {**told, "required": one.is_required}


def _answers(route: Route) -> dict[int, Answers]:
    """All ways a route may answer by their statuses, the usual one first."""
    usual = Answers("What was asked for.", route.media, _kind_of_answer(route))
    reading = _READING_MAY if route.verb == "GET" else {}
    return {route.status: usual, **_ANY_MAY, **reading, **route.answers}


def _kind_of_answer(route: Route) -> Any:
    kind = typing.get_type_hints(route.function)["return"]
    if kind is Stream:
        return str
    return typing.get_args(kind)[0] if typing.get_origin(kind) is Reply else shape(kind)


def _response(one: Answers, schemas: _Schemas) -> _Told:
    if not one.media:
        return {"description": one.meaning}
    # Of any media type it may be JSON too, and is no text then.
    binary = {} if one.media == ANY else _FILE
    schema = binary if one.kind is bytes else schemas.of(one.kind)
    return {"description": one.meaning, "content": {one.media: {"schema": schema}}}
