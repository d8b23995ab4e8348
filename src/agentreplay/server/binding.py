"""How the function of a route gets its arguments: each is found in the request by its type, and checked against it.

It may ask for what a request comes with (the service, its headers, its body), and for what `asking` makes of several
parameters, such as the key of a session. A struct is what the body tells as JSON. Everything else is a parameter: of
the path where its name stands there, else of the query.
"""

import inspect
import re
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, NamedTuple, get_args, get_origin
from urllib.parse import parse_qsl

import msgspec

from agentreplay.errors import RequestMalformed
from agentreplay.server.asking import CAME_WITH, MADE, Asked

__all__ = ["Binding", "Parameter"]

_Function = Callable[..., Any]
_Getter = Callable[[Asked, Any], object]
"""Gives one argument, of a request and its parameters as they were checked."""

_NAME = re.compile(r"\{(\w+)")


@dataclass(frozen=True)
class Parameter:
    """One word of the path or of the query."""

    name: str
    kind: Any
    default: object
    in_path: bool

    @property
    def is_required(self) -> bool:
        """Whether nothing can be answered without it."""
        return self.default is msgspec.NODEFAULT


class _Bound(NamedTuple):
    function: _Function
    getters: Mapping[str, _Getter]

    def arguments(self, asked: Asked, told: object) -> dict[str, object]:
        return {name: getter(asked, told) for name, getter in self.getters.items()}


class Binding:
    """What a function takes, and how it is found in a request."""

    def __init__(self, function: _Function, path: str) -> None:
        self._in_path = frozenset(_NAME.findall(path))
        self._found: dict[str, Parameter] = {}
        self.body: type[msgspec.Struct] | None = None
        """What the body tells as JSON."""
        self._bound = self._bind(function)
        self._lists = frozenset(name for name, one in self._found.items() if _is_list(one.kind))
        fields = [(name, one.kind, one.default) for name, one in self._found.items()]
        self._shape = msgspec.defstruct("Parameters", fields, kw_only=True)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """In the order in which the function asks for them."""
        return tuple(self._found.values())

    def arguments(self, asked: Asked) -> dict[str, object]:
        """All arguments of the function by their names. Raises RequestMalformed, and what `asking` raises."""
        told: dict[str, object] = {}
        for name, value in parse_qsl(asked.query, keep_blank_values=True) if asked.query else ():
            if name in self._lists:
                typing.cast("list[str]", told.setdefault(name, [])).append(value)
            else:
                told[name] = value
        told.update(asked.path)
        try:
            checked = msgspec.convert(told, self._shape, strict=False)
        except msgspec.ValidationError as error:
            raise RequestMalformed(problem=str(error)) from error
        return self._bound.arguments(asked, checked)

    def _bind(self, function: _Function) -> _Bound:
        hints = typing.get_type_hints(function, include_extras=True)
        told = inspect.signature(function).parameters
        return _Bound(function, {name: self._getter(one, hints[name]) for name, one in told.items()})

    def _getter(self, told: inspect.Parameter, kind: Any) -> _Getter:
        if kind in CAME_WITH:
            return partial(_came_with, CAME_WITH[kind])
        if kind in MADE:
            return partial(_made, self._bind(MADE[kind]))
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            self.body = kind
            return partial(_told_in_body, msgspec.json.Decoder(kind, strict=False))
        default = msgspec.NODEFAULT if told.default is inspect.Parameter.empty else told.default
        self._found[told.name] = Parameter(told.name, kind, default, in_path=told.name in self._in_path)
        return partial(_parameter, told.name)


def _came_with(name: str, asked: Asked, _: object) -> object:
    return getattr(asked, name)


def _made(bound: _Bound, asked: Asked, told: object) -> object:
    return bound.function(**bound.arguments(asked, told))


def _parameter(name: str, _: Asked, told: object) -> object:
    return getattr(told, name)


def _told_in_body(decoder: "msgspec.json.Decoder[Any]", asked: Asked, _: object) -> object:
    try:
        return decoder.decode(asked.body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RequestMalformed(problem=f"its body is not what is wanted here: {error}") from error
    except RecursionError:
        raise RequestMalformed(problem="its body is nested too deeply") from None


def _is_list(kind: Any) -> bool:
    """Whether a parameter may be given several times."""
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    return any(get_origin(one) is list for one in (kind, *get_args(kind)))
