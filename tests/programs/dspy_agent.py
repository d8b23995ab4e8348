"""DSPy: a module that reasons and acts with tools, of which one fails, asks another one, and ends in pieces."""

import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import dspy

dspy.configure(
    lm=dspy.LM(
        "openai/gpt-5-mini",
        api_base=os.environ["MODELS_URL"] + "/v1",
        api_key="x",
        cache=False,
        temperature=1.0,
        max_tokens=16_000,
    )
)


def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


def trains(city: str) -> str:
    """The trains to a city."""
    raise LookupError(f"no line goes to {city}")


planner = dspy.ReAct(dspy.Signature("question -> answer", "You plan journeys."), tools=[weather, trains], max_iters=4)
for asked in ("How is the weather in Paris?", "Is there a train to Rome?"):
    print(planner(question=asked).answer)
goodbye = dspy.streamify(
    dspy.Predict("request -> words"), stream_listeners=[dspy.streaming.StreamListener("words")], async_streaming=False
)
for piece in goodbye(request="Say goodbye."):
    print(getattr(piece, "chunk", ""))
