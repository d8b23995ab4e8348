"""Hugging Face's client: a tool, streams, an error; and several calls at once."""

import asyncio
import os
from pathlib import Path

# Where it would ask its own server who it is used by, and keep what it heard.
os.environ |= {"HF_ENDPOINT": os.environ["MODELS_URL"], "HF_HOME": str(Path("hub").resolve())}

from huggingface_hub import AsyncInferenceClient, InferenceClient
from huggingface_hub.errors import HfHubHTTPError

URL = os.environ["MODELS_URL"]
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS = [{"type": "function", "function": {"name": "weather", "description": "of a city", "parameters": SCHEMA}}]
MODEL = "meta-llama/Llama-3.3-70B-Instruct"
client = InferenceClient(base_url=f"{URL}/v1", api_key="x")
messages = [{"role": "user", "content": "How is the weather?"}]
said = client.chat_completion(model=MODEL, messages=messages, tools=TOOLS)
call = said.choices[0].message.tool_calls[0]
print(call.function.name, call.function.arguments, said.usage.total_tokens)
told = {"role": "assistant", "tool_calls": [{"id": call.id, "type": "function", "function": dict(call.function)}]}
messages += [told, {"role": "tool", "tool_call_id": call.id, "content": "sunny"}]
print(client.chat.completions.create(model=MODEL, messages=messages, tools=TOOLS).choices[0].message.content)
print([piece.choices[0].delta.content for piece in client.chat_completion(model=MODEL, messages=messages, stream=True)])
try:
    InferenceClient(model=f"{URL}/models/nobody", api_key="x").text_generation("Once")
except HfHubHTTPError as error:
    print(error.response.status_code)


async def many() -> None:
    async with AsyncInferenceClient(base_url=f"{URL}/v1", api_key="x") as there:

        async def one(number: int) -> str:
            asked = [{"role": "user", "content": f"question {number}"}]
            return (await there.chat_completion(model=MODEL, messages=asked)).choices[0].message.content

        print(await asyncio.gather(*map(one, range(10))))
        asked = [{"role": "user", "content": "stream it"}]
        stream = await there.chat_completion(model=MODEL, messages=asked, stream=True)
        print([piece.choices[0].delta.content async for piece in stream])


asyncio.run(many())
