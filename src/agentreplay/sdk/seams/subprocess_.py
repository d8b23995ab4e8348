"""Child processes: each is told which process of the recording it is.

One that is started inside a call which is being performed, such as the server of an MCP session, is part of that
call: it is not recorded.
"""

import inspect
import os
import subprocess
import threading
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from agentreplay.sdk import tasks
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.places import frame_at
from agentreplay.sdk.silence import is_silent
from agentreplay.settings import ORDERS_VARIABLE, PATH_VARIABLE

__all__ = ["install"]

_environment = threading.Lock()


def install(patches: Patches, library: ModuleType | None = None) -> None:
    """Name the processes that this one starts."""
    if library is None:
        _install_popen(patches)
        _install_spawn(patches)
    else:
        _install_multiprocessing(patches, library)


def _named(env: Mapping[Any, Any] | None) -> Mapping[Any, Any] | None:
    """The environment for a child; the very one that was given when there is nothing to change."""
    given = os.environ if env is None else env
    # Other orders than ours are those of a program that is launched from here, and name its process already.
    if ORDERS_VARIABLE not in given or given[ORDERS_VARIABLE] != os.environ.get(ORDERS_VARIABLE):
        return env
    changed = dict(given)
    if is_silent():
        del changed[ORDERS_VARIABLE]
        changed.pop(PATH_VARIABLE, None)
    else:
        changed[PATH_VARIABLE] = tasks.current().process()
    return changed


def _install_popen(patches: Patches) -> None:
    original = subprocess.Popen.__init__
    position = list(inspect.signature(original).parameters).index("env")

    def begin(process: Any, *arguments: Any, **named: Any) -> None:
        if len(arguments) >= position:
            # The process itself is not among the arguments.
            arguments = (*arguments[: position - 1], _named(arguments[position - 1]), *arguments[position:])
        else:
            named["env"] = _named(named.get("env"))
        original(process, *arguments, **named)

    patches.replace(subprocess.Popen, "__init__", begin)


def _install_spawn(patches: Patches) -> None:
    for name in ("posix_spawn", "posix_spawnp"):
        original = getattr(os, name, None)
        if original is not None:
            patches.replace(os, name, _spawning(original))


def _spawning(original: Any) -> Any:
    def spawn(path: Any, arguments: Any, env: Any, /, **named: Any) -> int:
        by_popen = frame_at(1).f_code.co_filename == subprocess.__file__
        return int(original(path, arguments, env if by_popen or env is None else _named(env), **named))

    return spawn


def _install_multiprocessing(patches: Patches, library: ModuleType) -> None:
    original = getattr(library, "spawnv_passfds", None)
    if original is None:
        return

    def spawn(path: Any, arguments: Any, descriptors: Any) -> int:
        env = _named(None)
        if env is None:
            return int(original(path, arguments, descriptors))
        # What it starts inherits the environment of this process and cannot be given another.
        with _environment:
            before = dict(os.environ)
            try:
                _become(env)
                return int(original(path, arguments, descriptors))
            finally:
                _become(before)

    patches.replace(library, "spawnv_passfds", spawn)


def _become(env: Mapping[str, str]) -> None:
    for name in (ORDERS_VARIABLE, PATH_VARIABLE):
        if name in env:
            os.environ[name] = env[name]
        else:
            os.environ.pop(name, None)
