"""LiteLLM: a dialogue with tools of which one fails; the last answer in pieces."""

import json
import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS = [{"type": "function", "function": {"name": name, "parameters": CITY}} for name in ("weather", "trains")]
ASKED = {"model": "openai/gpt-5-mini", "api_base": os.environ["MODELS_URL"] + "/v1", "api_key": "x"}


def weather(city: str) -> str:
    return f"sunny in {city}"


def trains(city: str) -> str:
    raise LookupError(f"no line goes to {city}")


def used(call) -> str:
    try:
        return globals()[call.function.name](**json.loads(call.function.arguments))
    except LookupError as error:
        return str(error)


messages = [{"role": "system", "content": "You plan journeys."}]
for asked in ("How is the weather in Paris?", "Is there a train to Rome?"):
    messages.append({"role": "user", "content": asked})
    said = litellm.completion(messages=messages, tools=TOOLS, **ASKED).choices[0].message
    while said.tool_calls:
        messages.append(said.model_dump(exclude_none=True))
        messages += [{"role": "tool", "tool_call_id": call.id, "content": used(call)} for call in said.tool_calls]
        said = litellm.completion(messages=messages, tools=TOOLS, **ASKED).choices[0].message
    print(said.content)
    messages.append({"role": "assistant", "content": said.content})
messages.append({"role": "user", "content": "Say goodbye."})
for piece in litellm.completion(messages=messages, stream=True, stream_options={"include_usage": True}, **ASKED):
    print(piece.choices[0].delta.content if piece.choices else "")
