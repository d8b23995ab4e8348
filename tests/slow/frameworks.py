"""What a recording of each framework shows: the table of docs/frameworks.md, and what the tests compare: the trees, and
what each program says when nobody records it.

`python -m tests.slow.frameworks [PROGRAM …]` looks anew and writes it to tests/golden/frameworks.json.
"""

import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentreplay.model.call import Call
from agentreplay.model.span import Span
from agentreplay.sdk.frameworks import FRAMEWORKS
from agentreplay.testing import Line, ScriptedModels
from agentreplay.testing.script import Director
from tests.sdk.home import Home
from tests.slow.frameworks_apart import APART
from tests.slow.story import USAGE, script_of
from tests.slow.test_programs import PROGRAMS, Desk, python_of

__all__ = [
    "ENVIRONMENTS",
    "KEPT",
    "NAMING_PLACES",
    "Models",
    "Recorded",
    "forks_at_tools",
    "kept",
    "look",
    "look_alone",
    "look_without_hooks",
    "main",
    "recorded",
    "tree_of",
]

KEPT = Path(__file__).resolve().parent.parent / "golden" / "frameworks.json"
ENVIRONMENTS = {
    "adk_agent": "litellm",
    "agno_agent": "frameworks",
    "autogen_agent": "microsoft",
    "crewai_agent": "crewai",
    "dspy_agent": "crewai",
    "haystack_agent": "frameworks",
    "instructor_agent": "crewai",
    "langgraph_agent": "programs",
    "litellm_agent": "litellm",
    "llama_index_agent": "frameworks",
    "openai_agent": "programs",
    "pydantic_agent": "programs",
    "semantic_kernel_agent": "microsoft",
    "smolagents_agent": "frameworks",
    "strands_agent": "frameworks",
}
"""The environment that each program runs in."""
NAMING_PLACES = {"agno_agent"}
"""Who says where files lie, which is otherwise on each machine; it is run alone each time to know what it says."""

_SYSTEM = "You plan journeys.", "You know the weather."
_FAILED = "no line goes to Rome", "TOOL_ERROR", "Error running tool (non-fatal)"
_COST = 40_500
"""Of what a model says once, in nano-dollars: 80 tokens at 0.25, 20 from the cache at 0.025, 10 at 2 per million."""
_CHANGES = ("weather", 'arguments={"city": "Oslo"}', "sunny in Oslo"), ("trains", "result=At nine.", "At nine.")
"""What is otherwise of which tool, and what the model is told of it then."""
_NEW_SYSTEM = "You like buses."
_PATH = os.environ.get("PYTHONPATH", "")
_OTHER_SHAPE = Path(__file__).parent / "other_shape"
"""What a recorded program finds at its start so that no hook fits its framework."""


class Models:
    """Scripted models that keep their address, and are given another script for each run."""

    def __init__(self) -> None:
        self._director = Director([])
        self.server = ScriptedModels(lambda asked, body: self._director.line(asked, body)[0])

    def learn(self, script: Sequence[Line]) -> None:
        """Forget the script there was."""
        self._director = Director(script)


@dataclass(frozen=True)
class Recorded:
    """A program that was recorded once, for all that is tried with it."""

    program: str
    desk: Desk
    models: Models
    session: str
    asked: int
    """How often it asked a model."""
    said: bytes
    """What it wrote to stdout."""

    @property
    def home(self) -> Home:
        return Home(self.desk.folder)


@contextmanager
def recorded(program: str, folder: Path) -> Iterator[Recorded]:
    """Record a program; its models are there as long as the context, and have nothing more to say."""
    with _ran(program, folder, _PATH) as found:
        if troubles := found.home.troubles(found.session):
            raise AssertionError(troubles)
        yield found


@contextmanager
def _ran(program: str, folder: Path, path: str) -> Iterator[Recorded]:
    """The same, whatever could not be recorded of it."""
    with _told(program, folder) as (desk, models):
        done = desk.agentreplay("run", "--", desk.python, str(PROGRAMS / f"{program}.py"), PYTHONPATH=path)
        if done.returncode:
            raise AssertionError(done.stderr.decode())
        models.learn([])
        yield Recorded(program, desk, models, desk.last_session(), len(models.server.requests), done.stdout)


@contextmanager
def _told(program: str, folder: Path) -> Iterator[tuple[Desk, Models]]:
    """A desk in the program's environment, and models that know what to say to it."""
    environment, models = python_of(ENVIRONMENTS[program]), Models()
    with models.server:
        models.learn(script_of(program))
        yield Desk(folder / "data", models.server.url, environment), models


def look_alone(program: str, folder: Path) -> list[str]:
    """Run a program without us; returns what it says."""
    with _told(program, folder) as (desk, _):
        done = desk.run(desk.python, str(PROGRAMS / f"{program}.py"))
    if done.returncode:
        raise AssertionError(done.stderr.decode())
    return done.stdout.decode().splitlines()


def look_without_hooks(program: str, folder: Path) -> dict[str, bool]:
    """Record and replay a program where no hook fits its framework; returns what is seen."""
    alone = look_alone(program, folder) if program in NAMING_PLACES else kept()[program]["says"]
    path = os.pathsep.join([str(_OTHER_SHAPE), *filter(None, [_PATH])])
    with _ran(program, folder, path) as found:
        verdict = found.desk.verdict(found.session, PYTHONPATH=path)
        sys.stdout.write(json.dumps(verdict, indent=1))
        # Behind the session and its process there are the calls, and nothing that a hook tells.
        spans = list(found.home.spans(found.session))[2:]
        calls = found.home.tape(found.session).calls
        return {
            "as ever": found.said.decode().splitlines() == alone,
            "told once": _is_told_once(found.home.troubles(found.session)),
            "recorded": len(spans) == len(calls) == found.asked and {span.kind for span in spans} == {"llm"},
            "replays": verdict["status"] == "identical" and verdict["served"] == found.asked,
        }


def _is_told_once(troubles: Mapping[str, int]) -> bool:
    """Whether hooks that do not fit are all that is told, each at most once for each library that it is for."""
    told = Counter[str]()
    for kind, times in troubles.items():
        told[kind.partition(": ")[0]] += times
    return bool(told) and told <= Counter(f"the framework {hook}" for hook in FRAMEWORKS.values())


def look(found: Recorded) -> dict[str, Any]:
    """Replay a program and fork it; returns what it said, its tree and what else is seen."""
    spans, calls = found.home.spans(found.session), found.home.tape(found.session).calls
    before = len(found.models.server.requests)
    verdict = found.desk.verdict(found.session)
    sys.stdout.write(json.dumps(verdict, indent=1))
    is_quiet = len(found.models.server.requests) == before
    return {
        **_says(found.program, found.said.decode().splitlines()),
        "tree": tree_of(spans),
        "seen": {
            **_shape(spans),
            **_calls(spans, calls, found.asked),
            "replays": is_quiet and verdict["status"] == "identical" and verdict["served"] == found.asked,
            "forks": _forks(found, spans),
        },
    }


def _says(program: str, said: Sequence[str]) -> dict[str, Sequence[str]]:
    return {} if program in NAMING_PLACES else {"says": said}


def tree_of(spans: Sequence[Span]) -> list[str]:
    """The spans below the process, as one sees them."""
    return list(_tree(spans))


def _tree(spans: Sequence[Span]) -> Iterator[str]:
    depths: dict[str | None, int] = {None: -2}
    for span in _in_order(spans):
        depth = depths[span.span_id] = depths[span.parent_id] + 1
        if depth >= 1:
            failed = " (error)" if span.status == "error" else ""
            yield f"{'  ' * (depth - 1)}{span.kind} {span.name}{failed}"


def _in_order(spans: Sequence[Span]) -> Iterator[Span]:
    """Each before what lies in it."""
    below: dict[str | None, list[Span]] = {}
    for span in spans:
        below.setdefault(span.parent_id, []).append(span)
    waiting = list(reversed(below.get(None, [])))
    while waiting:
        span = waiting.pop()
        yield span
        waiting += sorted(below.get(span.span_id, []), key=lambda one: -one.seq)


def _shape(spans: Sequence[Span]) -> dict[str, bool]:
    own = list(spans)[2:]
    models = [span for span in own if span.kind == "llm"]
    tools = [span for span in own if span.kind == "tool"]
    return {
        "agents": all(span.agent for span in models),
        "steps": any(span.kind == "step" for span in own),
        "tools": any(map(_is_whole, tools)) and all(_is_whole(span) for span in tools if span.status != "error"),
        "errors": any(span.status == "error" and span.status_message.strip().endswith(_FAILED) for span in tools),
        "hand-offs": len({span.agent for span in models} - {None}) > 1,
        "graph": any("langgraph.node" in span.attributes for span in own),
    }


def _is_whole(tool: Span) -> bool:
    return {"input", "output"} <= set(tool.attributes)


def _calls(spans: Sequence[Span], calls: Sequence[Call], asked: int) -> dict[str, bool]:
    models = [span for span in spans if span.kind == "llm"]
    if not len(models) == len(calls) == asked:
        raise AssertionError(f"{asked} calls were made, {len(calls)} are on the tape, and {len(models)} are told")
    first = calls[0].request.body.decode()
    return {
        "messages": any(words in first for words in _SYSTEM) and all(span.context for span in models),
        "tokens": all(span.usage == USAGE for span in models),
        "cost": all(span.cost == _COST for span in models),
        "streaming": any("gen_ai.response.time_to_first_chunk" in span.attributes for span in models),
    }


def _forks(found: Recorded, spans: Sequence[Span]) -> bool:
    """Whether it goes on with another instruction from where the second tool's result is told to the model."""
    tools = [span.seq for span in spans if span.kind in {"tool", "parsing"}]
    asked = [span.seq for span in spans if span.kind == "llm"]
    # Where nobody tells of the tools, it is the fourth question that tells what the second of them found.
    step = next(seq for seq in asked if seq > tools[1]) if tools else asked[3]
    # What was said before is served, and is not said again.
    found.models.learn(script_of(found.program)[asked.index(step) :])
    forked = found.desk.agentreplay("fork", found.session, "--at", str(step), "--set", f"system={_NEW_SYSTEM}")
    found.models.learn([])
    before = {str(call.address): call for call in found.home.tape(found.session).calls if call.seq < step}
    calls = found.home.tape(found.desk.last_session()).calls
    if forked.returncode:
        raise AssertionError(forked.stderr.decode())
    changed = [call for call in calls if str(call.address) not in before]
    return len(calls) == len(before) + len(changed) and _NEW_SYSTEM in changed[0].request.body.decode()


def forks_at_tools(found: Recorded) -> list[bool]:
    """Give one tool of a program something else, and let another find something else."""
    spans = found.home.spans(found.session)
    return [_forks_at_tool(found, spans, *change) for change in _CHANGES]


def _forks_at_tool(found: Recorded, spans: Sequence[Span], name: str, change: str, told: str) -> bool:
    """Whether the tool does as the fork wants; the model that is told of it has no answer, and the program may fail."""
    tool = next(span for span in spans if span.kind == "tool" and span.name.endswith(name))
    done = found.desk.agentreplay("--json", "fork", tool.session, "--at", str(tool.seq), "--set", change)
    # What the program prints stands before it.
    if json.loads(done.stdout[done.stdout.rindex(b'{"session"') :])["missed"]:
        return False
    after = [call for call in found.home.tape(found.desk.last_session()).calls if call.seq > tool.seq]
    return bool(after) and told in after[0].request.body.decode()


def kept() -> Mapping[str, Any]:
    """What was seen when somebody looked last, by program."""
    found: Mapping[str, Any] = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    return found


def main(programs: Sequence[str]) -> None:
    """Look, and write what is seen."""
    seen = dict(kept())
    for program in programs or sorted([*ENVIRONMENTS, *APART]):
        with tempfile.TemporaryDirectory() as folder:
            if program in APART:
                seen[program] = {"seen": APART[program](Path(folder))}
            else:
                with recorded(program, Path(folder)) as found:
                    # The tests compare what it says recorded with what it says alone.
                    seen[program] = {**look(found), **_says(program, look_alone(program, Path(folder)))}
        text = json.dumps(dict(sorted(seen.items())), indent=1, ensure_ascii=False)
        KEPT.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
