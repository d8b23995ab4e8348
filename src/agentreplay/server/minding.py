"""The process around a job: `python -m agentreplay.server.minding COMMAND…`.

It runs the command in a group of processes of its own, and ends the whole group when its standard input ends: that
is when the server that started it ends, however that happens.
"""

import os
import signal
import subprocess
import sys
from threading import Thread

__all__ = ["main"]


def main(command: list[str], control: int) -> int:
    """Run the command until it ends, or until nothing more can be read from the descriptor `control`."""
    if hasattr(os, "setsid"):
        os.setsid()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603  # the server tells it

    def watch() -> None:
        # Not through a buffer: at the end of the process its lock would be held by this thread.
        while os.read(control, 1):
            pass
        _end(process)

    Thread(target=watch, daemon=True).start()
    code = process.wait()
    return 128 - code if code < 0 else code


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the command and all it started, and this process with them."""
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)
    process.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], sys.stdin.fileno()))
