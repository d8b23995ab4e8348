"""How a route is declared: a plain function that takes what it needs and returns stored values.

It runs in a thread, where it may wait for the store, and there what it returns becomes JSON. What the document
of the API says of the answer follows from the type it returns.
"""

import inspect
import typing
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal, TypeVar, cast

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec

from agentreplay.core.plain import plain
from agentreplay.core.shape import shape
from agentreplay.server.asking import DEPENDENCIES
from agentreplay.server.reply import JSON, ErrorBody

__all__ = ["PROBLEMS", "as_it_is", "reads", "writes"]

T = TypeVar("T", bound=msgspec.Struct)

_MEANINGS = {
    400: "The request cannot be understood; the message says what is wrong with it.",
    401: "The key is missing or wrong.",
    403: "The request was meant for another host, or comes from a page of another site.",
    404: "There is no such thing, for whoever asks.",
    409: "What is asked contradicts what is stored.",
    429: "Too much at once; `retry-after` says when to try again.",
    503: "Not now; `retry-after` says when to try again.",
}
PROBLEMS: Mapping[int, ResponseSpec] = {
    status: ResponseSpec(data_container=ErrorBody, description=meaning, generate_examples=False)
    for status, meaning in _MEANINGS.items()
}
"""How any route may fail."""
_KNOWN = {304: ResponseSpec(None, description="It is still what `if-none-match` names.", generate_examples=False)}

_GIVEN = frozenset({"service", *DEPENDENCIES})
_VERBS = {"get": get, "post": post, "patch": patch, "delete": delete}
_encode = msgspec.json.Encoder().encode


def reads(path: str, *, tag: str, summary: str, **more: Any) -> Callable[[Callable[..., Any]], HTTPRouteHandler]:
    """Declare a route that only reads; `more` is what Litestar takes, and `responses` adds to how it may answer."""
    return _route("get", path, tag, summary, more)


def writes(
    verb: Literal["post", "patch", "delete"], path: str, *, tag: str, summary: str, **more: Any
) -> Callable[[Callable[..., Any]], HTTPRouteHandler]:
    """Declare a route that changes something."""
    return _route(verb, path, tag, summary, {"status_code": 200, **more})


def as_it_is(value: T) -> Response[T]:
    """An answer of a struct that JSON knows as it is, made at once instead of field by field."""
    # The bytes stand for the struct, of whose type the document of the API tells.
    return Response(cast("T", _encode(value)), media_type=JSON)


def _route(
    verb: str, path: str, tag: str, summary: str, more: Mapping[str, Any]
) -> Callable[[Callable[..., Any]], HTTPRouteHandler]:
    more = dict(more)
    responses: Mapping[int, ResponseSpec] | None = more.pop("responses", None)

    def declare(function: Callable[..., Any]) -> HTTPRouteHandler:
        handler: HTTPRouteHandler = _VERBS[verb](
            f"/api/v1{path}",
            summary=summary,
            description=inspect.getdoc(function),
            tags=[tag],
            operation_id=function.__name__,
            response_description="What was asked for.",
            responses={**PROBLEMS, **(_KNOWN if verb == "get" else {}), **(responses or {})},
            **more,
        )(_answering(function))
        return handler

    return declare


def _answering(function: Callable[..., Any]) -> Callable[..., Awaitable[Response[Any]]]:
    """The function, its value encoded while it is still in its thread."""
    hints = typing.get_type_hints(function, include_extras=True)
    for name in hints.keys() & _GIVEN:
        hints[name] = cast("Any", NamedDependency)[hints[name]]
    is_made = typing.get_origin(hints["return"]) is Response
    if not is_made:
        hints["return"] = shape(hints["return"])

    def made(**arguments: Any) -> Response[Any]:
        value: Any = function(**arguments)
        return value if is_made else Response(_encode(plain(value)), media_type=JSON)

    async def answer(**arguments: Any) -> Response[Any]:
        return await sync_to_thread(made, **arguments)

    # What is told of the function is told of the one around it: its arguments, and the shape of its answer.
    for name in ("__name__", "__qualname__", "__module__"):
        setattr(answer, name, getattr(function, name))
    answer.__annotations__ = hints
    told = inspect.signature(function)
    parameters = [one.replace(annotation=hints[name]) for name, one in told.parameters.items()]
    answer.__signature__ = told.replace(parameters=parameters, return_annotation=hints["return"])  # type: ignore[attr-defined]
    return answer
