"""Edited functions are named."""

from pathlib import Path

import pytest

from agentreplay.sdk import sources
from agentreplay.sdk.sources import code_digest, edited

BEFORE = "def one(x):\n    return x in {'a', 'b'}\n\nclass Two:\n    def three(self):\n        return 3\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "program.py"
    path.write_text(BEFORE)
    return path


def recorded(file: Path) -> dict[str, str]:
    return sources._functions(file.name)


def test_nothing_is_edited_by_moving_it_or_by_remarks(file: Path) -> None:
    before = recorded(file)

    file.write_text(f"# a remark\n\n\n{BEFORE}\n# another\n")

    assert edited(before) == []


def test_what_does_something_else_is_edited(file: Path) -> None:
    before = recorded(file)

    file.write_text(BEFORE.replace("return 3", "return 4"))

    assert [name for name in edited(before) if name.endswith("three")] == ["program.py:Two.three"]
    assert "program.py:one" not in edited(before)


def test_what_is_gone_is_edited(file: Path) -> None:
    before = recorded(file)

    file.unlink()

    assert edited(before) == sorted(name for name in before if not name.endswith(":<module>"))


def test_names_arguments_and_constants_count() -> None:
    texts = ["lambda x: x.a", "lambda x: x.b", "lambda y: y.a", "lambda x: 1", "lambda x: 1.0", "lambda x: '1'"]

    assert len({code_digest(eval(text).__code__) for text in texts}) == len(texts)
