"""What stands in the blocks of every page is there: commands, options, and names of the package."""

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.naming import is_command, is_python
from tests.docs.pages import DOCS, EXECUTED, blocks

PAGES = sorted(path for path in DOCS.rglob("*.md") if "reference" not in path.parts)
READ = [path for path in PAGES if path not in EXECUTED]
"""Those whose commands nobody carries out: they name sessions and places that are nobody's."""
COMMAND = re.compile(r"^(?:\$ )?(?:[A-Z_]+=(?:\"[^\"]*\"|\S+) )*agentreplay (.+)$", re.MULTILINE)
PYTHON = {"python"}


@pytest.mark.parametrize("page", READ, ids=lambda path: path.relative_to(DOCS).as_posix())
def test_the_commands_in_it_exist(page: Path) -> None:
    assert [line for line in _commands(page) if not is_command(shlex.split(line, comments=True))] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(DOCS).as_posix())
def test_the_python_in_it_names_what_is_there(page: Path) -> None:
    trees = [ast.parse(block.text, page.name) for block in blocks(page) if block.language in PYTHON]

    assert [name for tree in trees for name in _named(tree) if not is_python(name)] == []


def test_what_is_not_there_is_noticed() -> None:
    assert not is_command(["sessions", "fly"])
    assert not is_command(["diff", "one", "other", "--wings"])
    assert is_command(["--project", "shop", "diff", "one", "--all"])
    assert list(_named(ast.parse("from agentreplay import fly\nimport agentreplay\nagentreplay.run()"))) == [
        "agentreplay.fly",
        "agentreplay",
        "agentreplay.run",
    ]
    assert not is_python("agentreplay.fly")


def _commands(page: Path) -> Iterator[str]:
    for block in blocks(page):
        if block.language not in PYTHON:
            yield from (line.rstrip("&\\ ") for line in COMMAND.findall(block.text))


def _named(tree: ast.Module) -> Iterator[str]:
    """What of the package is imported, and what is asked of it by its own name."""
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module), names=names) if module.split(".")[0] == "agentreplay":
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.Import(names=names):
                yield from (alias.name for alias in names if alias.name.split(".")[0] == "agentreplay")
            case ast.Attribute(value=ast.Name(id="agentreplay"), attr=attribute):
                yield f"agentreplay.{attribute}"
            case _:
                pass
