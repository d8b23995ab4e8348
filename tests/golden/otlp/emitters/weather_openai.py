"""A conversation with OpenAI's client: a tool is called, the answer is streamed, and a text is embedded."""

import json

import openai

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "The weather in a city",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        },
    }
]


def get_weather(city):
    return {"city": city, "sky": "rain"}


def talk(*, embeds=True):
    client = openai.OpenAI()
    messages = [
        {"role": "system", "content": "Answer in one sentence."},
        {"role": "user", "content": "What is the weather in Paris?"},
    ]
    asked = client.chat.completions.create(model="gpt-5-mini", messages=messages, tools=TOOLS)
    message = asked.choices[0].message
    messages.append(message.model_dump(exclude_none=True))
    for call in message.tool_calls:
        result = get_weather(**json.loads(call.function.arguments))
        messages.append({"role": "tool", "tool_call_id": call.id, "content": json.dumps(result)})
    stream = client.chat.completions.create(
        model="gpt-5-mini", messages=messages, tools=TOOLS, stream=True, stream_options={"include_usage": True}
    )
    for _ in stream:
        pass
    if embeds:
        client.embeddings.create(model="text-embedding-3-small", input="rain in Paris")
