"""Runs at the start of a recorded program: whatever a framework's hook looks for in its framework is not there.

Its modules are empty as long as the hook installs itself, and whole again before the program goes on.
"""

import os
import sys
from importlib import import_module
from types import ModuleType

__all__: list[str] = []


def _empty_frameworks() -> None:
    from agentreplay.sdk import instrument  # start-up: the command line finds this module too, and needs none of it

    install = instrument._install_module

    def install_in_empty(kind: str, name: str, library: str = "") -> None:
        if kind != "framework":
            install(kind, name, library)
            return
        # A hook may import some of the library for itself, which is then whole.
        import_module(f"agentreplay.sdk.frameworks.{name}")
        top = library.partition(".")[0]
        whole = {own: module for own, module in sys.modules.copy().items() if own.partition(".")[0] == top}
        sys.modules.update({own: ModuleType(own) for own in whole})
        try:
            install(kind, name, library)
        finally:
            sys.modules.update(whole)

    instrument._install_module = install_in_empty


if os.environ.get("AGENTREPLAY_RUN"):
    _empty_frameworks()
