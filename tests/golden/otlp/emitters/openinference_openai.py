"""OpenInference's instrumentation of OpenAI's client, inside of a session with a user."""

import openai
from exporting import export
from openinference.instrumentation import using_attributes
from openinference.instrumentation.openai import OpenAIInstrumentor
from weather_openai import talk

export()
OpenAIInstrumentor().instrument()
with using_attributes(session_id="conversation-7", user_id="ada", metadata={"team": "blue"}, tags=["weather"]):
    talk()
    openai.OpenAI().responses.create(model="gpt-5-mini", instructions="Be brief.", input="And in Oslo?")
