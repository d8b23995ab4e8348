"""The tutorial and the guides, carried out word for word in an empty home."""

import re
import shutil
import time
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, EXECUTED, SHOWN, Block, Command, blocks, commands, seen
from tests.docs.shell import PATIENCE, Shell, free_ports, opened

PORTS = re.compile(r"\b(?:47100|8765)\b")
"""What the pages name; here they are others, because tests run side by side."""
NAMES = [page.relative_to(DOCS).as_posix() for page in EXECUTED]


@pytest.mark.slow
@pytest.mark.parametrize("page", EXECUTED, ids=NAMES)
def test_it_does_what_it_says(page: Path, tmp_path: Path) -> None:
    if "$ curl" in page.read_text(encoding="utf-8") and shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    ports = dict(zip(("47100", "8765"), map(str, free_ports(2)), strict=True))

    with opened(tmp_path, AGENTREPLAY_PORT=ports["47100"]) as shell:
        for block in blocks(page):
            text = PORTS.sub(lambda found: ports[found.group()], block.text)
            _carry_out(shell, Block(block.language, block.file, text, block.line), f"{page.name}:{block.line}")


@pytest.mark.parametrize("page", EXECUTED, ids=NAMES)
def test_every_block_is_carried_out_or_only_shown(page: Path) -> None:
    odd = [
        f"{page.name}:{block.line}: {block.language!r}"
        for block in blocks(page)
        if not (block.file or block.language in {"console", "python", *SHOWN})
    ]

    assert odd == []


@pytest.mark.parametrize("page", EXECUTED, ids=NAMES)
def test_every_file_is_named_before_it_is_shown(page: Path) -> None:
    """Where a page is read, what follows the language of a block is not."""
    lines = page.read_text(encoding="utf-8").splitlines()
    files = {block.file: "\n".join(lines[: block.line - 1]) for block in blocks(page) if block.file}

    assert [file for file, before in files.items() if f"`{file}`" not in before] == []


def test_what_is_seen_is_compared() -> None:
    assert seen(
        "recorded as …\nhint: `agentreplay replay …` runs it", "recorded as 01\nhint: `agentreplay replay 01` runs it\n"
    )
    assert seen("first\n…\nlast", "first\nsecond\nthird\nlast\n")
    assert seen("first\n…\nlast", "first\nlast\n")
    assert not seen("identical  3 of 3", "identical  2 of 3\n")
    assert not seen("first", "first\nsecond\n")


def test_a_console_shows_commands_and_what_they_write() -> None:
    block = Block("console", "", "$ one\nsaid\n\n$ two \\\n> three\n$ four &\n", 1)

    assert commands(block) == [Command("one", "said"), Command("two \\\nthree", ""), Command("four &", "")]


def _carry_out(shell: Shell, block: Block, place: str) -> None:
    if block.file:
        path = shell.folder / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
    elif block.language == "python":
        (shell.folder.parent / "block.py").write_text(block.text, encoding="utf-8")
        shell.forget()
        assert shell.run("python ../block.py") == 0, f"{place}\n{shell.output()}"
    elif block.language == "console":
        typed = commands(block)
        followed = [*(command.line for command in typed[1:]), ""]
        for command, behind in zip(typed, followed, strict=True):
            _type(shell, command, place, may_fail=behind == "echo $?")


def _type(shell: Shell, command: Command, place: str, *, may_fail: bool) -> None:
    shell.forget()
    code = shell.run(command.line)
    until = time.monotonic() + PATIENCE
    # What stays says when it is ready; a page that goes on with it shows that.
    while command.stays and not seen(command.output, shell.output()) and time.monotonic() < until:
        time.sleep(0.05)
    output = shell.output()
    assert not command.output or seen(command.output, output), f"{place}: {command.line}\n{output}"
    assert code == 0 or may_fail, f"{place}: {command.line} exits with {code}\n{output}"
