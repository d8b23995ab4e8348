"""Writes the types of the API for the web UI, from the document of the API: `python -m tools.typescript`."""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

__all__ = ["main", "typescript"]

_TARGET = Path(__file__).resolve().parent.parent / "ui" / "src" / "api" / "types.ts"
_HEAD = "/** What the API answers with. Written by `python -m tools.typescript` from the document of the API. */\n"
_WIDTH = 120
_PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def typescript(document: Mapping[str, Any]) -> str:
    """The schemas of the document as interfaces."""
    return "\n".join([_HEAD, *_interfaces(document["components"]["schemas"])])


def _interfaces(schemas: Mapping[str, Any]) -> Iterator[str]:
    for name, schema in sorted(schemas.items()):
        if "properties" not in schema:
            yield f"export type {_name(name)} = {_type(schema)};\n"
            continue
        yield f"export interface {_name(name)} {{"
        required = schema.get("required", ())
        for field, kind in schema["properties"].items():
            if told := kind.get("description"):
                yield f"  /** {told} */"
            yield _broken(f"  {field}{'' if field in required else '?'}: {_type(kind)};")
        yield "}\n"


def _broken(line: str) -> str:
    """A line as the web UI is formatted: of one that is too long each choice stands by itself."""
    name, _, choices = line.partition(": ")
    return line if len(line) <= _WIDTH else "\n    | ".join([f"{name}:", *choices.split(" | ")])


def _type(schema: Mapping[str, Any]) -> str:  # noqa: PLR0911  # a closed choice
    if "$ref" in schema:
        return _name(schema["$ref"].rpartition("/")[2])
    for word in ("oneOf", "anyOf"):
        if word in schema:
            return " | ".join(dict.fromkeys(map(_type, schema[word])))
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    if "const" in schema:
        return json.dumps(schema["const"])
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(_type({**schema, "type": one}) for one in kind)
    if kind == "array":
        item = _type(schema.get("items", {}))
        return f"({item})[]" if " | " in item else f"{item}[]"
    if kind == "object":
        more = schema.get("additionalProperties")
        return f"Record<string, {_type(more) if isinstance(more, dict) else 'unknown'}>"
    return _PLAIN.get(str(kind), "unknown")


def _name(name: str) -> str:
    return re.sub(r"\W", "", name.rpartition(".")[2])


def main(arguments: list[str]) -> None:
    """Read the document, write the types."""
    (source,) = arguments
    _TARGET.write_text(typescript(json.loads(Path(source).read_text(encoding="utf-8"))), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
