"""Runs commands of the shell side by side, as many at once as there are cores: `python -m tools.together COMMAND …`.

What the first of them writes is seen as it comes, and what another wrote in one piece as soon as it has ended. Name the
one that takes longest first. Ends with 1 where one of them failed, and says which.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

__all__ = ["main"]


def main(commands: Sequence[str], at_once: int | None = None) -> int:
    """Run all of them, also when one has failed; returns the status to end with."""
    with ThreadPoolExecutor(at_once or os.cpu_count() or 1) as pool:
        running = [pool.submit(_run, command, is_seen=not number) for number, command in enumerate(commands)]
        for one in as_completed(running):
            if written := one.result().stdout:
                sys.stdout.buffer.write(written)
                sys.stdout.buffer.flush()
    failed = [done.args for one in running if (done := one.result()).returncode]
    for command in failed:
        sys.stderr.write(f"error: this failed: {command}\n")
    return 1 if failed else 0


def _run(command: str, *, is_seen: bool) -> subprocess.CompletedProcess[bytes]:
    if is_seen:
        return subprocess.run(command, shell=True, check=False, stdin=subprocess.DEVNULL)  # noqa: S602 - the Makefile's
    return subprocess.run(  # noqa: S602 - as above
        command, shell=True, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
