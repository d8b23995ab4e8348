"""How this installation is started: by others who keep the command, and by hand."""

import os
import shlex
import shutil
import sys
from pathlib import Path

__all__ = ["own_command", "typed_command"]

_NAME = "agentreplay"


def own_command() -> list[str]:
    """How this installation is started, wherever it is run."""
    script = Path(sys.executable).with_name(f"{_NAME}.exe" if os.name == "nt" else _NAME)
    return [str(script)] if script.is_file() else [sys.executable, "-m", "agentreplay.cli"]


def typed_command() -> str:
    """The same as one types it: by its name alone where that is what a shell finds, and not some other installation."""
    command = own_command()
    found = shutil.which(_NAME)
    if found is not None and Path(command[0]).samefile(found):
        return _NAME
    return shlex.join(command)
