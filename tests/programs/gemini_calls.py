"""Google's client: a tool that it calls by itself, and a stream."""

import os

from google import genai
from google.genai import types

client = genai.Client(api_key="x", http_options=types.HttpOptions(base_url=os.environ["MODELS_URL"]))


def weather(city: str) -> str:
    """The weather of a city."""
    print("asked for", city)
    return "sunny"


config = types.GenerateContentConfig(tools=[weather])
print(client.models.generate_content(model="gemini-3-flash", contents="How is it?", config=config).text)
print([part.text for part in client.models.generate_content_stream(model="gemini-3-flash", contents="Tell me")])
