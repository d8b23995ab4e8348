"""Mistral's SDK, ability by ability."""

import json
import os

from abilities import PICTURE_TEXT, SCHEMA, SHAPE, SOUND, SOUND_TEXT, WORDS, heard, show
from mistralai.client import Mistral

BASE = {"api_key": "x", "server_url": os.environ["MODELS_URL"]}
client = heard(Mistral(**BASE))
ASKED = [{"role": "user", "content": WORDS}]
MODEL = "mistral-small-latest"
TOOLS = [{"type": "function", "function": {"name": "weather", "description": "of a city", "parameters": SCHEMA}}]


def chat(messages=ASKED, model=MODEL, **more):
    return client.chat.complete(model=model, messages=messages, **more)


def sync():
    print(chat().choices[0].message.content)


async def asynchronous():
    there = heard(Mistral(**BASE))
    print((await there.chat.complete_async(model=MODEL, messages=ASKED)).choices[0].message.content)
    print([event.data.id async for event in await there.chat.stream_async(model=MODEL, messages=ASKED)])


def streams():
    print([event.data.id for event in client.chat.stream(model=MODEL, messages=ASKED)])


def structured_output():
    shape = {"type": "json_schema", "json_schema": {"name": "place", "schema": SHAPE, "strict": True}}
    print(chat(response_format=shape).choices[0].message.content)


def tools():
    said = chat(tools=TOOLS).choices[0].message
    found = {"role": "tool", "name": "weather", "tool_call_id": said.tool_calls[0].id, "content": "sunny"}
    print(chat([*ASKED, said, found], tools=TOOLS).choices[0].message.content)


def images_in():
    shown = {"type": "image_url", "image_url": f"data:image/png;base64,{PICTURE_TEXT}"}
    print(chat([{"role": "user", "content": [{"type": "text", "text": WORDS}, shown]}]).choices[0].message.content)


def audio_in():
    said = {"type": "input_audio", "input_audio": SOUND_TEXT}
    print(chat([{"role": "user", "content": [said]}], model="voxtral-small-latest").choices[0].message.content)


def speech():
    print(len(client.audio.speech.complete(model="voxtral-mini-tts", input=WORDS).audio_data))


def transcription():
    asked = {"model": "voxtral-mini-latest", "file": {"file_name": "said.wav", "content": SOUND}}
    print(client.audio.transcriptions.complete(**asked).text)
    print([event.event for event in client.audio.transcriptions.stream(**asked)])


def embeddings():
    print(len(client.embeddings.create(model="mistral-embed", inputs=["a", "b"]).data))


def batches():
    asked = [{"custom_id": name, "body": {"model": MODEL, "messages": ASKED}} for name in ("one", "two")]
    lines = "\n".join(map(json.dumps, asked)).encode()
    file = client.files.upload(file={"file_name": "asked.jsonl", "content": lines}, purpose="batch")
    job = client.batch.jobs.create(input_files=[file.id], model=MODEL, endpoint="/v1/chat/completions")
    job = client.batch.jobs.get(job_id=job.id)
    for _ in range(2):
        found = client.files.download(file_id=job.output_file).read().decode()
        print([json.loads(line)["custom_id"] for line in found.splitlines()])


def reasoning():
    print(chat(model="magistral-small-latest", prompt_mode="reasoning").choices[0].message.content)


def prompt_caching():
    print(chat(prompt_cache_key="journeys").usage)


show(
    *(sync, asynchronous, streams, structured_output, tools, images_in, audio_in, speech, transcription),
    *(embeddings, batches, reasoning, prompt_caching),
    absent=client,
    lacks={"images_out": "images", "images_edited": "images"},
)
