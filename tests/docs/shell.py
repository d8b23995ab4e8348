"""A shell for the pages of the documentation: one for each page, as somebody has it who reads along."""

import os
import select
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["ROOT", "Shell", "free_ports", "opened"]

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0
"""Seconds until a command is taken to hang."""
_TOOLS = {"agentreplay": "agentreplay.cli", "pytest": "pytest"}
_END = 20.0


class Shell:
    """Bash in a folder of its own. What it writes, and what goes on behind it, is gathered in one place."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self._output = folder.parent / "output"
        self._marks, marking = os.pipe()
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                ["bash", "--noprofile", "--norc", "-s"],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=dict(environment),
                pass_fds=(marking,),
                start_new_session=True,
            )
        os.close(marking)
        self._read = 0
        self._type(f"exec 9>&{marking} {marking}>&-\n")

    def run(self, line: str) -> int:
        """Carry a line out, and wait for its end; what follows finds its exit code in `$?`."""
        self._type(f"(exit ${{last:-0}})\n{{ {line}\n}} </dev/null 9>&-\nlast=$?\necho $last >&9\n")
        ready, _, _ = select.select([self._marks], [], [], PATIENCE)
        told = os.read(self._marks, 100) if ready else b""
        if not told:
            raise TimeoutError(f"{line!r} does not end; until then it wrote:\n{self.output()}")
        return int(told)

    def _type(self, script: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(script.encode())
        self._process.stdin.flush()

    def output(self) -> str:
        """What was written since this was last forgotten."""
        return self._output.read_bytes()[self._read :].decode("utf-8", "replace")

    def forget(self) -> None:
        """What was written until now is not asked for again."""
        self._read = self._output.stat().st_size

    def close(self) -> None:
        """End it, and all that it started."""
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        for how in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, how)
            until = time.monotonic() + _END
            while how == signal.SIGTERM and _lives(self._process) and time.monotonic() < until:
                time.sleep(0.05)
        self._process.wait()
        os.close(self._marks)


@contextmanager
def opened(folder: Path, **variables: str) -> Generator[Shell, None, None]:
    """A shell with an empty home, in which the commands of the pages are found."""
    tools, home, work = folder / "tools", folder / "home", folder / "work"
    for made in (tools, home, work):
        made.mkdir()
    for name, module in _TOOLS.items():
        tool = tools / name
        tool.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m {module} "$@"\n', encoding="utf-8")
        tool.chmod(0o755)
    environment = {
        "HOME": str(home),
        "PATH": os.pathsep.join([str(tools), str(Path(sys.executable).parent), "/usr/local/bin:/usr/bin:/bin"]),
        "PYTHONPATH": str(ROOT / "src"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "COLUMNS": "100",
        "LANG": "C.UTF-8",
        **variables,
    }
    shell = Shell(work, environment)
    try:
        yield shell
    finally:
        shell.close()


def free_ports(count: int) -> list[int]:
    """So many ports that nobody has."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()


def _lives(process: "subprocess.Popen[bytes]") -> bool:
    """Whether anything of its group is left."""
    process.poll()
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return False
    return True
