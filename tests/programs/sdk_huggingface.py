"""Hugging Face's SDK, ability by ability."""

import os
from pathlib import Path

# Where it would ask its own server who it is used by, and keep what it heard.
os.environ |= {"HF_ENDPOINT": os.environ["MODELS_URL"], "HF_HOME": str(Path("hub").resolve())}

from abilities import PICTURE, PICTURE_TEXT, SCHEMA, SHAPE, SOUND, WORDS, heard, show
from huggingface_hub import AsyncInferenceClient, InferenceClient

URL = os.environ["MODELS_URL"]
BASE = {"base_url": f"{URL}/v1", "api_key": "x"}
client = heard(InferenceClient(**BASE))
MODEL = "meta-llama/Llama-3.3-70B-Instruct"
ASKED = [{"role": "user", "content": WORDS}]
TOOLS = [{"type": "function", "function": {"name": "weather", "description": "of a city", "parameters": SCHEMA}}]


def chat(messages=ASKED, **more):
    return client.chat_completion(model=MODEL, messages=messages, **more)


def sync():
    print(chat().choices[0].message.content)


async def asynchronous():
    async with heard(AsyncInferenceClient(**BASE)) as there:
        print((await there.chat_completion(model=MODEL, messages=ASKED)).choices[0].message.content)
        print([piece.id async for piece in await there.chat_completion(model=MODEL, messages=ASKED, stream=True)])


def streams():
    print([piece.id for piece in chat(stream=True, stream_options={"include_usage": True})])


def structured_output():
    shape = {"type": "json_schema", "json_schema": {"name": "place", "schema": SHAPE, "strict": True}}
    print(chat(response_format=shape).choices[0].message.content)


def tools():
    call = chat(tools=TOOLS).choices[0].message.tool_calls[0]
    told = {"role": "assistant", "tool_calls": [{"id": call.id, "type": "function", "function": dict(call.function)}]}
    print(chat([*ASKED, told, {"role": "tool", "tool_call_id": call.id, "content": "sunny"}], tools=TOOLS).choices)


def images_in():
    shown = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PICTURE_TEXT}"}}
    print(chat([{"role": "user", "content": [{"type": "text", "text": WORDS}, shown]}]).choices[0].message.content)


def task(name, pipeline=""):
    """A client at the address of a model for tasks that are no chat; the server has to be told of those that make
    sounds or vectors of a text.
    """
    return heard(InferenceClient(f"{URL}/hf-inference/models/{name}{pipeline}", token="x"))


def images_out():
    there = task("black-forest-labs/FLUX.1-schnell")
    print(there.text_to_image("a cat").size, there.text_to_image("a cat", width=64, seed=1).format)


def images_edited():
    there = task("black-forest-labs/FLUX.1-Kontext-dev")
    print(there.image_to_image(PICTURE).size, there.image_to_image(PICTURE, "in blue").format)


def speech():
    print(len(task("hexgrad/Kokoro-82M", "/pipeline/text-to-speech").text_to_speech("It is sunny.")))


def transcription():
    there = task("openai/whisper-large-v3")
    Path("said.wav").write_bytes(SOUND)
    asked = (SOUND, {}), ("said.wav", {}), (SOUND, {"extra_body": {"return_timestamps": True}})
    print([there.automatic_speech_recognition(sound, **more).text for sound, more in asked])


def embeddings():
    there = task("intfloat/multilingual-e5-large", "/pipeline/feature-extraction")
    print(there.feature_extraction("a").shape, there.feature_extraction(["a", "b"], normalize=True).shape)


def reasoning():
    print(chat(extra_body={"reasoning_effort": "low"}).choices[0].message)


def prompt_caching():
    print(chat([{"role": "system", "content": "Say what is cached."}, *ASKED]).usage)


show(
    *(sync, asynchronous, streams, structured_output, tools, images_in, images_out, images_edited, speech),
    *(transcription, embeddings, reasoning, prompt_caching),
    absent=client,
    lacks={"batches": "batches batch", "audio_in": "audio"},
)
