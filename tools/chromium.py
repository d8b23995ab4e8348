"""Finds the browser that the web UI is tried and measured in, or installs it: `python -m tools.chromium`.

Any Chromium or Chrome will do. Debian and Ubuntu have a package, which is installed when root asks; nothing else is
ever downloaded.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

__all__ = ["VARIABLE", "ChromiumMissing", "find", "install", "main"]

VARIABLE = "CHROMIUM"
"""Names the program to use, where it is none of those below."""

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MAC = ("Chromium.app/Contents/MacOS/Chromium", "Google Chrome.app/Contents/MacOS/Google Chrome")
_HINT = (
    "hint: install it (Debian: sudo apt install chromium; macOS: brew install chromium), "
    f"or name one in the variable {VARIABLE}"
)


class ChromiumMissing(Exception):
    """There is no Chromium on this machine."""

    def __str__(self) -> str:
        return f"no Chromium was found, in which the web UI is tried\n{_HINT}"


def find(environment: Mapping[str, str] = os.environ) -> str:
    """The path of the program. Raises ChromiumMissing."""
    names = [environment[VARIABLE]] if environment.get(VARIABLE) else [*_NAMES, *_applications()]
    for name in names:
        found = shutil.which(name, path=environment.get("PATH"))
        if found is not None:
            return found
    raise ChromiumMissing


def install(run: Callable[[list[str]], object] = subprocess.check_call) -> None:
    """Install Debian's package. Raises ChromiumMissing where that is not for us to do."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise ChromiumMissing
    run(["apt-get", "update", "--quiet"])
    run(["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", "chromium"])


def main() -> int:
    """Print where it is; 1 when there is none and none can be installed."""
    try:
        try:
            print(find())
        except ChromiumMissing:
            install()
            print(find())
    except (ChromiumMissing, subprocess.CalledProcessError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _applications() -> list[str]:
    return [str(Path(folder) / name) for folder in ("/Applications", Path.home() / "Applications") for name in _MAC]


if __name__ == "__main__":
    sys.exit(main())
