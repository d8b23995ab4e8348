"""The source text of regression tests."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.core import regression
from agentreplay.core.regression import Call, Command, NoLiteral, literal
from agentreplay.playback.canonical import parse_json
from agentreplay.sdk.plain import freeze

HERE = Path("/repository/tests")
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner) | st.frozensets(st.integers()),
    max_leaves=12,
)


@given(PLAIN)
def test_a_literal_becomes_the_value_again(value: object) -> None:
    kept = parse_json(freeze(value), "application/json")

    assert eval(literal(kept)) == value


@pytest.mark.parametrize("value", [set(), {1, 2}, (), {1: "a"}, {"$type": "mine"}])
def test_so_does_what_json_does_not_know(value: object) -> None:
    assert eval(literal(parse_json(freeze(value), "application/json"))) == value


def test_more_than_plain_data_is_refused() -> None:
    with pytest.raises(NoLiteral, match="datetime"):
        literal({"$type": "datetime", "value": "2026-01-01T00:00:00"})


@pytest.mark.parametrize(
    ("folder", "shown"),
    [
        ("/repository/tests", "FOLDER = HERE\n"),
        ("/repository", "FOLDER = HERE.parents[0]\n"),
        ("/", "FOLDER = HERE.parents[1]\n"),
        ("/repository/agents", 'FOLDER = (HERE / "../agents").resolve()\n'),
    ],
)
def test_a_command_runs_in_a_folder_seen_from_the_test(folder: str, shown: str) -> None:
    command = Command((None, "agent.py"), Path(folder), "python agent.py")

    text = regression.test_of_command("refund", HERE, command)

    compile(text, "test_refund.py", "exec")
    assert shown in text
    assert 'COMMAND = [sys.executable, "agent.py"]\n' in text


@pytest.mark.parametrize(
    "shown", ['say """ hello', "a\nb", 'ends in a quotation mark"', "back\\slash", "\N{RIGHT-TO-LEFT OVERRIDE}"]
)
def test_a_command_of_any_words_makes_a_file_that_can_be_read(shown: str) -> None:
    text = regression.test_of_command("refund", HERE, Command((shown, "x" * 120), None, shown))

    namespace: dict[str, object] = {"__file__": "test_refund.py"}
    exec(compile(text, "test_refund.py", "exec"), namespace)
    assert namespace["COMMAND"] == [shown, "x" * 120]
    assert "FOLDER" not in text


@pytest.mark.parametrize(
    ("returned", "line"),
    [
        (None, "    refund(7)\n"),
        ("None", "    assert refund(7) is None\n"),
        ("[1]", "    assert refund(7) == [1]\n"),
        (repr("x" * 120), f"    assert returned == {'x' * 120!r}\n"),
    ],
)
def test_a_function_is_called_and_what_it_returned_is_expected(returned: str | None, line: str) -> None:
    call = Call("shop.agent", "refund", "7", is_async=False, returned=returned, home=None)

    text = regression.test_of_function("refund", HERE, call)

    compile(text, "test_refund.py", "exec")
    assert "from shop.agent import refund\n" in text
    assert '@pytest.mark.agentreplay("tapes/refund.tape")\ndef test_refund() -> None:\n' in text
    assert line in text


def test_a_coroutine_is_awaited_and_a_module_found_where_it_was() -> None:
    call = Call("agent", "Desk.refund", "order=7", is_async=True, returned="True", home=Path("/repository"))

    text = regression.test_of_function("refund", HERE, call)

    compile(text, "test_refund.py", "exec")
    assert "sys.path.insert(0, str(HERE.parents[0]))\n\nfrom agent import Desk  # noqa: E402" in text
    assert "async def test_refund() -> None:\n    assert await Desk.refund(order=7) is True\n" in text
