"""All that other agents are offered: the tools by their names, the resources, the prompts."""

from collections.abc import Mapping
from functools import cache

from agentreplay.server.mcp.declared import Tool
from agentreplay.server.mcp.tools import comparing, memory, running, scores, sessions, spans

__all__ = ["tools"]

_READING = (
    sessions.list_projects,
    sessions.search_sessions,
    sessions.get_session,
    sessions.session_summary,
    spans.get_span,
    spans.get_context,
    spans.related_spans,
    comparing.compare_sessions,
    comparing.measures,
    memory.recall,
    memory.list_memories,
    memory.get_context_for,
)
_WRITING = (memory.remember, memory.forget, scores.add_score)
_RUNNING = (running.replay_session, running.fork_session, running.get_job)


@cache
def tools(*, may_run: bool, may_write: bool) -> Mapping[str, Tool]:
    """The tools by name; those that change something, and those that run programs, only where that is allowed."""
    found = [Tool(function) for function in _READING]
    if may_write:
        found += [Tool(function, writes=True) for function in _WRITING]
    if may_run:
        found += [Tool(function, runs_programs=True) for function in _RUNNING]
    return {tool.name: tool for tool in found}
