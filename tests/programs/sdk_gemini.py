"""Google's SDK, ability by ability."""

import os

from abilities import PICTURE, SCHEMA, SOUND, WORDS, heard, show
from google import genai
from google.genai import types

BASE = {"api_key": "x", "http_options": {"base_url": os.environ["MODELS_URL"]}}
client = heard(genai.Client(**BASE))
MODEL = "gemini-2.5-flash"
TOOLS = [{"function_declarations": [{"name": "weather", "description": "of a city", "parameters": SCHEMA}]}]


def chat(contents=WORDS, model=MODEL, **config):
    return client.models.generate_content(model=model, contents=contents, config=config)


def sync():
    print(chat().text)


async def asynchronous():
    there = heard(genai.Client(**BASE)).aio
    print((await there.models.generate_content(model=MODEL, contents=WORDS)).text)
    print([piece.text async for piece in await there.models.generate_content_stream(model=MODEL, contents=WORDS)])


def streams():
    print([piece.text for piece in client.models.generate_content_stream(model=MODEL, contents=WORDS)])


def structured_output():
    print(chat(response_mime_type="application/json", response_schema=SCHEMA).text)


def tools():
    said = chat(tools=TOOLS)
    result = types.Part.from_function_response(name="weather", response={"result": "sunny"})
    asked = types.Content(role="user", parts=[types.Part(text=WORDS)])
    print(chat([asked, said.candidates[0].content, types.Content(role="user", parts=[result])], tools=TOOLS).text)


def images_in():
    print(chat([WORDS, types.Part.from_bytes(data=PICTURE, mime_type="image/png")]).text)


def images_out():
    said = chat("Draw a cat.", model="gemini-2.5-flash-image", response_modalities=["TEXT", "IMAGE"])
    print([len(part.inline_data.data) for part in said.candidates[0].content.parts if part.inline_data])


def images_edited():
    before = types.Part.from_bytes(data=PICTURE, mime_type="image/png")
    said = chat(["Draw a hat on it.", before], model="gemini-2.5-flash-image", response_modalities=["TEXT", "IMAGE"])
    print([len(part.inline_data.data) for part in said.candidates[0].content.parts if part.inline_data])


def audio_in():
    print(chat([WORDS, types.Part.from_bytes(data=SOUND, mime_type="audio/wav")]).text)


def speech():
    said = chat(WORDS, model="gemini-2.5-flash-preview-tts", response_modalities=["AUDIO"])
    print([len(part.inline_data.data) for part in said.candidates[0].content.parts if part.inline_data])


def transcription():
    print(chat(["Write down what is said.", types.Part.from_bytes(data=SOUND, mime_type="audio/wav")]).text)


def embeddings():
    print(len(client.models.embed_content(model="gemini-embedding-001", contents=["a", "b"]).embeddings))


def batches():
    asked = [{"contents": [{"role": "user", "parts": [{"text": WORDS}]}]} for _ in range(2)]
    job = client.batches.create(model=MODEL, src=asked)
    for _ in range(2):
        job = client.batches.get(name=job.name)
        print(job.state, len(job.dest.inlined_responses))


def reasoning():
    said = chat(thinking_config={"include_thoughts": True, "thinking_budget": 512})
    print([part.thought for part in said.candidates[0].content.parts], said.usage_metadata.thoughts_token_count)


def prompt_caching():
    cache = client.caches.create(model=MODEL, config={"contents": [WORDS], "ttl": "60s"})
    print(chat(cached_content=cache.name).usage_metadata.cached_content_token_count)
    client.caches.delete(name=cache.name)


show(
    *(sync, asynchronous, streams, structured_output, tools, images_in, images_out, images_edited, audio_in),
    *(speech, transcription, embeddings, batches, reasoning, prompt_caching),
)
