"""Mistral's client: a tool, a structured answer, streams, code to fill in, embeddings; and several calls at once."""

import asyncio
import os

from mistralai.client import Mistral

URL = os.environ["MODELS_URL"]
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS = [{"type": "function", "function": {"name": "weather", "description": "of a city", "parameters": SCHEMA}}]
client = Mistral(api_key="x", server_url=URL)
messages = [{"role": "user", "content": "How is the weather?"}]
said = client.chat.complete(model="mistral-small-latest", messages=messages, tools=TOOLS)
call = said.choices[0].message.tool_calls[0]
print(call.function.name, call.function.arguments, said.usage.total_tokens)
messages += [said.choices[0].message, {"role": "tool", "name": "weather", "content": "sunny", "tool_call_id": call.id}]
print(client.chat.complete(model="mistral-small-latest", messages=messages, tools=TOOLS).choices[0].message.content)
shape = {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA, "strict": True}}
print(client.chat.complete(model="mistral-small-latest", messages=messages, response_format=shape).choices[0].message)
stream = client.chat.stream(model="mistral-small-latest", messages=messages)
print([event.data.choices[0].delta.content for event in stream if event.data.choices])
print(client.fim.complete(model="codestral-latest", prompt="def f(", suffix="return 1").choices[0].message.content)
print(client.agents.complete(agent_id="ag:1", messages=[{"role": "user", "content": "hello"}]).choices[0].finish_reason)
print(len(client.embeddings.create(model="mistral-embed", inputs=["a", "b"]).data))


async def many() -> None:
    async def one(number: int) -> str:
        asked = [{"role": "user", "content": f"question {number}"}]
        said = await client.chat.complete_async(model="mistral-small-latest", messages=asked)
        return said.choices[0].message.content

    print(await asyncio.gather(*map(one, range(10))))
    asked = [{"role": "user", "content": "stream it"}]
    stream = await client.chat.stream_async(model="mistral-small-latest", messages=asked)
    print([event.data.choices[0].delta.content async for event in stream if event.data.choices])


asyncio.run(many())
