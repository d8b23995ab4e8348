"""Filters are completed in the shell, from what the store knows."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agentreplay.cli.program import program
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker, batch_of

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def _recorded(memory: MemoryStore, make: Maker) -> None:
    memory.append(batch_of(make.session(labels={"env": "prod"}, source="sdk"), make.span()))


def offered(run: Run, shell: str, *words: str) -> list[str]:
    env = {"_AGENTREPLAY_COMPLETE": f"{shell}_complete", "COMP_WORDS": " ".join(("agentreplay", *words))}
    env |= {"COMP_CWORD": words[-1] if shell == "fish" else str(len(words))}
    lines = run(env=env).stdout.splitlines()
    if shell == "zsh":
        return lines[1::3]
    return [line.partition(",")[2].partition("\t")[0] for line in lines]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("sessions", "list", "stat"), ["status:"]),
        (("sessions", "list", "status:f"), ["status:failed"]),
        (("sessions", "list", "x", "label:e"), ["label:env=prod"]),
        (("search", "status:er"), ["status:error"]),
    ],
)
@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_a_word_is_completed(run: Run, shell: str, words: tuple[str, ...], expected: list[str]) -> None:
    found = offered(run, shell, *words)

    assert [one.replace("\\:", ":") for one in found] == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("sessions", "list", "cos"), ["'cost>'"]),
        (("sessions", "list", "status", ":", "f"), ["failed"]),
        (("sessions", "list", "source", ":"), ["sdk"]),
        (("sessions", "list", "label", ":", "env", "=", "p"), ["prod"]),
        (("search", "order", "status", ":", "unset,er"), ["unset,error"]),
    ],
)
def test_bash_breaks_words_and_gets_what_stands_behind_the_break(
    run: Run, words: tuple[str, ...], expected: list[str]
) -> None:
    assert offered(run, "bash", *words) == expected


def test_without_a_store_fields_and_choices_are_known(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    env = {"_AGENTREPLAY_COMPLETE": "fish_complete", "COMP_WORDS": "agentreplay sessions list", "COMP_CWORD": ""}

    for typed, expected in (("status:runn", "plain,status:running"), ("source:", "")):
        told = env | {"COMP_CWORD": typed, "AGENTREPLAY_DB": str(nowhere)}
        assert CliRunner().invoke(program, prog_name="agentreplay", env=told).stdout.strip() == expected

    assert not nowhere.exists()
