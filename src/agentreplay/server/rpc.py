"""Serves gRPC beside HTTP: opens its ports on the event loop of the server, for OTLP and for the states of agents."""

import contextlib
from collections.abc import AsyncGenerator
from typing import NamedTuple

import grpc
import grpc.aio

from agentreplay.errors import AddressTaken
from agentreplay.server.keys import KeyCheck
from agentreplay.server.options import Options
from agentreplay.server.otlp.grpc import grpc_server
from agentreplay.server.ports import listen
from agentreplay.server.service import Service
from agentreplay.server.state.grpc import state_handler

__all__ = ["Rpc", "serving_rpc"]


class Rpc(NamedTuple):
    """The ports that gRPC is served on, and which it did not get."""

    ports: list[int]
    problems: list[AddressTaken]


@contextlib.asynccontextmanager
async def serving_rpc(service: Service, keys: KeyCheck, grace: float) -> AsyncGenerator[Rpc]:
    """Serve while the context lasts; who is being answered at its end is given a grace of some seconds."""
    server = grpc_server(service.receiver, keys, state_handler(service.settings, service.store.facts, keys))
    rpc = Rpc([], [])
    host = service.options.host
    for port in service.options.grpc_ports:
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        try:
            # To find out whether it is free, because the library itself writes to stderr when it is not.
            listen(host, port).close()
            rpc.ports.append(_bind(server, address, service.options))
        except AddressTaken as problem:
            rpc.problems.append(problem)
        except RuntimeError as error:
            rpc.problems.append(AddressTaken(address=address, problem=str(error)))
    if rpc.ports:
        await server.start()
    try:
        yield rpc
    finally:
        await server.stop(grace)


def _bind(server: grpc.aio.Server, address: str, options: Options) -> int:
    if options.certificate is None or options.private_key is None:
        return server.add_insecure_port(address)
    pair = (options.private_key.read_bytes(), options.certificate.read_bytes())
    return server.add_secure_port(address, grpc.ssl_server_credentials([pair]))
