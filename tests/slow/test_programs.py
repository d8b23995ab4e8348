"""Unchanged programs, written with the libraries people use: recorded, and replayed without any network."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest

from agentreplay.core.sessions import LAST, resolve
from agentreplay.intake.providers import Asked
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.values import Value
from agentreplay.store.registry import open_store
from agentreplay.testing import Line, ScriptedModels, improvise
from tests.listening import listening

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAMS = ROOT / "tests" / "programs"
VARYING = {"threads_and_processes"}
"""Programs that print times, ids or chance, so that two runs of them differ."""


def python_of(environment: str) -> str:
    python = ROOT / ".venvs" / environment / "bin" / "python"
    if not python.exists():
        pytest.fail(f"{python.parent.parent.name} is not set up; `make slow` does it")
    return str(python)


def without_network() -> list[str]:
    """What runs a command in a network of its own that has no interface, not even loopback."""
    for command in (["unshare", "--net"], ["unshare", "--net", "--map-root-user"]):
        if (
            shutil.which("unshare")
            and subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0
        ):
            return command
    return []


def shuffling_models(port: int = 0) -> ScriptedModels:
    """Models whose answers come back in another order than they were asked for."""
    chance = Random(7)

    def shuffled(asked: Asked, body: Value) -> Line:
        reply = improvise(asked, body)
        fields = {name: getattr(reply, name) for name in ("text", "reasoning", "tool_calls", "usage", "status")}
        return Line(**fields, after=chance.random() / 10)

    return ScriptedModels(shuffled, port=port)


class Desk:
    """A data folder, and the command line on it."""

    def __init__(self, folder: Path, url: str, python: str) -> None:
        self.python = python
        self._environment = {**os.environ, "AGENTREPLAY_DB": str(folder), "MODELS_URL": url}
        self.folder = folder

    def run(self, *command: str, prefix: list[str] | None = None, **more: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [*(prefix or []), *command],
            capture_output=True,
            env={**self._environment, **more},
            cwd=self.folder.parent,
            timeout=300,
            check=False,
        )

    def agentreplay(
        self, *arguments: str, prefix: list[str] | None = None, **more: str
    ) -> subprocess.CompletedProcess[bytes]:
        return self.run(sys.executable, "-m", "agentreplay.cli", *arguments, prefix=prefix, **more)

    def last_session(self) -> str:
        """The id of the newest session."""
        with closing(open_store(self.folder)) as store:
            store.drain()
            return resolve(store.sessions, TenantId("local"), ProjectId("default"), LAST).session.id

    def verdict(self, session: str, **more: str) -> dict[str, Any]:
        done = self.agentreplay("--json", "replay", session, prefix=without_network(), **more)
        assert done.stdout, done.stderr.decode()
        told: dict[str, Any] = json.loads(done.stdout)
        return told


@pytest.mark.parametrize(
    ("program", "environment"),
    [
        ("openai_calls", "programs"),
        ("anthropic_calls", "programs"),
        ("gemini_calls", "programs"),
        ("requests_calls", "programs"),
        ("aiohttp_calls", "programs"),
        ("mcp_calls", "programs"),
        ("threads_and_processes", "programs"),
        ("litellm_calls", "litellm"),
    ],
)
def test_an_unchanged_program_replays_identically_without_a_network(
    program: str, environment: str, tmp_path: Path
) -> None:
    with shuffling_models() as models:
        desk = Desk(tmp_path / "data", models.url, python_of(environment))
        command = [desk.python, str(PROGRAMS / f"{program}.py")]
        plain = desk.run(*command)
    # Its ids count what was asked, so the recorded run gets models that were not asked yet.
    with shuffling_models(int(models.url.rpartition(":")[2])):
        recorded = desk.agentreplay("run", "--", *command)

    verdict = desk.verdict(desk.last_session())

    assert recorded.returncode == plain.returncode == 0, recorded.stderr.decode() + plain.stderr.decode()
    assert verdict["status"] == "identical", json.dumps(verdict, indent=1)
    assert verdict["calls"] == verdict["served"] > 0
    if program not in VARYING and program != "openai_calls":
        assert recorded.stdout == plain.stdout


def test_an_mcp_client_over_http_replays_with_the_server_stopped(tmp_path: Path) -> None:
    command = [python_of("programs"), str(PROGRAMS / "mcp_server.py"), "0"]
    with listening(command, tmp_path) as address:
        os.environ["MCP_URL"] = f"{address}/mcp"
        try:
            desk = Desk(tmp_path / "data", "", python_of("programs"))
        finally:
            del os.environ["MCP_URL"]
        recorded = desk.agentreplay("run", "--", desk.python, str(PROGRAMS / "mcp_calls.py"))

    verdict = desk.verdict(desk.last_session())

    assert recorded.returncode == 0, recorded.stderr.decode()
    assert verdict["status"] == "identical", json.dumps(verdict, indent=1)
