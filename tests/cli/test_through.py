"""A program in any language is recorded by what it asks through the gateway, and answered from the recording."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agentreplay.model.ids import ProjectId, SessionId, TenantId
from agentreplay.model.session import SessionKey
from agentreplay.store.registry import open_store
from agentreplay.testing import Line, ScriptedModels

pytestmark = pytest.mark.slow

SOURCE = Path(__file__).parent.parent.parent / "src"
# As a coding agent written in JavaScript asks, whose library reads the variable.
AGENT = """
import fs from "node:fs";
const base = process.env.ANTHROPIC_BASE_URL;
let said = "";
for (const question of JSON.parse(process.argv[2])) {
  const answer = await fetch(`${base}/v1/messages`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": "secret-of-mine", "anthropic-version": "2023-06-01" },
    body: JSON.stringify({ model: "scripted", max_tokens: 9, messages: [{ role: "user", content: said + question }] }),
  });
  const told = await answer.json();
  said = told.content ? told.content[0].text : told.error.message;
  fs.appendFileSync(process.argv[3], `${answer.status} ${said}\\n`);
}
process.exit(said.startsWith("the answer") ? 0 : 9);
"""


@pytest.fixture(scope="module")
def models() -> Iterator[ScriptedModels]:
    with ScriptedModels(lambda _, body: Line(text=f"the answer to {body['messages'][-1]['content'][-5:]}")) as models:
        yield models


class Desk:
    """A folder to work in, and the command line as users have it."""

    def __init__(self, folder: Path, models: ScriptedModels) -> None:
        self.folder = folder
        self.said = folder / "said"
        self.models = models
        (folder / "agent.mjs").write_text(AGENT)

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        base = {"ANTHROPIC_BASE_URL": self.models.url.removesuffix("/v1")}
        place = {"AGENTREPLAY_DB": str(self.folder / "data"), "PYTHONPATH": str(SOURCE)}
        command = [sys.executable, "-m", "agentreplay.cli", *arguments]
        environment = {**os.environ, **base, **place}
        return subprocess.run(
            command, capture_output=True, text=True, env=environment, cwd=self.folder, check=False, timeout=120
        )

    def agent(self, *questions: str) -> list[str]:
        return ["node", "agent.mjs", json.dumps(questions), str(self.said)]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, models: ScriptedModels) -> Desk:
    return Desk(tmp_path_factory.mktemp("desk"), models)


@pytest.fixture(scope="module")
def recorded(desk: Desk) -> dict[str, Any]:
    done = desk.run("--json", "run", "--gateway", "--label", "team=red", "--", *desk.agent("one", "two"))
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_full_requests_and_answers_are_on_the_tape(desk: Desk, recorded: dict[str, Any]) -> None:
    assert recorded["exit_code"] == 0
    assert [line[:17] for line in desk.said.read_text().splitlines()][:2] == ["200 the answer to", "200 the answer to"]
    store = open_store(desk.folder / "data")
    store.drain()
    row = store.sessions.get(SessionKey(TenantId("local"), ProjectId("default"), SessionId(recorded["session"])))
    store.close()
    assert row is not None
    assert row.session.program is not None
    assert (row.session.program.argv[:2], row.session.program.cwd) == (("node", "agent.mjs"), str(desk.folder))
    assert row.session.labels == {"team": "red"}
    assert row.summary.kinds["llm"] == 2
    assert row.status == "completed"


def test_it_is_answered_from_the_recording(desk: Desk, recorded: dict[str, Any]) -> None:
    before, asked = desk.said.read_text(), len(desk.models.requests)

    done = desk.run("replay", recorded["session"])

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("identical  2 of 2 calls served")
    assert desk.said.read_text() == before * 2, "the program was told the same"
    assert len(desk.models.requests) == asked, "nobody else was asked"


def test_another_question_diverges(desk: Desk, recorded: dict[str, Any]) -> None:
    done = desk.run("replay", recorded["session"], "--", *desk.agent("one", "three"))

    assert done.returncode == 3, done.stderr
    assert done.stdout.startswith("diverged")


def test_a_program_that_asks_nobody_is_told_of(desk: Desk) -> None:
    done = desk.run("run", "--gateway", "--", "node", "-e", "process.exit(4)")

    assert done.returncode == 4
    assert "nothing was recorded" in done.stderr
