"""What the documentation says is true."""

import os
import re
import shlex
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import click
import pytest
from click.testing import CliRunner

import agentreplay
from agentreplay import errors
from agentreplay.cli.program import program
from agentreplay.core import policy, prices, starting
from agentreplay.errors import AgentReplayError, NotFound
from agentreplay.settings import SETTINGS
from agentreplay.store.journal.packing import JOURNAL_FOLDER
from agentreplay.store.sqlite import transcripts
from agentreplay.store.sqlite.lock import LOCK
from agentreplay.store.sqlite.transactions import database_of
from docs import generate

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
MODEL = ROOT / "src" / "agentreplay" / "model"
WRITTEN = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"")
HINTS = sorted({getattr(errors, name).hint for name in errors.__all__})
DECISIONS = sorted((DOCS / "adr").glob("*.md"))
A_PAGE = 60


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_the_generated_pages_are_current() -> None:
    assert generate.outdated(generate.FOLDER, generate.pages()) == [], "run `make docs`"


def test_an_outdated_page_is_named_with_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main([], tmp_path) == 0
    assert generate.main(["--check"], tmp_path) == 0
    capsys.readouterr()
    (tmp_path / "cli.md").write_text("something else")

    assert generate.main(["--check"], tmp_path) == 1

    assert capsys.readouterr().err == "error: docs/reference/cli.md is out of date\nhint: `make docs` writes it\n"


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_documented(setting: object) -> None:
    page = _text(generate.FOLDER / "settings.md")

    assert f"`{getattr(setting, 'name', '')}`" in page
    assert f"`{getattr(setting, 'variable', '')}`" in page


@pytest.mark.parametrize("name", [name for name in errors.__all__ if name != AgentReplayError.__name__])
def test_every_error_is_documented(name: str) -> None:
    page = _text(generate.FOLDER / "errors.md")

    assert f"`{name}`" in page or f"## {name}\n" in page


def test_every_public_name_is_documented() -> None:
    page = _text(generate.FOLDER / "python.md")
    documented = {name for name in agentreplay.__all__ if not name.startswith("_") and not name.endswith("Error")}

    assert [name for name in sorted(documented) if f"\n### {name}\n" not in page] == []


def test_the_words_of_the_glossary_are_the_modules_of_the_vocabulary() -> None:
    modules = {path.stem for path in MODEL.glob("*.py") if not path.stem.startswith("_")}

    words = re.findall(
        r"^## \[(\w+)\]\(\.\./src/agentreplay/model/(\w+)\.py\)$", _text(DOCS / "glossary.md"), re.MULTILINE
    )

    assert {word for word, _ in words} == modules
    assert all(word == module for word, module in words)
    assert [word for word, _ in words] == sorted(modules)


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(path: Path) -> None:
    for groups in LINK.findall(_text(path)):
        target = "".join(groups).partition("#")[0]
        if target and "://" not in target:
            assert (path.parent / target).exists(), target


def test_the_commands_of_the_readme_exist() -> None:
    readme, makefile = _text(ROOT / "README.md"), _text(ROOT / "Makefile")

    commands = re.findall(r"\bmake ([a-z]+)", readme)

    assert commands[:2] == ["run", "test"]
    for command in commands:
        assert re.search(rf"^{command}:", makefile, re.MULTILINE), command


@pytest.mark.parametrize("line", re.findall(r"^agentreplay .+$", _text(ROOT / "README.md"), re.MULTILINE))
def test_the_examples_of_the_readme_run(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "agent.py").write_text("print('hello')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))  # what coding agents wrote on this machine is nobody's test
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)  # as the README has it
    arguments = ["--db-path", str(tmp_path / "not there"), *shlex.split(line, comments=True)[1:]]

    result = CliRunner().invoke(program, arguments)

    assert result.exit_code in {0, NotFound.exit_code}, result.stderr


@pytest.mark.parametrize("hint", [hint for hint in HINTS if "`agentreplay " in hint])
def test_the_commands_that_hints_advise_exist(hint: str) -> None:
    command: click.Command = program
    for name in (word for word in _advised(hint) if re.fullmatch("[a-z]+", word)):
        assert isinstance(command, click.Group)
        below = command.get_command(click.Context(command), name)
        assert below is not None, hint
        command = below

    offered = {text for option in command.params for text in option.opts}
    assert offered.issuperset(word for word in _advised(hint) if word.startswith("--"))


def _advised(hint: str) -> list[str]:
    """The words of the command in a hint, without what is filled in."""
    return shlex.split(hint.split("`")[1])[1:]


def test_the_pictures_can_be_drawn() -> None:
    for path in sorted((DOCS / "images").glob("*.svg")):
        root = ET.fromstring(_text(path))

        assert root.tag.endswith("svg")
        assert "viewBox" in root.attrib


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(path.name[:3]) for path in DECISIONS]

    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_says_why_in_less_than_a_page(path: Path) -> None:
    text = _text(path)

    assert text.startswith(f"# {int(path.name[:3])}. ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert len(text.splitlines()) <= A_PAGE


def test_everything_in_the_data_folder_is_told() -> None:
    page = _text(DOCS / "format" / "folder.md")
    files = {database_of(Path()).name, starting.FILE, policy.FILE, prices.FILE, transcripts.FILE, LOCK}
    names = {*files, f"{JOURNAL_FOLDER}/"}

    assert {name for name in names if f"`{name}" not in page} == set()
