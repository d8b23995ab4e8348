"""Calls over gRPC whose request does not come: they are not waited for without end.

A method that takes one message is called by the library when it has the message, and until then the call counts
towards those there may be at once. Some connections that send half a message each would keep everybody else out.
So such methods are served as if they took a stream, of which the first message is read here, in a given time.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast

import grpc

__all__ = ["SECONDS", "in_time"]

SECONDS = 60.0
"""For the whole message. Who was slower is told that it may try again."""

_Requests = AsyncIterator[Any]
_Handler = Any
"""What gRPC calls an RpcMethodHandler; it has no types for those of a server on an event loop."""


def in_time(handler: _Handler, seconds: float = SECONDS) -> _Handler:
    """The same method, unless its request takes longer to arrive."""
    made = cast("Any", grpc)
    if handler.response_streaming:
        return made.stream_stream_rpc_method_handler(
            _many(handler.unary_stream, seconds), handler.request_deserializer, handler.response_serializer
        )
    return made.stream_unary_rpc_method_handler(
        _one(handler.unary_unary, seconds), handler.request_deserializer, handler.response_serializer
    )


def _one(perform: Callable[[Any, Any], Awaitable[Any]], seconds: float) -> Callable[[_Requests, Any], Awaitable[Any]]:
    async def serve(requests: _Requests, context: Any) -> Any:
        return await perform(await _first(requests, context, seconds), context)

    return serve


def _many(
    perform: Callable[[Any, Any], AsyncIterator[Any]], seconds: float
) -> Callable[[_Requests, Any], AsyncIterator[Any]]:
    async def serve(requests: _Requests, context: Any) -> AsyncIterator[Any]:
        async for answer in perform(await _first(requests, context, seconds), context):
            yield answer

    return serve


async def _first(requests: _Requests, context: Any, seconds: float) -> Any:
    try:
        async with asyncio.timeout(seconds):
            return await anext(requests)
    except TimeoutError:
        await context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, f"the request did not arrive within {seconds:g} seconds")
    except StopAsyncIteration:
        await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the request holds no message")
