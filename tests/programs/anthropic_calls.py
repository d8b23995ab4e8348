"""Anthropic's client: tools and streams."""

import os

import anthropic

client = anthropic.Anthropic(base_url=os.environ["MODELS_URL"], api_key="x")
TOOLS = [
    {
        "name": "weather",
        "description": "The weather of a city",
        "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    }
]
messages = [{"role": "user", "content": "How is the weather?"}]
said = client.messages.create(model="claude-sonnet-5", max_tokens=99, messages=messages, tools=TOOLS)
used = next(block for block in said.content if block.type == "tool_use")
print(used.name, used.input)
result = {"type": "tool_result", "tool_use_id": used.id, "content": "sunny"}
messages += [
    {"role": "assistant", "content": [block.model_dump() for block in said.content]},
    {"role": "user", "content": [result]},
]
print(client.messages.create(model="claude-sonnet-5", max_tokens=99, messages=messages, tools=TOOLS).content[0].text)
with client.messages.stream(model="claude-sonnet-5", max_tokens=99, messages=messages) as stream:
    print(list(stream.text_stream))
    print(stream.get_final_message().usage.output_tokens)
