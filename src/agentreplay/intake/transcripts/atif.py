"""ATIF, the Agent Trajectory Interchange Format, 1.0 to 1.7: steps of user, agent and system in one document.

What was read counts the cache in. A step that is a copied context was paid for elsewhere. Trajectories of sub-agents
may lie inside, and stand below the call whose result refers to them.
"""

import re
from collections.abc import Mapping
from pathlib import Path, PurePath

from agentreplay.intake.dialects.tokens import dollars, inclusive
from agentreplay.intake.providers.wire import count, mapping, mappings, parse, text, to_json
from agentreplay.intake.transcripts.lines import Line
from agentreplay.intake.transcripts.place import MAIN
from agentreplay.intake.transcripts.reader import Identity, moment, said
from agentreplay.intake.transcripts.state import Thread
from agentreplay.intake.transcripts.story import Story
from agentreplay.model.ids import SpanId
from agentreplay.model.values import Value

__all__ = ["ATIF", "Atif"]

_SESSION = re.compile(rb'"(?:session_id|trajectory_id)"\s*:\s*"([^"\\]{1,200})"')
_TIME = re.compile(rb'"timestamp"\s*:\s*"([^"\\]{1,60})"')


class Atif:
    """The reader."""

    name = "atif"
    is_lines = False
    provider = None
    sees = "reasoning, sub-agents, copied contexts, its own costs"

    def homes(self, home: Path, environment: Mapping[str, str]) -> list[Path]:  # noqa: ARG002 - of the port
        """They lie where a run or an export put them."""
        return []

    def patterns(self) -> tuple[str, ...]:
        return ("**/*.json",)

    def identify(self, path: PurePath, head: bytes) -> Identity | None:
        if path.suffix != ".json" or b'"ATIF-v' not in head:
            return None
        session, time = _SESSION.search(head), _TIME.search(head)
        born = None if time is None else moment(time[1].decode("utf-8", "replace"))
        return Identity(session[1].decode("utf-8", "replace") if session else path.stem, MAIN, born or 0)

    def read(self, story: Story, line: Line) -> None:
        _read(story, mapping(parse(line.data)), story.thread())


ATIF = Atif()


def _read(story: Story, told: dict[str, Value], thread: Thread) -> None:
    agent = mapping(told.get("agent"))
    rest = {name: item for name, item in told.items() if name not in {"steps", "subagent_trajectories"}}
    story.begin(Line(0, to_json(rest)))
    if thread.key == MAIN:
        story.fact("version", agent.get("version"))
        story.fact("agent", agent.get("name"))
    story.note("trajectory", {"schema": text(told.get("schema_version"))}, thread)
    for number, step in enumerate(mappings(told.get("steps")), 1):
        story.begin(Line(number, to_json(step)))
        _step(story, thread, step, text(agent.get("model_name")))
    for inner in mappings(told.get("subagent_trajectories")):
        _sub_agent(story, inner)


def _sub_agent(story: Story, told: dict[str, Value]) -> None:
    key = text(told.get("trajectory_id")) or text(told.get("session_id")) or "sub-agent"
    below = text(story.state.notes.get(f"below {key}"))
    story.begin(Line(0, to_json(mapping(told.get("agent")))))
    thread = story.begin_agent(key, text(mapping(told.get("agent")).get("name")), SpanId(below) if below else None)
    _read(story, told, thread)
    story.end_agent(key)


def _step(story: Story, thread: Thread, step: dict[str, Value], model: str) -> None:
    story.at(moment(step.get("timestamp")))
    key = f"{story.place.session} {thread.key} {step.get('step_id')}"
    words = said(step.get("message"))
    match text(step.get("source")):
        case "user" if thread.key == MAIN:
            story.prompt(key, {"role": "user", "content": step.get("message")}, words)
        case "user" | "system" as role:
            story.hear(thread, {"role": role, "content": step.get("message")})
            story.note(role, None, thread)
        case "agent":
            _answer(story, thread, step, key, text(step.get("model_name")) or model)
        case source:
            story.unknown(f"step of {source}")


def _answer(story: Story, thread: Thread, step: dict[str, Value], key: str, model: str) -> None:
    calls = mappings(step.get("tool_calls"))
    parts: list[Value] = []
    if thought := text(step.get("reasoning_content")):
        parts.append({"type": "thinking", "thinking": thought})
    message = step.get("message")
    if isinstance(message, list):
        parts += message
    elif text(message):
        parts.append({"type": "text", "text": message})
    parts += [{"type": "tool_use", **call} for call in calls]
    draft = story.answer(thread, key, parts, model or None)
    told = mapping(step.get("metrics"))
    read, written = count(told.get("prompt_tokens")), count(told.get("completion_tokens"))
    draft.use(inclusive(read, written, cache_read=count(told.get("cached_tokens"))))
    draft.cost = dollars(told["cost_usd"]) if told.get("cost_usd") else None
    if step.get("is_copied_context") is True:
        draft.charged = False
    if effort := step.get("reasoning_effort"):
        draft.attributes["reasoning_effort"] = effort
    _call(story, thread, calls, mappings(mapping(step.get("observation")).get("results")))


def _call(story: Story, thread: Thread, calls: list[dict[str, Value]], told: list[dict[str, Value]]) -> None:
    """The calls of a step with what came of them, and what was observed beside."""
    results = {text(one.get("source_call_id")): one for one in told}
    for call in calls:
        own = text(call.get("tool_call_id"))
        # Some writers count calls anew in each trajectory.
        key = f"{story.place.session} {thread.key} {own}"
        tool = story.call(thread, key, text(call.get("function_name")), call.get("arguments"))
        tool.attributes["tool_use_id"] = own
        result = results.pop(own, None)
        if result is None:
            continue
        for inner in mappings(result.get("subagent_trajectory_ref")):
            for name in ("trajectory_id", "session_id"):
                story.state.notes.setdefault(f"below {text(inner.get(name))}", tool.id)
        story.result(key, result.get("content"), thread=thread)
        story.hear(thread, {"role": "tool", "tool_call_id": own, "content": result.get("content")})
    for rest in results.values():
        story.hear(thread, {"role": "user", "content": rest.get("content")})
