"""Ollama's SDK, ability by ability."""

import os

import ollama
from abilities import PICTURE_TEXT, SCHEMA, WORDS, heard, show

BASE = {"host": os.environ["MODELS_URL"]}
client = heard(ollama.Client(**BASE))
ASKED = [{"role": "user", "content": WORDS}]
TOOLS = [{"type": "function", "function": {"name": "weather", "description": "of a city", "parameters": SCHEMA}}]


def chat(messages=ASKED, **more):
    return client.chat(model="llama3.2", messages=messages, **more)


def sync():
    print(chat().message.content)


async def asynchronous():
    there = heard(ollama.AsyncClient(**BASE))
    print((await there.chat(model="llama3.2", messages=ASKED)).message.content)
    print([piece.message.content async for piece in await there.chat(model="llama3.2", messages=ASKED, stream=True)])


def streams():
    print([piece.message.content for piece in chat(stream=True)])


def structured_output():
    print(chat(format=SCHEMA).message.content)


def tools():
    said = chat(tools=TOOLS).message
    print(
        chat([*ASKED, said, {"role": "tool", "tool_name": "weather", "content": "sunny"}], tools=TOOLS).message.content
    )


def images_in():
    print(chat([{**ASKED[0], "images": [PICTURE_TEXT]}]).message.content)


def embeddings():
    print(len(client.embed(model="nomic-embed-text", input=["a", "b"]).embeddings))


def reasoning():
    print(chat(think=True).message.thinking)


show(
    *(sync, asynchronous, streams, structured_output, tools, images_in, embeddings, reasoning),
    absent=client,
    lacks={
        "images_out": "images",
        "images_edited": "images",
        "audio_in": "audio",
        "speech": "audio",
        "transcription": "audio",
        "batches": "batches batch",
        "prompt_caching": "caches cache",
    },
)
