"""Forms as HTTP sends them (`multipart/form-data`), taken apart for keeping and comparing, and put together exactly.

The boundary between the parts is made up anew for each request; what is asked stands in the parts.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from agentreplay.model.values import Value, is_list

__all__ = ["FORM", "Form", "FormPart", "form_value", "read_form"]

FORM = "multipart/form-data"
_NAMED = re.compile(r'\bname="([^"]*)"')
_FILENAME = re.compile(r'\bfilename="([^"]*)"')
_TYPE = re.compile(r"(?im)^content-type:[ \t]*([^\s;]+)")


class FormPart(NamedTuple):
    """One field of a form."""

    head: str
    """Its headers as they came."""
    data: bytes

    @property
    def name(self) -> str:
        """The field's name."""
        match = _NAMED.search(self.head)
        return match[1] if match else ""

    @property
    def filename(self) -> str | None:
        """The name of the file that it holds, None where it is no file."""
        match = _FILENAME.search(self.head)
        return match[1] if match else None

    @property
    def media(self) -> str:
        """What kind of data it says it is; nothing where it does not."""
        match = _TYPE.search(self.head)
        return match[1].lower() if match else ""


class Form(NamedTuple):
    """A form, part by part."""

    boundary: str
    parts: Sequence[FormPart]

    def whole(self) -> bytes:
        """The form as it is sent."""
        line = f"--{self.boundary}".encode()
        fields = [line + b"\r\n" + part.head.encode() + b"\r\n\r\n" + part.data + b"\r\n" for part in self.parts]
        return b"".join([*fields, line, b"--\r\n"])


def read_form(data: bytes, media: str) -> Form | None:
    """The form in the body of a request, if it is one that can be put together again byte by byte."""
    if media != FORM or not data.startswith(b"--"):
        return None
    line, end, _ = data.partition(b"\r\n")
    try:
        boundary = line[2:].decode("ascii")
        fields = data.removeprefix(line + end).split(b"\r\n" + line)
        form = Form(boundary, [_part(field.removeprefix(b"\r\n")) for field in fields[:-1]])
    except ValueError:
        return None
    return form if form.whole() == data else None


def _part(field: bytes) -> FormPart:
    head, _, data = field.partition(b"\r\n\r\n")
    return FormPart(head.decode(), data)


def form_value(data: bytes, media: str) -> dict[str, Value] | None:
    """What a form says, by the names of its fields: texts, and files as their names, kinds and sizes.

    A field that is there several times, or whose name ends in `[]`, is a list. None where it is no form.
    """
    form = read_form(data, media)
    if form is None:
        return None
    fields: dict[str, Value] = {}
    for part in form.parts:
        name, said = part.name.removesuffix("[]"), _said(part)
        if name in fields or name != part.name:
            before = fields.get(name, [])
            fields[name] = [*(before if is_list(before) else [before]), said]
        else:
            fields[name] = said
    return fields


def _said(part: FormPart) -> Value:
    if part.filename is None:
        return part.data.decode("utf-8", "replace")
    return {"filename": part.filename, "media": part.media, "bytes": len(part.data)}
