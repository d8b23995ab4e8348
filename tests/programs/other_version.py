"""Runs another program with frameworks that are not what our hooks expect: `other_version.py PROGRAM`.

Each hook finds a library without any of the names that it looks for, as after a release that renamed them all.
"""

import runpy
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

from agentreplay.sdk.frameworks import FRAMEWORKS
from agentreplay.sdk.patching import Patches


class Renamed(Patches):
    """Finds nothing to replace."""

    def replace(self, holder, name, value):
        raise AttributeError(f"{holder!r} has no attribute {name!r}")

    later = replace


def meet_another(hook: ModuleType) -> None:
    install = hook.install
    hook.install = lambda _, library: install(Renamed(), ModuleType(library.__name__))


# Before any framework is imported, and so before its hook is asked to install itself.
for name in set(FRAMEWORKS.values()):
    meet_another(import_module(f"agentreplay.sdk.frameworks.{name}"))
program = Path(sys.argv[1])
sys.path.insert(0, str(program.parent))
sys.argv = [str(program)]
runpy.run_path(str(program), run_name="__main__")
