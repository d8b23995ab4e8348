"""Hugging Face's SDK, ability by ability."""

import os
from pathlib import Path

# Where it would ask its own server who it is used by, and keep what it heard.
os.environ |= {"HF_ENDPOINT": os.environ["MODELS_URL"], "HF_HOME": str(Path("hub").resolve())}

from abilities import PICTURE_TEXT, SCHEMA, SHAPE, WORDS, heard, show
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


def reasoning():
    print(chat(extra_body={"reasoning_effort": "low"}).choices[0].message)


def prompt_caching():
    print(chat([{"role": "system", "content": "Say what is cached."}, *ASKED]).usage)


show(
    *(sync, asynchronous, streams, structured_output, tools, images_in, reasoning, prompt_caching),
    absent=client,
    lacks={"batches": "batches batch", "audio_in": "audio"},
)
