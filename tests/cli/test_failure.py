"""What is said when something goes wrong."""

import errno

import click
import pytest

from agentreplay import errors
from agentreplay.cli import failure
from agentreplay.errors import AgentReplayError

FACTS = {"what": "a tenant", "problem": "it is empty", "session": "01J", "project": "demo", "path": "/data"}
EVERY_ERROR = [
    error
    for name in errors.__all__
    if isinstance(error := getattr(errors, name), type) and issubclass(error, AgentReplayError)
]


@pytest.mark.parametrize("kind", EVERY_ERROR)
def test_every_error_is_told_in_two_lines_with_the_code_of_its_family(
    kind: type[AgentReplayError], capsys: pytest.CaptureFixture[str]
) -> None:
    code = failure.tell(kind(**FACTS))

    stdout, stderr = capsys.readouterr()
    assert stdout == ""
    assert stderr.splitlines()[0].startswith("error: ")
    assert [line.split()[0] for line in stderr.splitlines()[1:]] == ["hint:"] * bool(kind.hint)
    assert code == kind.exit_code


def test_the_families_have_different_codes() -> None:
    families = [kind for kind in AgentReplayError.__subclasses__() if kind.__module__ == errors.__name__]

    codes = {family.exit_code for family in families}

    assert len(codes) == len(families)
    assert codes.isdisjoint({0, failure.UNEXPECTED, failure.INTERRUPTED, failure.PIPE_CLOSED})


def test_a_sentence_goes_on_behind_the_colon(capsys: pytest.CaptureFixture[str]) -> None:
    failure.tell(errors.SessionMissing(session="Abc", project="demo"))

    assert capsys.readouterr().err.startswith("error: there is no session 'Abc' in project 'demo'\nhint: ")


def test_an_unexpected_error_is_one_line_and_how_to_learn_more(capsys: pytest.CaptureFixture[str]) -> None:
    code = failure.tell(ZeroDivisionError("division by\nzero"))

    assert code == 1
    error, hint = capsys.readouterr().err.splitlines()
    assert error == "error: ZeroDivisionError: division by zero"
    assert "AGENTREPLAY_DEBUG=1" in hint


def test_debugging_shows_where_it_happened(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTREPLAY_DEBUG", "1")

    with pytest.raises(ZeroDivisionError) as raised:
        _ = 1 // 0
    failure.tell(raised.value)

    stderr = capsys.readouterr().err
    assert stderr.startswith("error: ZeroDivisionError: ")
    assert "test_failure.py" in stderr


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyboardInterrupt(), 130),
        (click.Abort(), 130),
        (click.UsageError("No such option '--x'."), 2),
        (OSError(errno.ENOSPC, "No space left on device"), 1),
    ],
)
def test_other_ends_have_their_codes(error: BaseException, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert failure.tell(error) == code
    assert capsys.readouterr().err
