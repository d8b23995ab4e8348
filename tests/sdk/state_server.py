"""The service of state.proto over a store in memory, on the event loop of a thread of this process."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import grpc

from agentreplay.server.keys import KeyCheck
from agentreplay.server.state.grpc import state_handler
from agentreplay.settings import Settings
from agentreplay.store.memory import MemoryStore

__all__ = ["state_server"]

_PATIENCE = 20


@contextmanager
def state_server(key: str = "") -> Iterator[str]:
    """Where it listens."""
    store = MemoryStore()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> tuple[grpc.aio.Server, int]:
        server = grpc.aio.server()
        server.add_generic_rpc_handlers((state_handler(Settings.read({}), store.facts, KeyCheck(key)),))
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        return server, port

    server, port = asyncio.run_coroutine_threadsafe(start(), loop).result(_PATIENCE)
    try:
        yield f"127.0.0.1:{port}"
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(0), loop).result(_PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_PATIENCE)
        loop.close()
