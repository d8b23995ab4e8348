"""The source text of regression tests: of a command that is run again, and of a function that is called again."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, cast

from agentreplay.model.values import Value, is_list

__all__ = ["Call", "Command", "NoLiteral", "literal", "test_of_command", "test_of_function"]

_TYPE = "$type"
_LINE = 100


class NoLiteral(ValueError):
    """A value that cannot be written down as source text."""


class Command(NamedTuple):
    """A command line; None stands for the Python that runs the test."""

    words: tuple[str | None, ...]
    folder: Path | None
    shown: str


class Call(NamedTuple):
    """The call of a function, its arguments and result as source text."""

    module: str
    name: str
    arguments: str
    is_async: bool
    returned: str | None
    home: Path | None
    """The folder to import it from; None where it is installed."""


def test_of_command(topic: str, folder: Path, command: Command) -> str:
    """A test that runs the command from its tape and looks at the verdict."""
    words = ["sys.executable" if word is None else _quoted(word) for word in command.words]
    lines = [
        _docstring(f"The recorded run of `{command.shown}` comes out the same."),
        "",
        *(["import sys"] if None in command.words else []),
        "from pathlib import Path",
        "",
        "from agentreplay.testing import explain, replay_tape",
        "",
        "HERE = Path(__file__).resolve().parent",
        *_listed("COMMAND = ", words),
    ]
    if command.folder is not None:
        lines.append(f"FOLDER = {_relative(command.folder, folder)}")
    given = ", cwd=FOLDER" if command.folder is not None else ""
    lines += [
        "",
        "",
        f"def test_{topic}() -> None:",
        f'    verdict = replay_tape(HERE / "tapes" / "{topic}.tape", COMMAND{given})',
        "",
        '    assert verdict.exit_code == 0, "\\n".join(explain(verdict))',
        "",
    ]
    return "\n".join(lines)


def test_of_function(topic: str, folder: Path, call: Call) -> str:
    """A test that calls the function while its tape is served."""
    imported = f"from {call.module} import {call.name.partition('.')[0]}"
    if call.home is None:
        opening = ["import pytest", "", imported]
    else:
        home = _relative(call.home, folder)
        opening = ["import sys", "from pathlib import Path", "", "import pytest", ""]
        opening += ["HERE = Path(__file__).resolve().parent", f"sys.path.insert(0, str({home}))", ""]
        opening.append(f"{imported}  # noqa: E402  # found by the line above")
    lines = [
        _docstring(f"The recorded call of `{call.name}` comes out the same."),
        "",
        *opening,
        "",
        "",
        f'@pytest.mark.agentreplay("tapes/{topic}.tape")',
        f"{'async ' if call.is_async else ''}def test_{topic}() -> None:",
        *_body(call),
        "",
    ]
    return "\n".join(lines)


def literal(value: Value) -> str:
    """A kept value as source text. Raises NoLiteral for what is more than plain data."""
    if is_list(value):
        return f"[{_joined(value)}]"
    if not isinstance(value, Mapping):
        return _quoted(value) if isinstance(value, str) else repr(value)
    fields = cast("Mapping[str, Value]", value)
    kind = fields.get(_TYPE)
    if kind is None or kind == "dict":
        named = fields if kind is None else cast("Mapping[str, Value]", fields["fields"])
        return "{" + ", ".join(f"{_quoted(key)}: {literal(item)}" for key, item in named.items()) + "}"
    if kind == "items":
        return "{" + ", ".join(f"{literal(key)}: {literal(item)}" for key, item in fields["items"]) + "}"
    if kind == "tuple":
        inside = _joined(fields["items"])
        return f"({inside},)" if len(fields["items"]) == 1 else f"({inside})"
    if kind in {"set", "frozenset"}:
        inside = f"{{{_joined(fields['items'])}}}" if fields["items"] else "set()"
        return inside if kind == "set" else f"frozenset({inside})"
    raise NoLiteral(f"a value of the type {kind}")


def _body(call: Call) -> Iterator[str]:
    called = f"{'await ' if call.is_async else ''}{call.name}({call.arguments})"
    if call.returned is None:
        yield f"    {called}"
    elif len(called) + len(call.returned) <= _LINE:
        operator = "is" if call.returned in {"None", "True", "False"} else "=="
        yield f"    assert {called} {operator} {call.returned}"
    else:
        yield f"    returned = {called}"
        yield ""
        yield f"    assert returned == {call.returned}"


def _joined(items: Sequence[Value]) -> str:
    return ", ".join(literal(item) for item in items)


def _listed(before: str, words: Sequence[str]) -> Iterator[str]:
    """A list in a line, or in a line for each where it is long."""
    line = f"{before}[{', '.join(words)}]"
    if len(line) <= _LINE:
        yield line
        return
    yield f"{before}["
    yield from (f"    {word}," for word in words)
    yield "]"


def _relative(folder: Path, base: Path) -> str:
    """The expression for a folder, seen from the folder of the test."""
    if base.is_relative_to(folder):
        up = len(base.relative_to(folder).parts)
        return f"HERE.parents[{up - 1}]" if up else "HERE"
    return f"(HERE / {_quoted(Path(os.path.relpath(folder, base)).as_posix())}).resolve()"


def _quoted(text: str) -> str:
    """The text as a literal in double quotes, as formatters want it."""
    shown = repr(text)
    return json.dumps(text, ensure_ascii=False) if "\\" not in shown and text.isprintable() else shown


def _docstring(text: str) -> str:
    """A docstring of one line, whatever stands in the text."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text).replace("\\", "/").replace('"', "'")
    return f'"""{plain}"""'
