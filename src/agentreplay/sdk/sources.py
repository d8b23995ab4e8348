"""Digests of the functions of a program, so that a replay can say which were edited since the recording."""

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import CodeType

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
            version = getattr(module, "__version__", None)
            if isinstance(version, str) and name != "agentreplay":
                found[name] = version[:60]
    return found


def code_digest(code: CodeType) -> str:
    """The digest of what a function does: not of where it stands."""
    state = blake3(code.co_code)
    state.update(repr((code.co_names, code.co_varnames, code.co_flags)).encode())
    for constant in code.co_consts:
        inner = code_digest(constant) if isinstance(constant, CodeType) else _spelled(constant)
        state.update(inner.encode("utf-8", "surrogatepass"))
    return state.hexdigest(8)


def _own_files() -> list[str]:
    files: list[str] = []
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and file.endswith(".py") and places.is_own(file):
            files.append(file)
    return sorted(set(files))[:_MOST_FILES]


def _functions(path: str) -> dict[str, str]:
    try:
        code = compile(Path(path).read_bytes(), path, "exec", dont_inherit=True)
    except (OSError, SyntaxError, ValueError):
        return {}
    shown = os.path.relpath(path)
    return {f"{shown}:{inner.co_qualname}": code_digest(inner) for inner in _codes(code)}


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _spelled(constant: object) -> str:
    """A constant as text that does not depend on the order in which a set happens to lie."""
    return str(sorted(map(repr, constant))) if isinstance(constant, frozenset) else repr(constant)
