"""LiteLLM: a tool, and a stream."""

import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        },
    }
]
asked = {"model": "openai/gpt-5-mini", "api_base": os.environ["MODELS_URL"] + "/v1", "api_key": "x"}
messages = [{"role": "user", "content": "How is the weather?"}]
said = litellm.completion(messages=messages, tools=TOOLS, **asked).choices[0].message
call = said.tool_calls[0]
print(call.function.name, call.function.arguments)
messages += [said.model_dump(), {"role": "tool", "tool_call_id": call.id, "content": "sunny"}]
print(litellm.completion(messages=messages, tools=TOOLS, **asked).choices[0].message.content)
print([piece.choices[0].delta.content for piece in litellm.completion(messages=messages, stream=True, **asked)])
