"""Whatever came, it is understood as far as it can be, and all of it is kept."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.contents.messages import join
from agentreplay.intake.normalise import REPORTED, Normalised, grade, normalise, normalise_all
from agentreplay.model.batch import Batch
from agentreplay.model.span import Event, Span
from agentreplay.model.time import Nanoseconds
from agentreplay.model.usage import NO_USAGE, Usage
from agentreplay.model.values import encode
from agentreplay.testing import Maker
from tests.strategies import spans, values

MARCH = Nanoseconds(1_772_000_000_000_000_000)

NAMES = """
gen_ai.operation.name gen_ai.provider.name gen_ai.system gen_ai.request.model gen_ai.response.model gen_ai.agent.name
gen_ai.conversation.id session.id thread_id gen_ai.usage.input_tokens gen_ai.usage.output_tokens gen_ai.usage.cost
gen_ai.usage.cache_read.input_tokens gen_ai.input.messages gen_ai.output.messages gen_ai.system_instructions
gen_ai.prompt gen_ai.prompt.0.role gen_ai.prompt.0.content gen_ai.prompt.1 gen_ai.completion gen_ai.tool.name
gen_ai.tool.call.arguments gen_ai.tool.call.result gen_ai.tool.definitions openinference.span.kind llm.model_name
llm.input_messages llm.input_messages.0.message.role llm.input_messages.0.message.contents.0.message_content.type
llm.input_messages.0.message.tool_calls.0.tool_call.id llm.output_messages.0.message.content llm.tools.0.tool
llm.token_count.prompt llm.token_count.prompt_details.cache_read llm.cost.total llm.invocation_parameters metadata
input.value output.value retrieval.documents.0.document.content reranker.query embedding.embeddings.0.embedding.text
traceloop.span.kind traceloop.entity.name traceloop.entity.input llm.request.type ai.operationId ai.prompt.messages
ai.prompt ai.response.text ai.response.toolCalls ai.prompt.tools ai.usage.inputTokens ai.model.provider ai.model.id
ai.toolCall.args pydantic_ai.all_messages all_messages_events final_result agent_name model_name operation.cost events
model_request_parameters logfire.msg logfire.msg_template logfire.span_type logfire.pending_parent_id request_data
response_data gen_ai.usage.raw mlflow.spanType mlflow.spanInputs mlflow.spanOutputs mlflow.chat.tokenUsage
gcp.vertex.agent.llm_request gcp.vertex.agent.llm_response gcp.vertex.agent.tool_response gcp.vertex.agent.session_id
langfuse.observation.type langfuse.observation.input langfuse.observation.output langfuse.observation.usage_details
langfuse.observation.cost_details langfuse.observation.level langfuse.observation.model.parameters lmnr.span.type
lmnr.span.input langsmith.span.kind langsmith.metadata.usage_metadata langsmith.metadata.langgraph_step
braintrust.span_attributes braintrust.input_json braintrust.output_json braintrust.metadata braintrust.metrics
span.type model input_tokens cache_read_tokens cost_usd success tool_name tool_input http.request.method db.system
error.type agentreplay.cost.reported user_prompt mcp.method.name
""".split()
WORDS = st.sampled_from(
    [
        "chat", "execute_tool", "LLM", "RERANKER", "RETRIEVER", "EMBEDDING", "generation", "ai.embed.doEmbed",
        "ai.generateText.doGenerate", "llm_request", "pending_span", "TOOL", "openai", "gpt-5-mini",
        "claude-sonnet-4-5", "1e999", "nan", "-1", "12", '"text"', "[[[]]]", '{"messages": [["user", "hello"]]}',
        '{"message": {"message": 1}}',
        '[{"role": "user", "content": "hello"}]', '[{"role": 1, "parts": [{"type": "blob"}]}]',
        '{"content": {"parts": 1}}',
        '{"choices": [{"message": {"content": "hi"}}]}', '{"prompt_tokens": 7, "completion_tokens": 1e3}', "[" * 2000,
        '{"usage": {"input_tokens": -5}}', '{"input": 5, "output": 1e99}', '{"generations": [[{"message": 5}]]}',
        '{"message":' * 900 + "1" + "}" * 900, "[" * 900 + "]" * 900, '{"candidates": [{"content": {"parts": []}}]}',
    ]
)  # fmt: skip
ATTRIBUTES = st.dictionaries(st.sampled_from(NAMES), WORDS | values, max_size=14)
EVENTS = st.lists(
    st.builds(
        Event,
        name=st.sampled_from(
            """gen_ai.user.message gen_ai.choice gen_ai.client.inference.operation.details exception
            gen_ai.content.prompt claude_code.api_request_body gen_ai.content.completion""".split()
        ),
        time=st.just(Nanoseconds(0)),
        attributes=st.dictionaries(st.sampled_from(["body", "content", "message", *NAMES]), WORDS | values, max_size=4),
    ),
    max_size=2,
).map(tuple)


@given(ATTRIBUTES, EVENTS, st.sampled_from([{}, {"end": None}]))
def test_nothing_raises_nothing_is_lost_and_again_is_the_same(
    attributes: dict[str, Any], events: tuple[Event, ...], fields: dict[str, Any]
) -> None:
    came = Maker().span(status="unset", attributes=attributes, events=events, **fields)

    found = normalise(came)

    added = {name: value for name, value in found.span.attributes.items() if name == REPORTED}
    # Encoded, NaN is equal to itself.
    assert encode(found.span.attributes) == encode(attributes | added)
    assert encode(found.span.events) == encode(events)
    assert encode(normalise(found.span)) == encode(found)
    assert grade(found.span) in {"complete", "truncated", "redacted", "request only", "none"}
    assert all(content.is_whole for content in found.contents)
    Batch(tenant=came.tenant, spans=(found.span,), contents=found.contents, links=found.links)


@given(spans)
def test_any_span_at_all_is_survived(span: Span) -> None:
    assert encode(normalise(span).span.attributes) == encode(span.attributes)


def told(make: Maker, *events: Event, **attributes: Any) -> Normalised:
    """A span with these attributes, whose names have two underscores in place of each dot, understood."""
    return normalise(
        make.span(
            kind="custom",
            status="unset",
            start=MARCH,
            events=events,
            attributes={name.replace("__", "."): value for name, value in attributes.items()},
        )
    )


def said(found: Normalised) -> list[Any]:
    """The conversation of a span."""
    assert found.span.context is not None
    data = {content.hash: content.data for content in found.contents}
    return join(found.span.context, found.links, data.__getitem__)


def held(found: Normalised, role: str) -> bytes | None:
    """The content in a role."""
    data = {content.hash: content.data for content in found.contents}
    return next((data[kept.hash] for kept in found.span.kept if kept.role == role), None)


@pytest.mark.parametrize(
    ("attributes", "kind"),
    [
        ({"openinference__span__kind": "TOOL", "gen_ai__operation__name": "chat"}, "tool"),
        ({"traceloop__span__kind": "task", "gen_ai__operation__name": "chat"}, "step"),
        ({"lmnr__span__type": "TOOL", "gen_ai__operation__name": "chat"}, "tool"),
        ({"lmnr__span__type": "DEFAULT", "gen_ai__operation__name": "chat"}, "llm"),
        ({"gen_ai__operation__name": "embeddings", "ai__operationId": "ai.generateText.doGenerate"}, "embedding"),
        ({"ai__operationId": "ai.toolCall", "span__type": "llm_request"}, "tool"),
        ({"gen_ai__tool__name": "search", "gen_ai__request__model": "m"}, "tool"),
        ({"span__type": "llm_request", "model": "m"}, "llm"),
        ({"gen_ai__request__model": "m"}, "llm"),
        ({"http__request__method": "GET"}, "http"),
        ({"db__system": "sqlite"}, "database"),
        ({"color": "red"}, "custom"),
    ],
)
def test_the_kind_is_that_of_whoever_is_most_deliberate(make: Maker, attributes: dict[str, str], kind: str) -> None:
    assert told(make, **attributes).span.kind == kind


def test_the_session_is_the_conversation_before_all_else(make: Maker) -> None:
    found = told(make, session__id="b", gen_ai__conversation__id="a", thread_id="c")

    assert found.span.session == "a"


def test_what_cannot_be_a_session_is_passed_over(make: Maker) -> None:
    assert told(make, session__id=["a", "b"], thread_id=7).span.session == "7"


def test_where_nobody_tells_a_session_it_stays(make: Maker) -> None:
    assert told(make, color="red").span.session == make.session_id


def test_parts_that_exceed_their_sum_were_counted_apart(make: Maker) -> None:
    tokens = {"gen_ai__usage__output_tokens": 5, "gen_ai__usage__cache_read__input_tokens": 100}

    apart = told(make, gen_ai__request__model="m", gen_ai__usage__input_tokens=20, **tokens)
    together = told(make, gen_ai__request__model="m", gen_ai__usage__input_tokens=120, **tokens)

    assert apart.span.usage == together.span.usage == Usage(input=20, cache_read=100, output=5)


def test_the_estimate_stands_beside_what_was_reported(make: Maker) -> None:
    found = told(
        make,
        gen_ai__request__model="gpt-5-mini",
        gen_ai__provider__name="openai",
        gen_ai__usage__input_tokens=1_000_000,
        gen_ai__usage__cost=0.5,
    )

    assert found.span.cost == 250_000_000
    assert found.span.attributes[REPORTED] == 500_000_000


def test_what_was_reported_counts_where_no_price_is_known(make: Maker) -> None:
    found = told(make, gen_ai__request__model="homemade", gen_ai__usage__input_tokens=1, gen_ai__usage__cost=0.5)

    assert found.span.cost == 500_000_000


def test_an_agent_is_not_charged_for_the_calls_below_it(make: Maker) -> None:
    found = told(
        make, gen_ai__operation__name="invoke_agent", gen_ai__request__model="gpt-5", gen_ai__usage__input_tokens=9
    )

    assert (found.span.kind, found.span.usage, found.span.cost) == ("agent", NO_USAGE, None)


def test_what_the_sdk_recorded_passes_through(make: Maker) -> None:
    span = make.span(kind="http", attributes={"agentreplay.call": {}, "gen_ai.operation.name": "chat"})

    assert normalise(span) == Normalised(span=span)


@pytest.mark.parametrize("status", ["unset", "ok"])
def test_an_exception_is_an_error_unless_the_emitter_says_that_all_is_well(make: Maker, status: str) -> None:
    raised = Event(name="exception", time=MARCH, attributes={"exception.message": "boiler exploded"})

    found = normalise(make.span(status=status, events=(raised,))).span

    assert (found.status, found.status_message) == (("error", "boiler exploded") if status == "unset" else ("ok", ""))


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"gen_ai__prompt": "hello", "gen_ai__completion": "hi"}, "complete"),
        ({"gen_ai__prompt": "hello"}, "request only"),
        ({"gen_ai__completion": "hi"}, "none"),
        ({}, "none"),
        ({"gen_ai__prompt": "hello", "gen_ai__completion": "[REDACTED]"}, "redacted"),
        ({"input__value": "__REDACTED__", "gen_ai__completion": "hi"}, "redacted"),
        ({"gen_ai__prompt": "hello", "gen_ai__completion": "h" * 99 + " [truncated 5000 bytes]"}, "truncated"),
        ({"gen_ai__prompt": "hello", "gen_ai__completion": '{"content": "' + "h" * 99}, "truncated"),
    ],
)
def test_a_span_is_graded_by_what_is_left_of_it(make: Maker, attributes: dict[str, str], expected: str) -> None:
    assert grade(told(make, gen_ai__request__model="m", **attributes).span) == expected


def test_dropped_attributes_cut_a_span(make: Maker) -> None:
    span = make.span(dropped_attributes=1, attributes={"gen_ai.prompt": "hello", "gen_ai.completion": "hi"})

    assert grade(normalise(span).span) == "truncated"


def test_what_a_model_was_told_beside_the_conversation_is_its_request(make: Maker) -> None:
    found = told(
        make,
        gen_ai__operation__name="chat",
        gen_ai__request__model="m",
        gen_ai__request__temperature=0.5,
        gen_ai__tool__definitions='[{"name": "search"}]',
        gen_ai__input__messages='[{"role": "user", "parts": [{"type": "text", "content": "hello"}]}]',
        gen_ai__system_instructions='[{"type": "text", "content": "Be brief."}]',
    )

    assert said(found) == [
        {"role": "system", "parts": [{"type": "text", "content": "Be brief."}]},
        {"role": "user", "parts": [{"type": "text", "content": "hello"}]},
    ]
    assert held(found, "request") == b'{"model":"m","temperature":0.5,"tools":[{"name":"search"}]}'


def test_a_tool_keeps_what_went_in_and_what_came_out(make: Maker) -> None:
    found = told(
        make,
        gen_ai__operation__name="execute_tool",
        gen_ai__tool__name="search",
        gen_ai__tool__call__arguments='{"query": "rain"}',
        gen_ai__tool__call__result="nothing found",
    )

    assert (found.span.kind, found.span.tool) == ("tool", "search")
    assert (held(found, "request"), held(found, "answer")) == (b'{"query":"rain"}', b"nothing found")


@given(st.lists(spans, max_size=2), st.lists(ATTRIBUTES, max_size=3))
def test_spans_are_understood_together_as_each_is_alone(some: list[Span], told: list[dict[str, Any]]) -> None:
    several = [*some, *[Maker().span(attributes=attributes) for attributes in told]]

    assert [encode(one) for one in normalise_all(several)] == [encode(normalise(span)) for span in several]
