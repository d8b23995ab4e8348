"""The plugins hold what they promise: events that exist, commands that exist, and they come with an installation."""

import json
import re
import shlex
import tomllib
from pathlib import Path

import click
import pytest

from agentreplay import __version__
from agentreplay.cli.plugins import PLUGINS
from agentreplay.cli.program import program
from agentreplay.core.agents import AGENTS

CLAUDE = PLUGINS / "claude-code"
COMMAND = re.compile(r"`(agentreplay [^`]+)`")
PAGES = sorted(CLAUDE.rglob("*.md"))


def test_it_hears_of_every_event() -> None:
    told = json.loads((CLAUDE / "hooks" / "hooks.json").read_text())["hooks"]
    agent = AGENTS["claude-code"]

    # What this one prints, the agent reads before the first prompt.
    memory = told["SessionStart"][0]["hooks"].pop()
    assert told == {event: [agent.item("agentreplay hook --agent claude-code", event)] for event in agent.events}
    assert memory["command"] == "agentreplay memory context --tokens 800"


def test_it_declares_the_mcp_server() -> None:
    [server] = json.loads((CLAUDE / ".mcp.json").read_text())["mcpServers"].values()

    assert (server["command"], server["args"]) == ("agentreplay", ["mcp"])


def test_the_marketplace_names_it() -> None:
    market = json.loads((PLUGINS / ".claude-plugin" / "marketplace.json").read_text())
    plugin = json.loads((CLAUDE / ".claude-plugin" / "plugin.json").read_text())

    assert [(one["name"], (PLUGINS / one["source"]).resolve()) for one in market["plugins"]] == [
        (plugin["name"], CLAUDE.resolve())
    ]
    assert plugin["version"] == __version__


def test_it_has_the_commands_that_are_promised() -> None:
    assert {path.stem for path in (CLAUDE / "commands").iterdir()} == {
        "dashboard", "status", "remember", "traces", "replay", "cost",
    }  # fmt: skip


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name + "-" + page.stem)
def test_every_command_it_speaks_of_is_one(page: Path) -> None:
    """With its options, as they are parsed when somebody types them."""
    text = page.read_text()
    assert text.startswith("---\n"), "it says what it is for"
    for line in COMMAND.findall(text):
        name, *words = shlex.split(line)[1:]
        context = click.Context(program, info_name="agentreplay")
        command = program.get_command(context, name)
        if isinstance(command, click.Group):
            command = command.get_command(click.Context(command, parent=context), words.pop(0))
        assert command is not None, line
        command.make_context(name, words, parent=context, resilient_parsing=False)


def test_an_installation_brings_it() -> None:
    build = tomllib.loads((PLUGINS.parent / "pyproject.toml").read_text())["tool"]["hatch"]["build"]

    assert build["targets"]["wheel"]["force-include"] == {"plugins": "agentreplay/plugins"}
