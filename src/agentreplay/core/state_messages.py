"""The messages and methods of state.proto, read from the file itself when they are first needed.

So the file is the only place that tells of them, and nothing has to be generated from it. It keeps to a part of the
language: messages of scalars and other messages, `optional`, `repeated`, and methods.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

__all__ = ["Method", "message", "methods", "service"]

_COMMENT = re.compile(r"//[^\n]*")
_PACKAGE = re.compile(r"package ([\w.]+);")
_SERVICE = re.compile(r"service (\w+) \{(.*?)\n\}", re.DOTALL)
_METHOD = re.compile(r"rpc (\w+)\((\w+)\) returns \((stream )?(\w+)\);")
_MESSAGE = re.compile(r"message (\w+) \{(.*?)\}", re.DOTALL)
_FIELD = re.compile(r"(optional |repeated )?(\w+) (\w+) = (\d+);")

_Field = descriptor_pb2.FieldDescriptorProto
_SCALARS: Mapping[str, Any] = {
    "bool": _Field.TYPE_BOOL,
    "string": _Field.TYPE_STRING,
    "uint64": _Field.TYPE_UINT64,
}


class Method(NamedTuple):
    """A method of the service."""

    name: str
    request: type[Any]
    answer: type[Any]
    is_stream: bool
    """Whether it answers with any number of messages."""


def service() -> str:
    """The full name of the service."""
    return f"{_PACKAGE.findall(_text())[0]}.{_SERVICE.findall(_text())[0][0]}"


@cache
def methods() -> tuple[Method, ...]:
    """The methods of the service, in order."""
    _, body = _SERVICE.findall(_text())[0]
    return tuple(
        Method(name, message(request), message(answer), bool(stream))
        for name, request, stream, answer in _METHOD.findall(body)
    )


def message(name: str) -> type[Any]:
    """The class of a message."""
    return _messages()[name]


@cache
def _text() -> str:
    text = resources.files("agentreplay.core").joinpath("state.proto").read_text("utf-8")
    return _COMMENT.sub("", text)


@cache
def _messages() -> Mapping[str, type[Any]]:
    package = _PACKAGE.findall(_text())[0]
    file = descriptor_pb2.FileDescriptorProto(name="agentreplay/state.proto", package=package, syntax="proto3")
    file.message_type.extend(_described(package))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        one.name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{package}.{one.name}"))
        for one in file.message_type
    }


def _described(package: str) -> Iterator[descriptor_pb2.DescriptorProto]:
    for name, body in _MESSAGE.findall(_text()):
        told = descriptor_pb2.DescriptorProto(name=name)
        for label, kind, field_name, number in _FIELD.findall(body):
            field = told.field.add(name=field_name, number=int(number), label=_Field.LABEL_OPTIONAL)
            if kind in _SCALARS:
                field.type = _SCALARS[kind]
            else:
                field.type, field.type_name = _Field.TYPE_MESSAGE, f".{package}.{kind}"
            if label == "repeated ":
                field.label = _Field.LABEL_REPEATED
            elif label:
                # What may be absent is alone in a choice of its own; the language says so.
                field.proto3_optional, field.oneof_index = True, len(told.oneof_decl)
                told.oneof_decl.add(name=f"_{field_name}")
        yield told
