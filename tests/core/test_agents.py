"""The configurations of coding agents, as far as we know them."""

from pathlib import Path

from agentreplay.core.agents import AGENTS
from agentreplay.intake.hooks.events import happened


def test_a_folder_of_ones_own_is_honoured() -> None:
    claude, codex = AGENTS["claude-code"], AGENTS["codex"]

    assert claude.file({"CLAUDE_CONFIG_DIR": "/srv/claude,/other"}) == Path("/srv/claude/settings.json")
    assert codex.file({"CODEX_HOME": "/srv/codex"}) == Path("/srv/codex/hooks.json")
    assert claude.file({}) == Path.home() / ".claude" / "settings.json"


def test_every_event_that_is_asked_for_is_one_we_can_read() -> None:
    for agent in AGENTS.values():
        for event in agent.events:
            assert happened(event, {"session_id": "s", "conversation_id": "s"}) is not None
