"""OpenInference's instrumentation of Anthropic's client, with a cached prompt and a tool."""

import anthropic
from exporting import export
from openinference.instrumentation.anthropic import AnthropicInstrumentor

export()
AnthropicInstrumentor().instrument()
client = anthropic.Anthropic()
tools = [
    {
        "name": "get_weather",
        "description": "The weather in a city",
        "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    }
]
system = [{"type": "text", "text": "Answer in one sentence.", "cache_control": {"type": "ephemeral"}}]
messages = [{"role": "user", "content": "What is the weather in Paris?"}]
asked = client.messages.create(model="claude-sonnet-4-5", max_tokens=200, system=system, messages=messages, tools=tools)
call = next(block for block in asked.content if block.type == "tool_use")
messages += [
    {"role": "assistant", "content": [block.model_dump(exclude_none=True) for block in asked.content]},
    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": "rain"}]},
]
with client.messages.stream(
    model="claude-sonnet-4-5", max_tokens=200, system=system, messages=messages, tools=tools
) as stream:
    for _ in stream:
        pass
