"""The same load for other products that take OTLP, each started here on loopback with a folder of its own.

A peer is not a dependency: whoever wants the comparison installs it, in any environment, and puts its command on the
PATH. What it was sent counts when it can be read from its own API, as with us.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Report
from benchmarks.otlp import SPANS, Server, memory, send_all, send_http
from benchmarks.processes import apart

__all__ = ["PEERS", "Peer", "measure_peer"]

_PATIENCE = 600.0
_START = 180.0
_LOOK = 0.25
_PAGE = 500


@dataclass(frozen=True)
class Peer:
    """How a product is started, and how it is asked for the number of spans that can be read."""

    command: str
    arguments: Callable[[Path, int], list[str]]
    variables: Callable[[Path, int], dict[str, str]]
    headers: Mapping[str, str]
    count: Callable[[str], int]


def measure_peer(name: str, folder: Path, requests: int, report: Report) -> None:
    """Send it what we are sent, and say how many times faster we were, where that was measured before."""
    peer = PEERS[name]
    found = shutil.which(peer.command)
    if found is None:
        raise SystemExit(
            f"error: {peer.command} was not found\nhint: pip install {_PACKAGES[name]} into an environment of its own, "
            "and put the folder of its commands at the end of the PATH"
        )
    with _running(peer, found, folder / name) as (process, port):
        address = f"http://127.0.0.1:{port}"
        server = Server(process.pid, port, grpc=0, started=0, headers=tuple(peer.headers.items()))
        sent = apart(send_all, send_http, server, requests)
        until = time.monotonic() + _PATIENCE
        while (readable := peer.count(address)) < sent.spans and time.monotonic() < until:
            time.sleep(_LOOK)
        speed = readable / (time.time() - sent.begun)
        report.add(f"otlp.peer.{name}.readable", 100 * readable / sent.spans, "%")
        report.add(f"otlp.peer.{name}", speed, "spans/s")
        report.add(f"otlp.peer.{name}.memory", memory(process.pid, "VmHWM") / 1e6, "MB")
        ours = next((figure.value for figure in report.figures if figure.name == "otlp.http"), None)
        if ours is not None:
            report.add(f"otlp.peer.{name}.ratio", ours / speed, "ours/theirs")


@contextlib.contextmanager
def _running(peer: Peer, command: str, folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    folder.mkdir()
    port = _free_port()
    environment = {**os.environ, **peer.variables(folder, port)}
    with (
        (folder / "output").open("wb") as output,
        subprocess.Popen(
            [command, *peer.arguments(folder, port)], env=environment, cwd=folder, stdout=output, stderr=output
        ) as process,
    ):
        try:
            until = time.monotonic() + _START
            while not _is_up(peer, f"http://127.0.0.1:{port}"):
                if process.poll() is not None or time.monotonic() > until:
                    told = (folder / "output").read_text(encoding="utf-8", errors="replace")[-2_000:]
                    raise SystemExit(f"error: {command} did not start; it said:\n{told}")
                time.sleep(_LOOK)
            yield process, port
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def _is_up(peer: Peer, address: str) -> bool:
    try:
        return peer.count(address) == 0
    except (OSError, urllib.error.URLError, ValueError):
        return False


def _asked(address: str, question: Mapping[str, object]) -> dict[str, object]:
    request = urllib.request.Request(  # noqa: S310  # an address of ours on loopback
        address, json.dumps(question).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  # likewise
        found: dict[str, object] = json.load(answer)
    return found


def _count_phoenix(address: str) -> int:
    answer = _asked(f"{address}/graphql", {"query": "{projects{edges{node{recordCount}}}}"})
    data: dict[str, dict[str, list[dict[str, dict[str, int]]]]] = answer["data"]  # type: ignore[assignment]
    return sum(edge["node"]["recordCount"] for edge in data["projects"]["edges"])


def _count_mlflow(address: str) -> int:
    """A trace that is listed counts with all its spans; a request is one trace."""
    traces, token = 0, ""
    where = [{"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "0"}}]
    while True:
        question = {"locations": where, "max_results": _PAGE, "page_token": token}
        answer = _asked(f"{address}/api/3.0/mlflow/traces/search", question)
        traces += len(answer.get("traces", ()))  # type: ignore[arg-type]
        token = str(answer.get("next_page_token") or "")
        if not token:
            return traces * SPANS


_PACKAGES = {"phoenix": "arize-phoenix", "mlflow": "mlflow"}
PEERS = {
    "phoenix": Peer(
        command="phoenix",
        arguments=lambda _folder, _port: ["serve"],
        variables=lambda folder, port: {
            "PHOENIX_WORKING_DIR": str(folder),
            "PHOENIX_HOST": "127.0.0.1",
            "PHOENIX_PORT": str(port),
            "PHOENIX_GRPC_PORT": str(_free_port()),
            "PHOENIX_TELEMETRY_ENABLED": "false",
            "PHOENIX_ALLOW_EXTERNAL_RESOURCES": "false",
        },
        headers={},
        count=_count_phoenix,
    ),
    "mlflow": Peer(
        command="mlflow",
        arguments=lambda folder, port: [
            *["server", "--host", "127.0.0.1", "--port", str(port), "--workers", "2"],
            *["--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", f"{folder}/artifacts"],
        ],
        variables=lambda _folder, _port: {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"},
        headers={"x-mlflow-experiment-id": "0"},
        count=_count_mlflow,
    ),
}
"""By the name that `--peer` takes."""
