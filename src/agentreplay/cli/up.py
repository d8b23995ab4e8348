"""`agentreplay up`: start the server."""

import dataclasses
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import click

from agentreplay.cli import output
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.invocation import Invocation

if TYPE_CHECKING:
    from agentreplay.server.running import Started

__all__ = ["up"]

_PORT = click.IntRange(0, 65_535)
_MEGABYTE = 1 << 20


@click.command(cls=Command)
@click.option("--host", metavar="ADDRESS", help="Where to listen; anything but loopback needs a key.")
@click.option("--port", type=_PORT, metavar="PORT", help="The main port; 0 takes any that is free.")
@click.option("--key", metavar="TEXT", help="What requests must carry; better set AGENTREPLAY_KEY, which nobody sees.")
@click.option("--otlp-http", "http_ports", type=_PORT, multiple=True, metavar="PORT", help="Instead of 4318 and 47118.")
@click.option("--otlp-grpc", "grpc_ports", type=_PORT, multiple=True, metavar="PORT", help="Instead of 4317 and 47117.")
@click.option("--no-otlp-ports", is_flag=True, help="Take OTLP over HTTP in on the main port only.")
@click.option("--no-grpc", is_flag=True, help="Without OTLP over gRPC.")
@click.option("--allow-host", multiple=True, metavar="NAME", help="A name that requests may call this machine by.")
@click.option("--max-body", type=click.IntRange(1), default=64, show_default=True, metavar="MB", help="Of a request.")
@click.option(
    "--max-lag",
    type=click.FloatRange(0, min_open=True),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="Refuse for a while what comes when the index is so far behind.",
)
@click.option("--rate", type=click.IntRange(0), metavar="SPANS", help="A minute; 10,000 off loopback, else no limit.")
@click.option("--allow-jobs", is_flag=True, help="Run recorded programs for holders of the key off loopback too.")
@click.option("--upstream", multiple=True, metavar="NAME=URL", help="Where the gateway passes calls on.")
@click.option(
    "--session-idle",
    type=click.FloatRange(0, min_open=True),
    default=600.0,
    show_default=True,
    metavar="SECONDS",
    help="Without a call a session of the gateway is over.",
)
@click.option("--watch", is_flag=True, help="Follow the transcripts of coding agents too, as `agentreplay watch`.")
@click.option("--certificate", type=click.Path(exists=True, path_type=Path), metavar="FILE", help="For TLS, in PEM.")
@click.option("--private-key", type=click.Path(exists=True, path_type=Path), metavar="FILE", help="Of the certificate.")
@click.option("--until-eof", is_flag=True, help="End when stdin does, as when whoever started it is gone.")
@with_invocation
def up(  # noqa: PLR0913  # an argument for each option
    invocation: Invocation,
    /,
    *,
    host: str | None,
    port: int | None,
    key: str | None,
    http_ports: Sequence[int],
    grpc_ports: Sequence[int],
    no_otlp_ports: bool,
    no_grpc: bool,
    allow_host: Sequence[str],
    max_body: int,
    max_lag: float,
    rate: int | None,
    allow_jobs: bool,
    upstream: Sequence[str],
    session_idle: float,
    watch: bool,
    certificate: Path | None,
    private_key: Path | None,
    until_eof: bool,
) -> None:
    """Start the server, and take in what agents tell.

    It takes in OpenTelemetry over HTTP and gRPC, in protobuf and in JSON, passes on and records what agents ask
    models through its gateway, and answers questions about all that was recorded. It runs until Ctrl-C.
    """
    from agentreplay.server.options import GRPC_PORTS, HTTP_PORTS, Options  # start-up
    from agentreplay.server.running import run  # start-up

    if (certificate is None) != (private_key is None):
        raise click.UsageError("--certificate and --private-key belong together")
    settings = invocation.settings
    # Those of the command line come last, so that they count.
    settings = dataclasses.replace(
        settings, upstreams=(*settings.upstreams, *upstream), watch="yes" if watch else settings.watch
    )
    options = Options(
        host=settings.host if host is None else host,
        port=settings.port if port is None else port,
        key=settings.key if key is None else key,
        http_ports=() if no_otlp_ports else tuple(http_ports) or HTTP_PORTS,
        grpc_ports=() if no_grpc else tuple(grpc_ports) or GRPC_PORTS,
        allowed_hosts=tuple(allow_host),
        max_body=max_body * _MEGABYTE,
        max_lag=max_lag,
        rate=rate,
        allow_jobs=allow_jobs,
        session_idle=session_idle,
        certificate=certificate,
        private_key=private_key,
    )
    if until_eof:
        Thread(target=_end_with_stdin, daemon=True).start()
    run(settings, options, lambda started: _tell(invocation, started))


def _end_with_stdin() -> None:
    while os.read(0, 1 << 12):
        pass
    signal.raise_signal(signal.SIGTERM)


def _tell(invocation: Invocation, started: "Started") -> None:
    if invocation.wants_json:
        problems = [problem.message for problem in started.problems]
        output.document({"address": started.address, "http": started.http, "grpc": started.grpc, "problems": problems})
        _flush()
        return
    for problem in started.problems:
        output.warn(problem.message)
    output.data(f"agentreplay is up at {started.address}")
    grpc = f"over gRPC on {_listed(started.grpc)}" if started.grpc else "not over gRPC"
    output.data(f"OTLP over HTTP on {_listed(started.http)}, {grpc}")
    output.hint("OTEL_EXPORTER_OTLP_ENDPOINT needs no more than one of these; Ctrl-C ends it")
    _flush()


def _listed(ports: Sequence[int]) -> str:
    return ", ".join(map(str, ports))


def _flush() -> None:
    """Whoever started this waits for the line, and a pipe would keep it."""
    sys.stdout.flush()
