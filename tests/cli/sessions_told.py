"""A small coding session as a reader of transcripts tells it, for tests that show it."""

from typing import Any

from agentreplay.intake.dialects.plain import content_of
from agentreplay.model.batch import Batch
from agentreplay.model.content import Content, Kept
from agentreplay.model.session import Program
from agentreplay.model.span import Span
from agentreplay.model.usage import NanoDollars, Usage
from agentreplay.testing import Maker, batch_of

__all__ = ["SECRET", "coding_session"]

SECRET = "sk-proj-" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7" * 2


def coding_session(make: Maker) -> Batch:
    """Asked for a fix; a file is read, edited twice, a test fails and is left running."""
    contents: list[Content] = []

    def span(request: Any = None, answer: Any = None, **fields: Any) -> Span:
        kept: list[Kept] = []
        for role, value in (("request", request), ("answer", answer)):
            if value is not None:
                content = content_of(value)
                contents.append(content)
                kept.append(Kept(role=role, hash=content.hash))
        return make.span(trace_id=trace, kept=tuple(kept), **fields)

    trace = make.new_trace_id()
    turn = span("Fix the parser <now>.\nIt fails on `a < b`.", kind="step", name="Fix the parser")
    said = {
        "role": "assistant",
        "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "I look."}],
    }
    last = {"role": "assistant", "content": [{"type": "text", "text": f"Done; the key was {SECRET}."}]}
    edit = {"file_path": "/srv/parser.py", "old_string": "<", "new_string": "</script>"}
    used = {"usage": Usage(input=1_000), "cost": NanoDollars(3_000_000)}
    spans = [
        turn,
        span(None, said, kind="llm", model="claude-sonnet-4", **used),
        span({"file_path": "/srv/parser.py"}, "def parse(): ...", kind="tool", name="Read", tool="Read"),
        span(edit, "ok", kind="tool", name="Edit", tool="Edit"),
        span(edit, "ok", kind="tool", name="Edit", tool="Edit"),
        span({"command": "pytest -q"}, "1 failed", kind="tool", name="Bash", tool="Bash", status="error",
             status_message="exit 1"),
        span({"command": "pytest -q -x"}, kind="tool", name="Bash", tool="Bash", end=None, status="unset"),
        span(None, last, kind="llm", model="claude-sonnet-4"),
    ]  # fmt: skip
    session = make.session(agent="claude-code", name="The parser", program=Program(cwd="/srv"), labels={"a": "b"})
    return batch_of(session, *spans, *contents, tenant=make.tenant)
