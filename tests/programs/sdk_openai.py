"""OpenAI's SDK, ability by ability."""

import json
import os

import openai
from abilities import PICTURE, PICTURE_TEXT, SHAPE, SOUND, SOUND_TEXT, WORDS, heard, show
from pydantic import BaseModel

BASE = {"base_url": os.environ["MODELS_URL"] + "/v1", "api_key": "x"}
client = heard(openai.OpenAI(**BASE))
ASKED = [{"role": "user", "content": WORDS}]
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": SHAPE}}]


class Place(BaseModel):
    """A city."""

    city: str


def chat(messages=ASKED, model="gpt-5-mini", **more):
    return client.chat.completions.create(model=model, messages=messages, **more)


def sync():
    print(chat().choices[0].message.content)


async def asynchronous():
    async with heard(openai.AsyncOpenAI(**BASE)) as there:
        print((await there.chat.completions.create(model="gpt-5-mini", messages=ASKED)).choices[0].message.content)
        pieces = await there.responses.create(model="gpt-5-mini", input=WORDS, stream=True)
        print([event.type async for event in pieces])


def streams():
    print([piece.id for piece in chat(stream=True, stream_options={"include_usage": True})])
    with client.responses.stream(model="gpt-5-mini", input=WORDS) as events:
        print([event.type for event in events])


def structured_output():
    print(
        client.chat.completions.parse(model="gpt-5-mini", messages=ASKED, response_format=Place)
        .choices[0]
        .message.parsed
    )
    print(client.responses.parse(model="gpt-5-mini", input=WORDS, text_format=Place).output_parsed)


def tools():
    said = chat(tools=TOOLS).choices[0].message
    found = {"role": "tool", "tool_call_id": said.tool_calls[0].id, "content": "sunny"}
    print(chat([*ASKED, said.model_dump(exclude_none=True), found], tools=TOOLS).choices[0].message.content)


def images_in():
    shown = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PICTURE_TEXT}"}}
    print(chat([{"role": "user", "content": [{"type": "text", "text": WORDS}, shown]}]).choices[0].message.content)
    shown = {"type": "input_image", "image_url": f"data:image/png;base64,{PICTURE_TEXT}"}
    said = [{"role": "user", "content": [{"type": "input_text", "text": WORDS}, shown]}]
    print(client.responses.create(model="gpt-5-mini", input=said).output_text)


def images_out():
    print(len(client.images.generate(model="gpt-image-1", prompt="a cat", n=2).data))
    drawing = client.images.generate(model="gpt-image-1", prompt="a dog", stream=True, partial_images=0)
    print([event.type for event in drawing])


def images_edited():
    before = ("cat.png", PICTURE, "image/png")
    print(len(client.images.edit(model="gpt-image-1", image=before, prompt="with a hat").data))
    drawing = client.images.edit(model="gpt-image-1", image=[before, before], prompt="with hats", stream=True)
    print([event.type for event in drawing])


def audio_in():
    said = {"type": "input_audio", "input_audio": {"data": SOUND_TEXT, "format": "wav"}}
    print(chat([{"role": "user", "content": [said]}], model="gpt-4o-audio-preview").choices[0].message.content)


def speech():
    said = {"model": "gpt-4o-mini-tts", "voice": "alloy", "input": WORDS}
    print(len(client.audio.speech.create(**said).read()))
    with client.audio.speech.with_streaming_response.create(**said, stream_format="sse") as response:
        print(len([line for line in response.iter_lines() if line]))


def transcription():
    asked = {"model": "gpt-4o-transcribe", "file": ("said.wav", SOUND, "audio/wav")}
    print(client.audio.transcriptions.create(**asked).text)
    print([event.type for event in client.audio.transcriptions.create(**asked, stream=True)])


def embeddings():
    print(len(client.embeddings.create(model="text-embedding-3-small", input=["a", "b"]).data))


def batches():
    body = {"model": "gpt-5-mini", "messages": ASKED}
    asked = [
        {"custom_id": name, "method": "POST", "url": "/v1/chat/completions", "body": body} for name in ("one", "two")
    ]
    lines = "\n".join(map(json.dumps, asked)).encode()
    file = client.files.create(file=("asked.jsonl", lines), purpose="batch")
    job = client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
    job = client.batches.retrieve(job.id)
    for _ in range(2):
        found = client.files.content(job.output_file_id).text
        print([json.loads(line)["custom_id"] for line in found.splitlines()])


def reasoning():
    said = client.responses.create(model="gpt-5-mini", input=WORDS, reasoning={"effort": "low", "summary": "auto"})
    print([item.type for item in said.output])


def prompt_caching():
    print(chat(prompt_cache_key="journeys").usage.prompt_tokens_details)


show(
    *(sync, asynchronous, streams, structured_output, tools, images_in, images_out, images_edited, audio_in),
    *(speech, transcription, embeddings, batches, reasoning, prompt_caching),
)
