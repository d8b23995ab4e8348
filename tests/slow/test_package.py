"""The package as it is installed: away from the repository, and without what only building needs."""

import os
import re
import site
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Unpacked as an installer does; what it depends on is found beside it, and no path leads to the repository."""
    installed = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path_factory.mktemp("home")),
        # Folders named here are not looked through for .pth files, of which one names the repository.
        "PYTHONPATH": os.pathsep.join([str(installed), *site.getsitepackages()]),
        "LANG": "C.UTF-8",
    }


def agentreplay(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [_python(), "-s", "-m", "agentreplay.cli", *arguments],
        env=environment,
        cwd=environment["HOME"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def _python() -> str:
    """The interpreter below the environment of the tests, which knows nothing of the repository."""
    return str(Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}")


@contextmanager
def serving(environment: dict[str, str]) -> Iterator[str]:
    ports = ["--port", "0", "--otlp-http", "0", "--otlp-grpc", "0"]
    command = [_python(), "-s", "-m", "agentreplay.cli", "--json", "up", *ports]
    home = environment["HOME"]
    with subprocess.Popen(command, env=environment, cwd=home, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield re.search(r"http://[\d.:]+", process.stdout.readline())[0]  # type: ignore[index]
        finally:
            process.terminate()
            process.wait(20)


def test_it_is_imported_from_where_it_was_installed(environment: dict[str, str]) -> None:
    program = "import agentreplay, agentreplay.cli; print(agentreplay.__file__)"
    done = subprocess.run(
        [_python(), "-s", "-c", program], env=environment, cwd="/", capture_output=True, text=True, check=True
    )

    assert done.stdout.startswith(environment["PYTHONPATH"].partition(os.pathsep)[0])


def test_the_demo_runs(environment: dict[str, str]) -> None:
    done = agentreplay(environment, "demo")

    assert done.returncode == 0, done.stderr
    assert "identical  7 of 7 calls served" in done.stdout


def test_the_player_comes_with_its_scripts_and_fonts(environment: dict[str, str]) -> None:
    with serving(environment) as address:
        with urllib.request.urlopen(f"{address}/", timeout=20) as answer:
            page = answer.read().decode()
        parts = re.findall(r'(?:src|href)="(/[^"]+\.(?:js|css|woff2))"', page)
        for part in parts:
            with urllib.request.urlopen(address + part, timeout=20) as answer:
                assert answer.status == 200
                assert answer.read()

    assert any(part.endswith(".js") for part in parts)


def test_a_coding_agent_is_connected_and_let_go_again(environment: dict[str, str]) -> None:
    configuration = Path(environment["HOME"], ".claude", "settings.json")
    configuration.parent.mkdir()
    configuration.write_text('{"model": "opus"}\n')

    assert agentreplay(environment, "connect", "claude-code", "--yes").returncode == 0
    assert "agentreplay" in configuration.read_text()
    assert agentreplay(environment, "disconnect", "claude-code", "--yes").returncode == 0
    assert configuration.read_text() == '{"model": "opus"}\n'


def test_the_wheel_carries_its_licences_and_no_tests(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()

    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert any(name.endswith("licenses/NOTICE") for name in names)
    assert "agentreplay/plugins/claude-code/.claude-plugin/plugin.json" in names
    assert "agentreplay/py.typed" in names
    assert [name for name in names if name.startswith(("tests", "benchmarks", "ui/"))] == []
