"""Cohere's client: a tool, streams, embeddings, ranks, an error; and several calls at once."""

import asyncio
import os

import cohere

URL = os.environ["MODELS_URL"]
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS = [{"type": "function", "function": {"name": "weather", "description": "of a city", "parameters": SCHEMA}}]
client = cohere.ClientV2(api_key="x", base_url=URL)
messages = [{"role": "user", "content": "How is the weather?"}]
said = client.chat(model="command-a-03-2025", messages=messages, tools=TOOLS)
call = said.message.tool_calls[0]
print(call.function.name, call.function.arguments, said.usage.billed_units.input_tokens)
messages += [said.message, {"role": "tool", "tool_call_id": call.id, "content": "sunny"}]
print(client.chat(model="command-a-03-2025", messages=messages, tools=TOOLS).message.content[0].text)
print([event.type for event in client.chat_stream(model="command-a-03-2025", messages=messages)])
embedded = client.embed(model="embed-v4.0", texts=["a", "b"], input_type="search_query", embedding_types=["float"])
print(len(embedded.embeddings.float_))
ranked = client.rerank(model="rerank-v3.5", query="which?", documents=["a", "b", "c"], top_n=2)
print([(result.index, result.relevance_score) for result in ranked.results])
try:
    client.models.get("none")
except cohere.NotFoundError as error:
    print(error.status_code)


async def many() -> None:
    there = cohere.AsyncClientV2(api_key="x", base_url=URL)

    async def one(number: int) -> str:
        asked = [{"role": "user", "content": f"question {number}"}]
        return (await there.chat(model="command-a-03-2025", messages=asked)).message.content[0].text

    print(await asyncio.gather(*map(one, range(10))))
    stream = there.chat_stream(model="command-a-03-2025", messages=[{"role": "user", "content": "stream it"}])
    print([event.type async for event in stream])


asyncio.run(many())
