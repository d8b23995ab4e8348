"""The page of the reference that says what recordings hold of each ability of the SDKs of model providers.

What it says stands in `tests/golden/sdks.json`, which the tests compare with what they see.
"""

import json
from collections.abc import Iterator
from pathlib import Path

__all__ = ["sdks"]

SEEN = Path(__file__).resolve().parent.parent / "tests" / "golden" / "sdks.json"
NAMES = {
    "sdk_anthropic": "`anthropic`",
    "sdk_bedrock": "`boto3`, Bedrock",
    "sdk_cohere": "`cohere`",
    "sdk_gemini": "`google-genai`",
    "sdk_huggingface": "`huggingface_hub`",
    "sdk_mistral": "`mistralai`",
    "sdk_ollama": "`ollama`",
    "sdk_openai": "`openai`",
}
"""By the program that uses it."""
ABILITIES = {
    "sync": "waited for",
    "asynchronous": "awaited",
    "streams": "streams",
    "structured_output": "answers in a shape",
    "tools": "tools",
    "images_in": "images shown",
    "images_out": "images made",
    "images_edited": "images edited",
    "audio_in": "sound heard",
    "speech": "speech made",
    "transcription": "speech written down",
    "embeddings": "embeddings",
    "batches": "batches",
    "reasoning": "reasoning",
    "prompt_caching": "cached prompts",
}
SIGNS = {"seen": "yes", "lacking": "·", "unseen": "no"}


def sdks() -> Iterator[str]:
    """The lines of the page."""
    yield "What the tests saw of the real packages, in recordings of programs that use one ability after the other"
    yield "(`tests/programs/sdk_*.py`), once with `agentreplay.wrap(client)` and once with `agentreplay.instrument()`:"
    yield "both see the same. `yes` is seen: each question to a model is there once, and what makes up the ability is"
    yield "in it. A dot is what the SDK has not. `no` is what no test saw: over HTTP it is recorded as a call with its"
    yield "bodies, and replayed, but model, tokens and cost are not told."
    yield ""
    yield "Images and sounds, shown or made, lie by themselves in the store, each once, and not as base64 in a text."
    yield "Each answer of a batch is a span below the call that brought it, with its tokens and the price of batches;"
    yield "it is told once, however often it is fetched. Reasoning is the text that the provider tells; cached prompts"
    yield "are the tokens that it says came from its cache."
    yield ""
    programs = json.loads(SEEN.read_text(encoding="utf-8"))
    yield f"| | {' | '.join(NAMES[program] for program in programs)} |"
    yield "|---" * (len(programs) + 1) + "|"
    for ability, meaning in ABILITIES.items():
        yield f"| {meaning} | {' | '.join(SIGNS[seen[ability]] for seen in programs.values())} |"
    yield ""
    yield "All these programs replay `identical` without a network."
