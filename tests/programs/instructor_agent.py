"""Instructor: answers in a shape, of which the first does not fit; the last in pieces."""

import os

import instructor
from openai import OpenAI
from pydantic import BaseModel, Field


class Weather(BaseModel):
    """The weather of a city."""

    city: str
    degrees: int = Field(le=60)


client = instructor.from_openai(OpenAI(base_url=os.environ["MODELS_URL"] + "/v1", api_key="x"))
system = {"role": "system", "content": "You know the weather."}
for asked in ("How is the weather in Paris?", "How is the weather in Rome?"):
    messages = [system, {"role": "user", "content": asked}]
    print(client.chat.completions.create(model="gpt-5-mini", response_model=Weather, messages=messages))
messages = [system, {"role": "user", "content": "How is the weather in Oslo?"}]
for part in client.chat.completions.create_partial(
    model="gpt-5-mini", response_model=Weather, messages=messages, stream_options={"include_usage": True}
):
    print(part)
