"""Anthropic's SDK, ability by ability."""

import os

import anthropic
from abilities import PICTURE_TEXT, SCHEMA, SHAPE, WORDS, heard, show

BASE = {"base_url": os.environ["MODELS_URL"], "api_key": "x"}
client = heard(anthropic.Anthropic(**BASE))
ASKED = [{"role": "user", "content": WORDS}]
TOOLS = [{"name": "weather", "description": "of a city", "input_schema": SCHEMA}]
MODEL = {"model": "claude-sonnet-4-5", "max_tokens": 2048}


def chat(messages=ASKED, **more):
    return client.messages.create(**MODEL, messages=messages, **more)


def sync():
    print(chat().content[0].text)


async def asynchronous():
    async with heard(anthropic.AsyncAnthropic(**BASE)) as there:
        print((await there.messages.create(**MODEL, messages=ASKED)).content[0].text)
        async with there.messages.stream(**MODEL, messages=ASKED) as stream:
            print([piece async for piece in stream.text_stream])


def streams():
    with client.messages.stream(**MODEL, messages=ASKED) as stream:
        print(list(stream.text_stream))


def structured_output():
    print(chat(output_config={"format": {"type": "json_schema", "schema": SHAPE}}).content[0].text)


def tools():
    said = chat(tools=TOOLS)
    used = next(block for block in said.content if block.type == "tool_use")
    result = {"type": "tool_result", "tool_use_id": used.id, "content": "sunny"}
    told = {"role": "assistant", "content": [block.model_dump() for block in said.content]}
    print(chat([*ASKED, told, {"role": "user", "content": [result]}], tools=TOOLS).content[0].text)


def images_in():
    source = {"type": "base64", "media_type": "image/png", "data": PICTURE_TEXT}
    print(chat([{"role": "user", "content": [{"type": "image", "source": source}, *text()]}]).content[0].text)


def text(**more):
    return [{"type": "text", "text": WORDS, **more}]


def batches():
    job = client.messages.batches.create(
        requests=[{"custom_id": name, "params": {**MODEL, "messages": ASKED}} for name in ("one", "two")]
    )
    job = client.messages.batches.retrieve(job.id)
    for _ in range(2):
        print([result.custom_id for result in client.messages.batches.results(job.id)])


def reasoning():
    said = chat(thinking={"type": "enabled", "budget_tokens": 1024})
    print([block.type for block in said.content])


def prompt_caching():
    said = chat(system=[{**text()[0], "cache_control": {"type": "ephemeral"}}])
    print(said.usage.cache_read_input_tokens, said.usage.cache_creation_input_tokens)


show(
    *(sync, asynchronous, streams, structured_output, tools, images_in, batches, reasoning, prompt_caching),
    absent=client,
    lacks={
        "images_out": "images",
        "images_edited": "images",
        "audio_in": "audio",
        "speech": "audio",
        "transcription": "audio",
        "embeddings": "embeddings",
    },
)
