"""What a recording shows of those who speak to no model over HTTP: the Claude Agent SDK, and clients of MCP.

Their rows stand in the same table as those of tests/slow/frameworks.py.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from agentreplay.model.span import Span
from tests.sdk.home import Home
from tests.slow.test_programs import PROGRAMS, Desk, python_of

__all__ = ["APART"]

_CLAUDE_COST = 792_000
"""Of a run, in nano-dollars: 160 tokens at 3, 40 from the cache at 0.3, 20 at 15 per million."""


def _recorded(program: str, folder: Path) -> tuple[Desk, Home, str]:
    desk = Desk(folder / "data", "", python_of("programs"))
    done = desk.agentreplay("run", "--", desk.python, str(PROGRAMS / f"{program}.py"))
    home, session = Home(desk.folder), desk.last_session()
    if done.returncode or home.troubles(session):
        raise AssertionError(done.stderr.decode(), home.troubles(session))
    return desk, home, session


def _replays(desk: Desk, session: str) -> bool:
    verdict = desk.verdict(session, CLAUDE_CODE="/nowhere/claude")
    return bool(verdict["status"] == "identical" and verdict["calls"] == verdict["served"] > 0)


def _forks(desk: Desk, session: str, at: Span) -> bool:
    """Whether the program goes on from there; what was before is served."""
    return desk.agentreplay("fork", session, "--at", str(at.seq)).returncode == 0


def _is_whole(tool: Span) -> bool:
    return {"input", "output"} <= set(tool.attributes)


def claude_agent(folder: Path) -> dict[str, bool]:
    """The Claude Agent SDK, with what speaks as Claude Code does."""
    desk, home, session = _recorded("claude_agent", folder)
    spans, calls = home.spans(session), home.tape(session).calls
    runs = [span for span in spans if span.kind == "llm"]
    tools = [span for span in spans if span.kind == "tool"]
    return {
        "agents": any(span.kind == "agent" for span in spans) or all(span.agent for span in runs),
        "steps": any(span.kind == "step" for span in spans[2:]),
        "tools": any(map(_is_whole, tools)) and all(map(_is_whole, [span for span in tools if span.status == "ok"])),
        "messages": any("You plan journeys." in str(call.request.head) for call in calls),
        "tokens": all(span.usage.input == 160 and span.usage.output == 20 for span in runs),
        "cost": all(span.cost == _CLAUDE_COST for span in runs),
        "streaming": all(call.answer is not None and call.answer.chunks for call in calls if call.label[:3] == "llm"),
        "errors": any(span.status_message.endswith("no line goes to Rome") for span in tools),
        "hand-offs": len({span.agent for span in runs} - {None}) > 1,
        "graph": False,
        "replays": _replays(desk, session),
        "forks": _forks(desk, session, runs[0]),
    }


def mcp_calls(folder: Path) -> dict[str, bool]:
    """A client of MCP, over stdio. It asks no model, so that most of what others tell is not to be seen in it."""
    desk, home, session = _recorded("mcp_calls", folder)
    spans, calls = home.spans(session), home.tape(session).calls
    tools = [span for span in spans if span.kind == "mcp" and span.tool == "weather"]
    told = [call for call in calls if call.request.head.get("tool") == "weather"]
    is_whole = all(call.answer is not None and b"sunny in" in call.answer.body for call in told)
    is_whole = is_whole and [b"Paris" in call.request.body for call in told] == [True, False]
    nothing = dict.fromkeys(("agents", "steps", "messages", "tokens", "cost", "streaming"), False)
    return {
        **nothing,
        "tools": len(tools) == len(told) == 2 and is_whole,
        "errors": any(span.status == "error" for span in tools),
        "hand-offs": False,
        "graph": False,
        "replays": _replays(desk, session),
        "forks": _forks(desk, session, tools[1]),
    }


APART: dict[str, Callable[[Path], dict[str, Any]]] = {"claude_agent": claude_agent, "mcp_calls": mcp_calls}
"""By the program that uses it."""
