"""A prompt to Claude Code, and the lines that come back."""

from hypothesis import given
from hypothesis import strategies as st

from agentreplay.intake import providers
from agentreplay.intake.providers import Answered, Asked, Reply, ToolCall, claude_code
from agentreplay.model.usage import Usage
from tests.intake.providers.replies import answers_of, cuts, hostile, replies

URL = "stdio:claude"
PROMPT = {"type": "user", "message": {"role": "user", "content": "How is the weather?"}}
ASKED = Asked(provider="anthropic", dialect="claude.run", streams=True)
LINES = (
    b'{"type":"system","subtype":"init","model":"claude-sonnet-4-5","session_id":"1"}\n',
    (
        b'{"type":"assistant","message":{"id":"msg_1","role":"assistant","model":"claude-sonnet-4-5","content":'
        b'[{"type":"tool_use","id":"t1","name":"Task","input":{"subagent_type":"guide"}}]},"parent_tool_use_id":null}\n'
    ),
    (
        b'{"type":"assistant","message":{"id":"msg_2","role":"assistant","model":"claude-haiku-4-5","content":'
        b'[{"type":"text","text":"From below."}]},"parent_tool_use_id":"t1"}\n'
    ),
    (
        b'{"type":"assistant","message":{"id":"msg_3","role":"assistant","model":"claude-sonnet-4-5","content":'
        b'[{"type":"text","text":"It is sunny."}]},"parent_tool_use_id":null}\n'
    ),
    (
        b'{"type":"result","subtype":"success","is_error":false,"result":"It is sunny.","stop_reason":"end_turn",'
        b'"total_cost_usd":0.0012,"usage":{"input_tokens":80,"cache_read_input_tokens":20,"output_tokens":10}}\n'
    ),
)


def test_only_a_prompt_is_asked_of_a_model() -> None:
    assert claude_code.ask(URL, PROMPT) == providers.ask(URL, PROMPT) == ASKED
    assert claude_code.ask(URL, {"type": "control_request", "request": {"subtype": "initialize"}}) is None
    assert claude_code.ask("https://api.anthropic.com/v1/messages", PROMPT) is None


def test_a_run_tells_what_it_came_to_and_what_all_of_it_used() -> None:
    answered = claude_code.answer(ASKED, 0, LINES)

    assert (answered.text, answered.model, answered.finish_reason) == ("It is sunny.", "claude-sonnet-4-5", "end_turn")
    assert answered.usage == Usage(input=80, cache_read=20, output=10)
    assert answered.cost == 1_200_000
    assert (answered.response_id, answered.first_token, answered.complete) == ("msg_3", 1, True)


def test_what_a_sub_agent_says_is_not_the_answer() -> None:
    answered = claude_code.answer(ASKED, 0, LINES[:3])

    assert answered.tool_calls == (ToolCall(id="t1", name="Task", arguments={"subagent_type": "guide"}),)
    assert (answered.text, answered.model, answered.complete) == ("", "claude-sonnet-4-5", False)


def test_a_run_that_failed_says_why() -> None:
    told = b'{"type":"result","subtype":"error_max_turns","is_error":true,"usage":{}}\n'

    assert claude_code.answer(ASKED, 0, [told]).error == "error_max_turns"
    assert claude_code.answer(ASKED, 0, claude_code.speak(ASKED, Reply(status=500, text="no"), 1).chunks).error == "no"


@given(replies, st.data())
def test_what_is_said_is_understood_however_it_is_cut(reply: Reply, data: st.DataObject) -> None:
    spoken = claude_code.speak(ASKED, reply, 7)
    pieces = data.draw(cuts(b"".join(spoken.chunks)))

    answered = claude_code.answer(ASKED, spoken.status, pieces)

    assert [call.name for call in answered.tool_calls] == [call.name for call in reply.tool_calls]
    assert (answers_of(answered).text, answers_of(answered).reasoning) == (reply.text, reply.reasoning)
    assert answered.complete


@given(st.lists(hostile))
def test_nothing_is_raised_whatever_comes(chunks: list[bytes]) -> None:
    assert isinstance(claude_code.answer(ASKED, 200, chunks), Answered)
