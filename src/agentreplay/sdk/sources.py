"""Digests of the functions of a program, so that a replay can say which were edited since the recording."""

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import CodeType
from typing import cast

from blake3 import blake3

from agentreplay.sdk import places

__all__ = ["code_digest", "edited", "sources_of_program", "versions"]

_MOST_FILES = 200
_MODULE = ":<module>"


def sources_of_program() -> dict[str, str]:
    """The digest of each function in the program's own files that are loaded, as `file:function`."""
    found: dict[str, str] = {}
    for path in _own_files():
        found.update(_functions(path))
    return found


def edited(recorded: Mapping[str, str]) -> list[str]:
    """The functions that are not what they were when the tape was recorded.

    A file in which something else was edited is named alone, without a function.
    """
    now: dict[str, str] = {}
    for path in {name.rpartition(":")[0] for name in recorded}:
        now.update(_functions(path))
    changed = {name for name, digest in recorded.items() if now.get(name) != digest}
    modules = {name.removesuffix(_MODULE) for name in changed if name.endswith(_MODULE)}
    functions = {name for name in changed if not name.endswith(_MODULE)}
    return sorted(functions | (modules - {name.rpartition(":")[0] for name in functions}))


def versions() -> dict[str, str]:
    """The versions of Python and of the packages that say theirs."""
    found = {"python": ".".join(map(str, sys.version_info[:3]))}
    for name, module in list(sys.modules.items()):
        if "." not in name and not name.startswith("_"):
            version = vars(module).get("__version__")  # without asking the module, which may import or warn
            if isinstance(version, str) and name != "agentreplay":
                found[name] = version[:60]
    return found


def code_digest(code: CodeType) -> str:
    """The digest of what a function does: not of where it stands."""
    state = blake3(code.co_code)
    state.update(repr((code.co_names, code.co_varnames, code.co_flags)).encode())
    for constant in code.co_consts:
        state.update(_told(constant).encode("utf-8", "surrogatepass"))
    return state.hexdigest(8)


def _told(constant: object) -> str:
    """The same in every process: the members of a set come in another order in each."""
    if isinstance(constant, CodeType):
        return code_digest(constant)
    if isinstance(constant, frozenset):
        return f"{{{', '.join(sorted(map(_told, cast('frozenset[object]', constant))))}}}"
    if isinstance(constant, tuple):
        return f"({', '.join(map(_told, cast('tuple[object, ...]', constant)))})"
    return repr(constant)


_foreign: dict[str, int] = {}
"""The modules of libraries, by name and identity: there are thousands, and a session for each request would ask all."""


_looked: tuple[list[str], list[int], list[str]] = [], [], []
"""The names and identities of all modules when they were last looked at, and the files of the program among them."""


def _own_files() -> list[str]:
    """The files of the program that are loaded; they are looked for when something was imported since."""
    global _looked  # noqa: PLW0603  # there is one process
    modules = sys.modules.copy()
    names, identities = list(modules), list(map(id, modules.values()))
    if (names, identities) != _looked[:2]:
        _looked = names, identities, _find_own_files()
    return _looked[2]


def _find_own_files() -> list[str]:
    files: set[str] = set()
    for name, module in list(sys.modules.items()):
        if _foreign.get(name) == id(module):
            continue
        file = vars(module).get("__file__")
        if not isinstance(file, str):
            continue
        if file.endswith(".py") and places.is_own(file):
            files.add(file)
        else:
            _foreign[name] = id(module)
    return sorted(files)[:_MOST_FILES]


_known: dict[str, tuple[tuple[int, int], dict[str, str]]] = {}
"""What a file held when it was last looked at, and how that is told: a program may have a session for each request."""


def _functions(path: str) -> dict[str, str]:
    try:
        state = os.stat(path)  # noqa: PTH116  # start-up
        stamp = state.st_mtime_ns, state.st_size
        known = _known.get(path)
        if known is None or known[0] != stamp:
            known = _known[path] = stamp, _read_functions(path)
    except (OSError, SyntaxError, ValueError):
        return {}
    return known[1]


def _read_functions(path: str) -> dict[str, str]:
    code = compile(Path(path).read_bytes(), path, "exec", dont_inherit=True)
    shown = os.path.relpath(path)
    return {f"{shown}:{inner.co_qualname}": code_digest(inner) for inner in _codes(code)}


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)
