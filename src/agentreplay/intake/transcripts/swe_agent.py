"""SWE-agent: a trajectory of actions and observations in one document, without times.

Each step tells how long its action took, so that the steps are laid one behind the other from when the file was
written first. Tokens and cost are told for all of it, and stand at the turn.
"""

from collections.abc import Mapping
from pathlib import Path, PurePath

from blake3 import blake3

from agentreplay.intake.dialects.tokens import dollars, exclusive
from agentreplay.intake.providers.wire import count, mapping, mappings, parse, sequence, text, to_json
from agentreplay.intake.transcripts.lines import Line
from agentreplay.intake.transcripts.reader import Identity, said
from agentreplay.intake.transcripts.story import Story
from agentreplay.model.ids import ContextId
from agentreplay.model.time import SECOND
from agentreplay.model.values import Value

__all__ = ["SWE_AGENT", "SweAgent"]

_HEAD = 2_000
_DAY = 86_400.0


class SweAgent:
    """The reader."""

    name = "swe-agent"
    is_lines = False
    provider = None
    sees = "thoughts, the terminal's state, the submission, tokens and cost of the whole"

    def homes(self, home: Path, environment: Mapping[str, str]) -> list[Path]:  # noqa: ARG002 - of the port
        """They lie where each run was told to put them."""
        return []

    def patterns(self) -> tuple[str, ...]:
        return ("**/*.traj",)

    def identify(self, path: PurePath, head: bytes) -> Identity | None:
        if path.suffix != ".traj" or b'"trajectory"' not in head:
            return None
        # One task is run many times: how the first step went tells which run it is.
        return Identity(f"{path.stem}-{blake3(head[:_HEAD]).hexdigest(4)}")

    def read(self, story: Story, line: Line) -> None:
        told = mapping(parse(line.data))
        info = mapping(told.get("info"))
        story.begin(Line(0, to_json({name: item for name, item in told.items() if name != "trajectory"})))
        config = told.get("replay_config")
        settings = mapping(parse(config) if isinstance(config, str) else config)
        model = text(mapping(mapping(mapping(settings.get("agent")).get("model"))).get("name"))
        steps = mappings(told.get("trajectory"))
        _begin(story, mappings(told.get("history")), steps, info)
        heard = _Heard(story)
        for number, step in enumerate(steps, 1):
            story.begin(Line(number, to_json(step)))
            _step(story, heard, step, model.rpartition("/")[2] or None, number)


SWE_AGENT = SweAgent()


class _Heard:
    """What the model saw at the step before: each step tells all of it, and most of it again."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._messages: list[Value] = []
        self._contexts: list[ContextId | None] = []

    def go_on_with(self, messages: list[Value]) -> None:
        same = 0
        while same < min(len(messages), len(self._messages)) and messages[same] == self._messages[same]:
            same += 1
        thread = self._story.thread()
        self._story.end_answer(thread)
        del self._contexts[same:]
        thread.context = self._contexts[-1] if same else None
        for message in messages[same:]:
            self._story.hear(thread, message)
            self._contexts.append(thread.context)
        self._messages = messages


def _begin(
    story: Story, history: list[dict[str, Value]], steps: list[dict[str, Value]], info: dict[str, Value]
) -> None:
    first = history or mappings(steps[0].get("messages") or steps[0].get("query")) if steps else history
    task = next((said(one.get("content")) for one in first if one.get("role") == "user"), "")
    draft = story.prompt("task", None, task)
    told = mapping(info.get("model_stats"))
    draft.usage = (
        exclusive(input=count(told.get("tokens_sent")), output=count(told.get("tokens_received"))) or draft.usage
    )
    draft.cost = dollars(told.get("instance_cost")) or None
    draft.attributes |= {name: info[name] for name in ("exit_status",) if text(info.get(name))}
    if submission := text(info.get("submission")):
        story.hold(draft, "answer", submission)


def _step(story: Story, heard: _Heard, step: dict[str, Value], model: str | None, number: int) -> None:
    thread = story.thread()
    heard.go_on_with(sequence(step.get("messages") or step.get("query")))
    said_then = text(step.get("response")) or text(step.get("thought"))
    action = text(step.get("action")).strip()
    key = f"{story.place.session} step {number}"
    parts: list[Value] = [{"type": "text", "text": said_then}] if said_then else []
    story.answer(thread, key, parts, model)
    if action:
        tool = action.split()[0]
        draft = story.call(thread, key, tool[:80], {"command": action})
        if state := mapping(step.get("state")):
            draft.attributes["state"] = state
        took = step.get("execution_time")
        seconds = took if isinstance(took, int | float) and not isinstance(took, bool) and 0 < took < _DAY else 0.0
        story.at(story.time + max(1, round(seconds * SECOND)))
        story.result(key, step.get("observation"), thread=thread)
    if number == 1:
        story.fact("cwd", mapping(step.get("state")).get("working_dir"))
