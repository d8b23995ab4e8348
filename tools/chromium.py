"""Finds the browser that the web UI is tried and measured in, or installs it: `python -m tools.chromium`.

Any Chromium or Chrome will do. Tests take one that cannot open a window, where there is one: it does the same in three
quarters of the time. Debian has a package of it, which is installed when root asks; nothing else is ever downloaded.
"""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

__all__ = ["VARIABLE", "ChromiumMissing", "find", "install", "main"]

VARIABLE = "CHROMIUM"
"""Names the program to use, where it is none of those below."""

_LEAN = ("chromium-headless-shell", "chrome-headless-shell")
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MAC = ("Chromium.app/Contents/MacOS/Chromium", "Google Chrome.app/Contents/MacOS/Google Chrome")
_HINT = (
    "hint: install it (Debian: sudo apt install chromium-headless-shell; macOS: brew install chromium), "
    f"or name one in the variable {VARIABLE}"
)


class ChromiumMissing(Exception):
    """There is no Chromium on this machine."""

    def __str__(self) -> str:
        return f"no Chromium was found, in which the web UI is tried\n{_HINT}"


def find(environment: Mapping[str, str] = os.environ, *, lean: bool = False) -> str:
    """The path of the program; `lean` prefers one without windows. Raises ChromiumMissing."""
    whole = [*_NAMES, *_applications()]
    usual = [*_LEAN, *whole] if lean else [*whole, *_LEAN]
    for name in [environment[VARIABLE]] if environment.get(VARIABLE) else usual:
        found = shutil.which(name, path=environment.get("PATH"))
        if found is not None:
            return found
    raise ChromiumMissing


def install(run: Callable[[list[str]], int] = subprocess.call) -> None:
    """Install a package of Debian. Raises ChromiumMissing where that is not for us to do, or fails."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise ChromiumMissing
    command = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends"]
    if run(["apt-get", "update", "--quiet"]) or all(run([*command, package]) for package in (_LEAN[0], _NAMES[0])):
        raise ChromiumMissing


def main() -> int:
    """Print what tests take, installed if it can be; 1 when there is none."""
    if not os.environ.get(VARIABLE) and not any(map(shutil.which, _LEAN)):
        with contextlib.suppress(ChromiumMissing):
            install()
    try:
        print(find(lean=True))
    except ChromiumMissing as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _applications() -> list[str]:
    return [str(Path(folder) / name) for folder in ("/Applications", Path.home() / "Applications") for name in _MAC]


if __name__ == "__main__":
    sys.exit(main())
