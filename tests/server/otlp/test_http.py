"""The official exporters for Node, told nothing but where to send."""

import os
import subprocess
from pathlib import Path

import pytest

from agentreplay.intake.records import LOG, METRIC
from tests.server.running import running, spans_of

pytestmark = pytest.mark.slow

JAVASCRIPT = Path(__file__).parent / "javascript"


def test_the_official_exporters_for_node_deliver_everything(tmp_path: Path) -> None:
    assert (JAVASCRIPT / "node_modules").is_dir(), "`make slow` installs what this needs"
    with running(tmp_path) as server:
        environment = {"PATH": os.environ["PATH"], "OTEL_EXPORTER_OTLP_ENDPOINT": server.address}

        done = subprocess.run(
            ["node", "program.mjs"], cwd=JAVASCRIPT, env=environment, capture_output=True, timeout=60, check=True
        )

    assert done.stderr == b""
    found = {span.name: span for span in spans_of(tmp_path)}
    assert {f"{kind} {number}" for kind in ("outer", "inner") for number in range(500)} <= found.keys()
    outer, inner, record, point = (found[name] for name in ("outer 7", "inner 7", "a log record", "cost"))
    told = {"list": ["a", "b"], "numbers": [1, 2], "whole": 7, "ratio": 0.5, "yes": True, "text": "x" * 500}
    assert outer.attributes == {**told, "otel.span.kind": "client"}
    (event,), (link,) = outer.events, outer.links
    assert (event.name, event.attributes) == ("happened", {"deep": ["one"]})
    assert (link.trace_id, link.span_id, link.attributes) == ("1" * 32, "2" * 16, {"why": "so"})
    assert outer.resource["telemetry.sdk.language"] == "nodejs"
    assert outer.scope == {"otel.scope.name": "program", "otel.scope.version": "1.0"}
    assert (inner.parent_id, inner.status, inner.status_message) == (outer.span_id, "error", "no")
    assert (record.attributes["bytes"], record.attributes["map"]) == (b"\x00\xff", {"inner": [True]})
    assert record.attributes[LOG]["body"] == {"said": [1, "two", {"three": 3}]}
    assert (point.session, point.attributes[METRIC]["value"]) == ("the session", 3)
