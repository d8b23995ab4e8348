"""What a tool prints is printed again when it is served."""

import asyncio
import io
import sys
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import redirect_stdout
from typing import Any

import pytest

import agentreplay
from agentreplay.model.call import Answer, Printed
from agentreplay.sdk.printing import Printing
from tests.sdk.home import Home, record


@agentreplay.tool
def greet(name: str) -> str:
    """Prints on both streams, and in a thread of its own."""
    print("Hello", name)
    print("careful", file=sys.stderr)
    thread = threading.Thread(target=print, args=("from a thread",))
    thread.start()
    thread.join()
    return name.upper()


@agentreplay.tool
async def greet_later(name: str) -> str:
    await asyncio.sleep(0)
    print("Hello", name)
    return name.upper()


@agentreplay.tool
def count(most: int) -> Generator[int, None, None]:
    """Prints before, between and behind its items."""
    for number in range(most):
        print("item", number)
        yield number
    print("done")


@agentreplay.tool
async def count_later(most: int) -> AsyncGenerator[int, None]:
    for number in range(most):
        print("item", number)
        yield number
    print("done")


@agentreplay.tool
def break_down() -> None:
    print("uh")
    raise LookupError("nothing is there")


@agentreplay.tool
def outer() -> str:
    """A tool in which another one is called."""
    print("before")
    answer = greet("you")
    print("behind")
    return answer


def one_after_the_other() -> None:
    print("The program", greet("Ann"))
    for number in count(3):
        print("took", number)
    try:
        break_down()
    except LookupError as error:
        print("caught", error)
    print(outer())


def at_once() -> None:
    """What others print while a tool runs is not the tool's."""

    async def program() -> None:
        print(await asyncio.gather(greet_later("Ann"), greet_later("Bob")))
        async for number in count_later(2):
            print("took", number)

    asyncio.run(program())


@pytest.mark.parametrize("program", [one_after_the_other, at_once])
def test_what_a_tool_printed_is_printed_again_in_its_place(
    home: Home, capsys: pytest.CaptureFixture[str], program: Callable[[], None]
) -> None:
    session = record(program)
    recorded = capsys.readouterr()

    verdict = agentreplay.replay(session, program)

    assert (verdict.status, verdict.live) == ("identical", 0)
    assert capsys.readouterr() == recorded
    assert "item 0\ntook 0\nitem 1\ntook 1\n" in recorded.out


def test_only_what_the_tool_itself_printed_is_kept(home: Home) -> None:
    waits, printed = threading.Event(), threading.Event()

    def slow() -> None:
        print("mine")
        waits.set()
        assert printed.wait(30)

    def other() -> None:
        assert waits.wait(30)
        print("theirs")
        printed.set()

    def program() -> None:
        beside = threading.Thread(target=other)
        beside.start()
        agentreplay.call("slow", slow)
        beside.join()

    call = home.tape(record(program)).calls[0]

    assert call.answer is not None
    assert call.answer.printed == (Printed("stdout", "mine\n", 0),)


def test_what_is_printed_into_a_text_is_not_printed_to_the_screen(home: Home) -> None:
    def quiet() -> str:
        with redirect_stdout(io.StringIO()) as heard:
            print("nobody sees this")
        return heard.getvalue()

    call = home.tape(record(agentreplay.call, "quiet", quiet)).calls[0]

    assert call.answer is not None
    assert call.answer.printed == ()


def test_secrets_are_taken_out_of_what_is_printed(home: Home) -> None:
    secret = "sk-proj-" + "a1B2c3D4e5" * 5

    call = home.tape(record(agentreplay.call, "leak", print, secret)).calls[0]

    assert call.answer is not None
    assert secret not in str(call.answer.printed)
    assert call.answer.printed[0].stream == "stdout"


def test_a_tool_that_has_to_be_performed_again_prints_by_itself(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    def opens() -> Any:
        print("opened")
        return object()

    def program() -> None:
        agentreplay.call("opens", opens)

    session = record(program)
    agentreplay.replay(session, program)

    assert capsys.readouterr().out == "opened\n" * 2


def test_each_piece_is_heard_once_when_a_stream_comes_back(home: Home) -> None:
    def program() -> None:
        agentreplay.call("one", print, "one")
        with redirect_stdout(io.StringIO()):
            agentreplay.call("hidden", print, "hidden")
        agentreplay.call("two", print, "two")

    answers = [call.answer for call in home.tape(record(program)).calls]

    assert [answer.printed[0].text for answer in answers if answer is not None] == ["one\n", "hidden\n", "two\n"]


def test_as_much_is_kept_as_a_screen_can_tell() -> None:
    around = Printing(None)
    inner = Printing(around)

    inner.add("stdout", "x" * (1 << 20))
    inner.add("stdout", "y")
    inner.add("stderr", "z")

    for printing in (inner, around):
        assert printing.join(Answer()).printed == (Printed("stdout", "x" * (1 << 20), 0),)


def test_half_a_character_does_not_keep_an_answer_from_being_written() -> None:
    printing = Printing(None)

    printing.add("stdout", "\udc80")

    assert printing.join(Answer()).printed == (Printed("stdout", "?", 0),)
