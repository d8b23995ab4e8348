"""Installs seams and frameworks: at once where the library is there already, else right after it is imported."""

import importlib
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any, TypeVar, cast

from agentreplay.sdk import hearing, scope, tasks
from agentreplay.sdk.backlog import follow_departures
from agentreplay.sdk.frameworks import FRAMEWORKS
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.recorder import count_trouble
from agentreplay.sdk.seams import ALWAYS, SEAMS

__all__ = ["begin", "instrument", "is_instrumented", "uninstrument", "wrap"]

Client = TypeVar("Client")

_HOOKS = {"seam": ("agentreplay.sdk.seams", SEAMS), "framework": ("agentreplay.sdk.frameworks", FRAMEWORKS)}
"""What there is to install by what it is called: the package it is in, and the library each of its modules is for."""

_patches = Patches()
_installed: set[str] = set()
_followed: list[bool] = []
"""Whether tasks are named: that is done once, because doing it twice would name each of them twice."""


class _Loader:
    """Loads as the original does, and installs the seam behind it."""

    def __init__(self, original: Any, name: str) -> None:
        self._original = original
        self._name = name

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return cast("ModuleType | None", self._original.create_module(spec))

    def exec_module(self, module: ModuleType) -> None:
        # The module keeps its own loader, which it may be asked for.
        if module.__spec__ is not None:
            module.__spec__.loader = self._original
        module.__loader__ = self._original
        self._original.exec_module(module)
        _install(self._name)


class _Finder:
    """Finds what the finders behind it find."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname in _installed or _hook_for(fullname) is None:
            return None
        for finder in sys.meta_path:
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                if spec.loader is not None and hasattr(spec.loader, "exec_module"):
                    spec.loader = cast("Any", _Loader(spec.loader, fullname))
                return spec
        return None


_finder = _Finder()


def instrument() -> None:
    """Install every seam whose library is there, and the others when theirs is imported. Doing it again is harmless."""
    hearing.hear_everything()
    if _finder in sys.meta_path:
        return
    _follow()
    follow_departures(_patches)
    for name in ALWAYS:
        _install_module("seam", name)
    sys.meta_path.insert(0, _finder)
    _install_loaded()


def wrap(client: Client) -> Client:
    """Make sure that the calls of this client are seen, and return it.

    Of clients that speak through httpx, such as those of OpenAI, Anthropic and Google, only those are seen that were
    wrapped, unless `instrument()` is called; neither are clock and chance. Of a client that speaks through something
    else, all that goes through the same library is seen. Doing it again is harmless.
    """
    _follow()
    found = hearing.transports_in(client)
    if not found:
        hearing.hear_everything()
        _install_loaded()
        return client
    if not (is_instrumented() or _installed):
        hearing.hear_only_wrapped()
    hearing.wrap_transports(found)
    for name in {"httpx", "httpx2", "concurrent.futures.thread", "asyncio", *hearing.other_ways(client)}:
        if name in sys.modules:
            _install(name)
    return client


def begin() -> None:
    """A session begins, or is served: everything is seen, unless clients were wrapped and it was left at that."""
    if not hearing.is_selective():
        instrument()


def uninstrument() -> None:
    """Take all seams out again."""
    if _finder in sys.meta_path:
        sys.meta_path.remove(_finder)
    _patches.undo()
    _installed.clear()
    hearing.hear_everything()
    _followed.clear()


def is_instrumented() -> bool:
    """Whether the seams are in place."""
    return _finder in sys.meta_path


def _follow() -> None:
    """Name the tasks."""
    if not _followed:
        _followed.append(True)
        tasks.follow(_patches, scope.carry)


def _install_loaded() -> None:
    for _, libraries in _HOOKS.values():
        for library in libraries:
            if library in sys.modules:
                _install(library)


def _hook_for(library: str) -> tuple[str, str] | None:
    """What is installed for a library, and what it is called."""
    for kind, (_, libraries) in _HOOKS.items():
        if library in libraries:
            return kind, libraries[library]
    return None


def _install(library: str) -> None:
    found = _hook_for(library)
    if found is not None and library not in _installed:
        _installed.add(library)
        _install_module(*found, library)


def _install_module(kind: str, name: str, library: str = "") -> None:
    """A hook that does not fit the library it finds is left out: the program goes on without it."""
    try:
        hook = importlib.import_module(f"{_HOOKS[kind][0]}.{name}")
        if library:
            hook.install(_patches, sys.modules[library])
        else:
            hook.install(_patches)
    except Exception as error:  # noqa: BLE001  # a newer library must not break the program
        count_trouble(error, f"the {kind} {name}")
