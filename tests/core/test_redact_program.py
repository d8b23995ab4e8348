"""What a program was given and put out is kept without secrets, and a replay of it is compared all the same."""

import pytest

from agentreplay.core.redact import Redactor
from agentreplay.core.redact_program import as_recorded, clean_arguments, clean_output
from tests.redacting import faceless
from tests.running import Runs

KEY = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789"
SECRETIVE = f"""
    import sys
    import agentreplay

    @agentreplay.tool
    def login(key):
        return {{"key": key, "password": "hunter2-horse", "token": "Zx81kQmP2vLs93nTfGh7YbWd4Rc6"}}

    found = login(sys.stdin.read().strip())
    print("the password is", found["password"], "of", len(sys.argv))
    for letter in found["key"]:
        sys.stdout.write(letter)
        sys.stdout.flush()
    print()
    print(found["token"], file=sys.stderr)
    print(found["token"])
    print("own: {KEY}")
"""


@pytest.fixture
def redactor() -> Redactor:
    return Redactor(salt=b"salt")


def test_a_command_line_loses_what_its_options_announce(redactor: Redactor) -> None:
    line = [
        "agent.py",
        "--api-key",
        "abcd1234",
        "--order",
        "7",
        f"--with={KEY}",
        "-H",
        "Authorization: Bearer abcd12345",
    ]

    clean = clean_arguments(redactor, line)

    assert [faceless(word) for word in clean] == [
        "agent.py",
        "--api-key",
        "[redacted:named]",
        "--order",
        "7",
        "--with=[redacted:anthropic]",
        "-H",
        "Authorization: [redacted:header]",
    ]
    assert clean_arguments(redactor, clean) == clean


def test_a_command_line_stays_readable_where_only_structure_is_kept() -> None:
    clean = clean_arguments(Redactor("structure"), ["agent.py", "--order", "7", KEY])

    assert [faceless(word) for word in clean] == ["agent.py", "--order", "7", "[redacted:anthropic]"]
    assert clean_arguments(Redactor("full"), [KEY]) == (KEY,)


def test_half_a_secret_at_the_end_of_what_was_kept_is_left_out(redactor: Redactor) -> None:
    assert clean_output(redactor, b"all is well\nthe key is sk-ant-a", is_cut=True) == b"all is well\nthe key is "
    assert clean_output(redactor, b"all is well\nthe key is sk-ant-a") == b"all is well\nthe key is sk-ant-a"
    assert len(clean_output(redactor, b"x" * 10_000, is_cut=True)) == 10_000 - 4096
    assert clean_output(Redactor("full"), b"the key is sk-ant-a", is_cut=True) == b"the key is sk-ant-a"


@pytest.mark.parametrize("secret", ["hunter2-horse", "Zx81kQmP2vLs93nTfGh7YbWd4Rc6", KEY])
def test_a_secret_that_was_served_as_a_placeholder_is_recognised(redactor: Redactor, secret: str) -> None:
    served = redactor.text(f"password: {secret}").removeprefix("password: ").encode()
    recorded = clean_output(redactor, f"it is {secret}, {secret} and {secret}".encode())
    came = b"it is %s, %s and %s" % (served, served, served)

    assert secret.encode() not in served
    assert as_recorded(redactor, recorded, came) == recorded


def test_another_output_is_another_one(redactor: Redactor) -> None:
    served = redactor.text("password: hunter2").removeprefix("password: ").encode()

    for recorded, came in (
        (b"it is hunter3!", b"it is " + served + b"!"),
        (b"it is hunter2!", b"it was " + served + b"!"),
        (b"it is hunter2!", b"it is " + served + b"?"),
        (b"it is hunter2! no", b"it is " + served + b"!"),
        (b"it is hunter2", b"it is"),
        (redactor.text("password: hunter3").removeprefix("password: ").encode(), served),
    ):
        assert as_recorded(redactor, recorded, came) == came
    assert as_recorded(redactor, None, b"x") == b"x"


@pytest.mark.slow
def test_a_run_keeps_no_secret_and_still_comes_out_identical(runs: Runs) -> None:
    done = runs.record(SECRETIVE, stdin=f"{KEY}\n".encode(), arguments=("--api-key", "abcd1234"))

    tape = runs.tape(done.key)
    kept = b"".join([tape.stdin or b"", tape.outputs.stdout or b"", tape.outputs.stderr or b"", str(tape).encode()])
    for secret in (KEY, "abcd1234", "Zx81kQmP2vLs93nTfGh7YbWd4Rc6"):
        assert secret.encode() not in kept
        assert all(
            secret.encode() not in file.read_bytes() for file in runs.settings.db_path.rglob("*") if file.is_file()
        )
    verdict = runs.replay(done.key)
    assert (verdict.status, verdict.divergences) == ("identical", ())
    assert verdict.recorded_proof == verdict.replayed_proof
    assert runs.replay(done.key, SECRETIVE.replace("own:", "mine:")).status == "diverged"
