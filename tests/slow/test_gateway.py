"""Programs of users, in Python with the libraries of the providers and in JavaScript, through the gateway: only the
address they are given is changed, to record them, and to replay them with the models gone.
"""

import os
import shutil
import subprocess
from pathlib import Path
from random import Random

import pytest

from agentreplay.intake.providers import Asked
from agentreplay.model.values import Value
from agentreplay.testing import Line, ScriptedModels, improvise
from tests.server.gateway.stage import Stage, staged

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAMS = ROOT / "tests" / "programs"
PYTHON = str(ROOT / ".venvs" / "programs" / "bin" / "python")


def interpreter(program: str) -> str:
    found = shutil.which("node") if program.endswith(".mjs") else shutil.which(PYTHON)
    if found is None:
        pytest.fail("what it runs on is not set up; `make slow` does it, and wants node")
    return found


def shuffling_models() -> ScriptedModels:
    """Models whose answers come back in another order than they were asked for."""
    chance = Random(7)

    def shuffled(asked: Asked, body: Value) -> Line:
        reply = improvise(asked, body)
        fields = {name: getattr(reply, name) for name in ("text", "tool_calls", "usage")}
        return Line(**fields, after=chance.random() / 10)

    return ScriptedModels(shuffled)


@pytest.mark.parametrize(
    ("program", "upstream", "calls"),
    [
        ("openai_calls.py", "openai", 57),
        ("anthropic_calls.py", "anthropic", 3),
        ("gemini_calls.py", "gemini", 2),
        ("fetch_stream.mjs", "openai", 3),
    ],
)
def test_an_unchanged_program_is_recorded_and_replayed_by_its_address(
    program: str, upstream: str, calls: int, tmp_path: Path
) -> None:
    models = shuffling_models()
    with models, staged(tmp_path / "data", models) as stage:
        recorded = run(program, stage, f"session/recorded/{upstream}")
        assert len(stage.tape("recorded", calls=calls).calls) >= calls
        models.stop()
        replay = stage.replay("recorded")
        replayed = run(program, stage, f"replay/{replay['token']}/{upstream}")
        verdict = stage.verdict(replay)

    assert verdict["status"] == "identical", verdict
    assert verdict["calls"] == verdict["served"] >= calls
    assert without_order(replayed) == without_order(recorded)


def run(program: str, stage: Stage, below: str) -> str:
    done = subprocess.run(
        [interpreter(program), str(PROGRAMS / program)],
        capture_output=True,
        env={**os.environ, "MODELS_URL": f"{stage.server.address}/gateway/{below}"},
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def without_order(output: str) -> list[str]:
    """What came first of what was asked at once is decided by the scheduler, in a replay too."""
    return [line for line in output.splitlines() if not line.startswith("came back in the order")]
