"""OpenAI's client: whole and streamed answers, tools, responses, embeddings, images; and fifty calls at once."""

import asyncio
import json
import os

import openai

BASE = os.environ["MODELS_URL"] + "/v1"
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        },
    }
]


def converse(client: openai.OpenAI) -> None:
    messages = [{"role": "user", "content": "How is the weather?"}]
    said = client.chat.completions.create(model="gpt-5-mini", messages=messages, tools=TOOLS).choices[0].message
    call = said.tool_calls[0]
    print(call.function.name, call.function.arguments)
    found = f"sunny in {json.loads(call.function.arguments)['city']}"
    messages += [said.model_dump(exclude_none=True), {"role": "tool", "tool_call_id": call.id, "content": found}]
    print(client.chat.completions.create(model="gpt-5-mini", messages=messages, tools=TOOLS).choices[0].message.content)
    stream = client.chat.completions.create(model="gpt-5-mini", messages=messages, stream=True)
    print([chunk.choices[0].delta.content for chunk in stream if chunk.choices])
    print(client.responses.create(model="gpt-5-mini", input="hello").output_text)
    with client.responses.stream(model="gpt-5-mini", input="hello again") as events:
        print([event.type for event in events])
    print(len(client.embeddings.create(model="text-embedding-3-small", input=["a", "b"]).data))
    drawn = client.images.generate(model="gpt-image-1", prompt="a cat", n=2)
    print([len(image.b64_json) for image in drawn.data], drawn.usage.input_tokens)
    drawing = client.images.generate(model="gpt-image-1", prompt="a dog", stream=True, partial_images=0)
    print([event.type for event in drawing])


async def many(client: openai.AsyncOpenAI) -> None:
    async def one(number: int) -> str:
        asked = [{"role": "user", "content": f"question {number}"}]
        said = await client.chat.completions.create(model="gpt-5-mini", messages=asked)
        order.append(number)
        return f"{number}: {said.choices[0].message.content}"

    order: list[int] = []
    answers = await asyncio.gather(*(one(number) for number in range(50)))
    print("\n".join(answers))
    print("came back in the order", order)
    stream = await client.chat.completions.create(
        model="gpt-5-mini", messages=[{"role": "user", "content": "stream it"}], stream=True
    )
    async for chunk in stream:
        if chunk.choices:
            print(repr(chunk.choices[0].delta.content), end=" ")
    print()


converse(openai.OpenAI(base_url=BASE, api_key="x"))
asyncio.run(many(openai.AsyncOpenAI(base_url=BASE, api_key="x")))
