"""Ollama's client: a tool, thoughts, an image, streams, embeddings, an error; and several calls at once."""

import asyncio
import os

import ollama

URL = os.environ["MODELS_URL"]
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS = [{"type": "function", "function": {"name": "weather", "description": "of a city", "parameters": SCHEMA}}]
client = ollama.Client(host=URL)
messages = [{"role": "user", "content": "How is the weather?", "images": [PIXEL]}]
said = client.chat(model="llama3.2", messages=messages, tools=TOOLS)
call = said.message.tool_calls[0]
print(call.function.name, call.function.arguments, said.prompt_eval_count)
messages += [said.message, {"role": "tool", "tool_name": "weather", "content": "sunny"}]
print(client.chat(model="llama3.2", messages=messages, tools=TOOLS, think=True, format=SCHEMA).message.content)
print([piece.message.content for piece in client.chat(model="llama3.2", messages=messages, stream=True)])
print(client.generate(model="llama3.2", prompt="Once").response)
print(len(client.embed(model="nomic-embed-text", input=["a", "b"]).embeddings))
try:
    client.show("nobody")
except ollama.ResponseError as error:
    print(error.status_code)


async def many() -> None:
    there = ollama.AsyncClient(host=URL)

    async def one(number: int) -> str:
        asked = [{"role": "user", "content": f"question {number}"}]
        return (await there.chat(model="llama3.2", messages=asked)).message.content

    print(await asyncio.gather(*map(one, range(10))))
    asked = [{"role": "user", "content": "stream it"}]
    stream = await there.chat(model="llama3.2", messages=asked, stream=True)
    print([piece.message.content async for piece in stream])


asyncio.run(many())
