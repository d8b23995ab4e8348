"""The page about the package from Python: every public name, with what it takes and what it promises."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

import agentreplay
from agentreplay import errors, testing

__all__ = ["python"]

_MODULE = re.compile(r"\b(?:agentreplay|collections|typing|pathlib|types|os|builtins|msgspec)(?:\.\w+)*\.(\w+)")
_ASK = re.compile(r"-> Ask\[(\w+)\]$")
"""What a method of a client describes; the client gives what comes of it."""
_OPTIONAL = re.compile(r"\bOptional\[(Literal\[[^\]]*\]|[\w.]+)\]")
_CHAPTERS = {
    "agentreplay": (agentreplay, "What programs import. Each name is loaded when it is asked for."),
    "agentreplay.testing": (testing, "For tests: scripted models, makers of values, and the replay of a tape."),
}


class _Bare(str):
    """A text that is its own representation."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def python() -> Iterator[str]:
    """The lines of the page."""
    yield "What begins with an underscore, and modules that are not named here, may change in any version. Errors"
    yield "are in `agentreplay.errors`, and have [a page of their own](errors.md)."
    for path, (module, said) in _CHAPTERS.items():
        yield ""
        yield f"## {path}"
        yield ""
        yield said
        for name in sorted(module.__all__, key=lambda name: (name.lower(), name)):
            yield from _name(path, name, getattr(module, name))


def _name(path: str, name: str, found: Any) -> Iterator[str]:
    if name.startswith("__") or (isinstance(found, type) and issubclass(found, errors.AgentReplayError)):
        return
    yield ""
    yield f"### {name}"
    yield ""
    if callable(found):
        yield "```text"
        yield f"{path}.{name}{_signature(found)}"
        yield "```"
        yield ""
    yield _said(found) or (f"`{found}`" if isinstance(found, int | str) else "A type, for annotations.")
    if not isinstance(found, type):
        return
    if methods := list(_methods(found)):
        yield ""
        if above := _above(found):
            yield f"It has all that [{above}](#{above.lower()}) has, and:"
            yield ""
        yield "| method | |"
        yield "|---|---|"
        yield from (f"| `{method}{_signature(made, is_method=True)}` | {_said(made)} |" for method, made in methods)


def _above(found: type) -> str:
    """A class that it extends, and that has its own place on the page."""
    return next((kind.__name__ for kind in found.__mro__[1:] if kind.__name__ in agentreplay.__all__), "")


def _methods(found: type) -> Iterator[tuple[str, Any]]:
    """The public methods, in the order in which they are defined, those of its bases last."""
    seen: set[str] = set()
    for kind in found.__mro__:
        if not kind.__module__.startswith("agentreplay") or kind.__name__ == _above(found):
            continue
        for name, made in vars(kind).items():
            if not name.startswith("_") and name not in seen and callable(inspect.unwrap(_bare(made))):
                seen.add(name)
                yield name, _bare(made)


def _bare(made: Any) -> Any:
    """A method as it is, without how it is bound."""
    return made.__func__ if isinstance(made, classmethod | staticmethod) else made


def _signature(found: Any, *, is_method: bool = False) -> str:
    try:
        signature = inspect.signature(found)
    except (TypeError, ValueError):
        return ""
    parameters = list(signature.parameters.values())
    if is_method and parameters and parameters[0].name in {"self", "cls"}:
        parameters = parameters[1:]
    parameters = [_tidy(one) for one in parameters]
    plain = signature.replace(parameters=parameters, return_annotation=_annotation(signature.return_annotation))
    # Versions of Python write these each in a way of their own.
    text = _ASK.sub(r"-> \1", _OPTIONAL.sub(r"\1 | None", _MODULE.sub(r"\1", str(plain)))).replace("~", "")
    return text.replace("|", "\\|") if is_method else text


def _tidy(parameter: inspect.Parameter) -> inspect.Parameter:
    default = parameter.default
    if " object at 0x" in repr(default):
        default = _Bare("…")  # what nobody gives
    return parameter.replace(annotation=_annotation(parameter.annotation), default=default)


def _annotation(annotation: Any) -> Any:
    """One that stands as a text, without quotes."""
    return _Bare(annotation) if isinstance(annotation, str) else annotation


def _said(found: Any) -> str:
    """The first paragraph of what it says of itself, on one line."""
    text = (inspect.getdoc(found) or "") if callable(found) else ""
    return " ".join(text.split("\n\n", maxsplit=1)[0].split()).replace("|", "\\|")
