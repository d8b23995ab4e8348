"""What is read of SWE-agent: thoughts, actions and observations, laid one behind the other."""

import json
from pathlib import Path

from tests.transcripts import Importing, corpus

NAME = "swe-agent-marshmallow-1867.traj"


def test_each_step_is_a_call_and_an_action(importing: Importing, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(corpus()[NAME])
    told = json.loads(corpus()[NAME])

    (outcome,) = importing.read(tmp_path / NAME)

    spans = importing.spans(outcome.session)
    calls, tools = ([span for span in spans if span.kind == kind] for kind in ("llm", "tool"))
    assert len(calls) == len(tools) == len(told["trajectory"])
    assert [importing.kept(span, "answer") for span in tools] == [
        step["observation"] or None for step in told["trajectory"]
    ]
    assert [json.loads(importing.kept(span, "request") or "")["command"] for span in tools] == [
        step["action"].strip() for step in told["trajectory"]
    ]
    assert calls[0].context is not None
    seen = importing.store.contexts.read(importing.tenant, calls[0].context.id)
    assert len(seen) == len(told["trajectory"][0]["messages"])
    assert importing.kept(spans[0], "answer") == told["info"]["submission"]
