"""Cohere's SDK, ability by ability."""

import os

import cohere
from abilities import PICTURE_TEXT, SCHEMA, SOUND, WORDS, heard, show

BASE = {"api_key": "x", "base_url": os.environ["MODELS_URL"]}
client = heard(cohere.ClientV2(**BASE))
ASKED = [{"role": "user", "content": WORDS}]
MODEL = "command-a-03-2025"
TOOLS = [{"type": "function", "function": {"name": "weather", "description": "of a city", "parameters": SCHEMA}}]


def chat(messages=ASKED, model=MODEL, **more):
    return client.chat(model=model, messages=messages, **more)


def sync():
    print(chat().message.content[0].text)


async def asynchronous():
    there = heard(cohere.AsyncClientV2(**BASE))
    print((await there.chat(model=MODEL, messages=ASKED)).message.content[0].text)
    print([event.type async for event in there.chat_stream(model=MODEL, messages=ASKED)])


def streams():
    print([event.type for event in client.chat_stream(model=MODEL, messages=ASKED)])


def structured_output():
    print(chat(response_format={"type": "json_object", "json_schema": SCHEMA}).message.content[0].text)


def tools():
    said = chat(tools=TOOLS).message
    found = {"role": "tool", "tool_call_id": said.tool_calls[0].id, "content": "sunny"}
    print(chat([*ASKED, said, found], tools=TOOLS).message.content[0].text)


def images_in():
    shown = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PICTURE_TEXT}"}}
    said = [{"role": "user", "content": [{"type": "text", "text": WORDS}, shown]}]
    print(chat(said, model="command-a-vision-07-2025").message.content[0].text)


def transcription():
    file = ("said.wav", SOUND, "audio/wav")
    print(client.audio.transcriptions.create(model="cohere-transcribe", language="en", file=file).text)


def embeddings():
    asked = {"texts": ["a", "b"], "input_type": "search_query", "embedding_types": ["float"]}
    print(len(client.embed(model="embed-v4.0", **asked).embeddings.float_))


def reasoning():
    said = chat(model="command-a-reasoning-08-2025", thinking={"type": "enabled"})
    print([part.type for part in said.message.content])


def prompt_caching():
    print(chat([{"role": "system", "content": "Say what is cached."}, *ASKED]).usage.cached_tokens)


show(
    *(sync, asynchronous, streams, structured_output, tools, images_in, transcription, embeddings, reasoning),
    prompt_caching,
    absent=client,
    lacks={"images_out": "images", "images_edited": "images", "audio_in": "audio.chat", "speech": "audio.speech"},
)
