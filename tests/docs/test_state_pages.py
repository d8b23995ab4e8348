"""The examples of the pages on state run as they stand, one after the other in a data folder of their own."""

import re
from pathlib import Path

import pytest

from agentreplay.sdk.instrument import uninstrument

DOCS = Path(__file__).resolve().parents[2] / "docs"
EXAMPLE = re.compile(r"```python\n(.*?)```", re.DOTALL)
PAGES = ("memory.md", "snapshots.md", "state.md", "timeline.md", "coming-from/statehouse.md")
NEEDS_MORE = ("01K…", "s3://")
"""What stands for a session or a bucket of the reader's."""


def examples() -> list[object]:
    found: list[object] = []
    for name in PAGES:
        text = (DOCS / name).read_text(encoding="utf-8")
        for number, code in enumerate(EXAMPLE.findall(text), 1):
            if not any(sign in code for sign in NEEDS_MORE):
                found.append(pytest.param(code, id=f"{name} {number}"))
    return found


@pytest.mark.parametrize("code", examples())
def test_an_example_runs(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AGENTREPLAY_DB", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)

    try:
        exec(compile(code, "example", "exec"), {"__name__": "example", "agent": {"history": ["hello"]}})
    finally:
        uninstrument()

    assert capsys.readouterr().out or "print" not in code
