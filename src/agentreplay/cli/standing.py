"""A gateway for as long as a program runs: a server of its own on the same data folder, or the one shipped to."""

import json
import os
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress

from agentreplay.client.wire import address_of
from agentreplay.errors import ServerMissing
from agentreplay.settings import Settings

__all__ = ["gateway_for"]

_PATIENCE = 20
_NOT_FOR_IT = frozenset({"AGENTREPLAY_KEY", "AGENTREPLAY_WATCH"})


@contextmanager
def gateway_for(settings: Settings, upstreams: Sequence[str]) -> Generator[str]:
    """The address of a server with a gateway. Raises ServerMissing where it cannot be started."""
    if settings.url:
        yield address_of(settings)
        return
    place = ["--db-path", str(settings.db_path), "--tenant", settings.tenant, "--project", settings.project]
    told = [word for upstream in upstreams for word in ("--upstream", upstream)]
    ports = ["--host", "127.0.0.1", "--port", "0", "--no-otlp-ports", "--no-grpc", "--until-eof"]
    command = [sys.executable, "-m", "agentreplay.cli", *place, "--json", "up", *ports, *told]
    # It is of this machine alone and lives as long as the program: it asks for no key, and follows no transcripts.
    environment = {name: value for name, value in os.environ.items() if name not in _NOT_FOR_IT}
    process = subprocess.Popen(  # noqa: S603 - ours
        # In a session of its own, because Ctrl-C is for the program.
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, start_new_session=True,
    )  # fmt: skip
    try:
        yield _address(process)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE)
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def _address(process: "subprocess.Popen[bytes]") -> str:
    line = process.stdout.readline() if process.stdout is not None else b""
    try:
        return str(json.loads(line)["address"])
    except (ValueError, KeyError) as error:
        raise ServerMissing(address="a free port", problem="it did not start") from error
