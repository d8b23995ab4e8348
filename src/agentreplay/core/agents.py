"""The coding agents that can be told of us, to run our hook or to ask our MCP server: where, and what stands there."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["AGENTS", "Agent"]

_SECONDS = 10
"""What a hook may take; it takes a fraction of one."""
_MILLISECONDS = _SECONDS * 1000


def _nested(command: str, event: str) -> Mapping[str, object]:
    """Claude Code's shape, which Codex shares: a matcher says for which tools, where there are tools."""
    hook = {"type": "command", "command": command, "timeout": _SECONDS}
    return {"matcher": "*", "hooks": [hook]} if event in _OF_TOOLS else {"hooks": [hook]}


def _gemini(command: str, event: str) -> Mapping[str, object]:
    hook = {"name": "agentreplay", "type": "command", "command": command, "timeout": _MILLISECONDS}
    return {"matcher": "*", "hooks": [hook]} if event in _OF_TOOLS else {"hooks": [hook]}


def _cursor(command: str, event: str) -> Mapping[str, object]:
    # Only there it is known beforehand which event it is, and one of them waits for an answer.
    return {"command": f"{command} {event}"}


_OF_TOOLS = frozenset(
    "PreToolUse PostToolUse PostToolUseFailure PermissionRequest PermissionDenied BeforeTool AfterTool".split()
)


@dataclass(frozen=True)
class Agent:
    """A coding agent."""

    name: str
    title: str
    file: Callable[[Mapping[str, str]], Path]
    """Its own configuration, or the one that only hooks are in."""
    here: Path | None
    """The same for one folder of a project, where it has one."""
    events: tuple[str, ...] = ()
    item: Callable[[str, str], Mapping[str, object]] = _nested
    """What stands in the list of an event: of the command and the event."""
    servers: str = ""
    """Under which name it lists MCP servers; empty where it is told of hooks."""
    server: Mapping[str, object] = field(default_factory=dict[str, object])
    """What it wants to be told of a server beside its command."""
    version: int | None = None
    """What the file wants to be told under `version`."""
    advice: str = ""
    """What is left to be done by the person."""


def _folder(environment: Mapping[str, str], variable: str, usual: str) -> Path:
    told = environment.get(variable, "").split(",")[0].strip()
    return Path(told).expanduser() if told else Path.home() / usual


def _code(environment: Mapping[str, str]) -> Path:
    """The folder of settings of VS Code."""
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    elif sys.platform == "win32":
        base = _folder(environment, "APPDATA", "AppData/Roaming")
    else:
        base = _folder(environment, "XDG_CONFIG_HOME", ".config")
    return base / "Code" / "User"


AGENTS = {
    agent.name: agent
    for agent in (
        Agent(
            "claude-code",
            "Claude Code",
            lambda environment: _folder(environment, "CLAUDE_CONFIG_DIR", ".claude") / "settings.json",
            Path(".claude/settings.local.json"),
            tuple(
                "SessionStart SessionEnd UserPromptSubmit UserPromptExpansion PreToolUse PostToolUse "
                "PostToolUseFailure PermissionRequest PermissionDenied Notification Stop StopFailure SubagentStart "
                "SubagentStop PreCompact PostCompact DirectoryAdded Setup".split()
            ),
            _nested,
        ),
        Agent(
            "codex",
            "Codex",
            lambda environment: _folder(environment, "CODEX_HOME", ".codex") / "hooks.json",
            Path(".codex/hooks.json"),
            tuple("SessionStart UserPromptSubmit PreToolUse PostToolUse PermissionRequest Stop".split()),
            _nested,
            advice="Codex runs a new hook once you have trusted it: type /hooks in it",
        ),
        Agent(
            "gemini",
            "Gemini CLI",
            lambda _: Path.home() / ".gemini" / "settings.json",
            Path(".gemini/settings.json"),
            # Not those of models: they come for each piece of an answer. Not what is before a tool: it names no call.
            tuple("SessionStart SessionEnd BeforeAgent AfterAgent AfterTool PreCompress Notification".split()),
            _gemini,
        ),
        Agent(
            "cursor",
            "Cursor",
            lambda _: Path.home() / ".cursor" / "hooks.json",
            Path(".cursor/hooks.json"),
            # Not those that may forbid something: what is kept is what was done.
            tuple(
                "sessionStart sessionEnd beforeSubmitPrompt afterAgentResponse afterAgentThought afterShellExecution "
                "afterMCPExecution afterFileEdit stop".split()
            ),
            _cursor,
            version=1,
            advice="`agentreplay connect cursor-mcp` lets it look into recordings, and remember",
        ),
        Agent(
            "cursor-mcp",
            "Cursor",
            lambda _: Path.home() / ".cursor" / "mcp.json",
            Path(".cursor/mcp.json"),
            servers="mcpServers",
        ),
        Agent(
            "vscode",
            "VS Code",
            lambda environment: _code(environment) / "mcp.json",
            Path(".vscode/mcp.json"),
            servers="servers",
            server={"type": "stdio"},
        ),
        Agent(
            "windsurf",
            "Windsurf",
            lambda _: Path.home() / ".codeium" / "windsurf" / "mcp_config.json",
            None,
            servers="mcpServers",
        ),
        Agent(
            "cline",
            "Cline",
            lambda environment: (
                _code(environment) / "globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json"
            ),
            None,
            servers="mcpServers",
        ),
    )
}
"""Each by the name it is asked for with."""
