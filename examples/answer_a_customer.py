"""Records an agent that asks a model and uses a tool, and replays it with the model gone.

Prints:
    I looked it up: the kettle is shipped.
    identical, 3 of 3 calls served
"""

import json
import urllib.request
from typing import Any

import agentreplay
from agentreplay.testing import Reply, ScriptedModels, ToolCall


@agentreplay.tool
def lookup_order(order: str) -> str:
    """What became of an order."""
    return {"7": "the kettle is shipped"}[order]


def ask(url: str, messages: list[dict[str, Any]]) -> dict[str, Any]:
    """What the model says next."""
    body = json.dumps({"model": "gpt-5-mini", "messages": messages}).encode()
    request = urllib.request.Request(f"{url}/v1/chat/completions", body, {"content-type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["choices"][0]["message"]  # type: ignore[no-any-return]


def answer(url: str) -> str:
    """Where is order 7?"""
    messages: list[dict[str, Any]] = [{"role": "user", "content": "Where is my order 7?"}]
    while (said := ask(url, messages)).get("tool_calls"):
        messages.append(said)
        for call in said["tool_calls"]:
            found = lookup_order(**json.loads(call["function"]["arguments"]))
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": found})
    return str(said["content"])


if __name__ == "__main__":
    agentreplay.instrument()
    script = [
        Reply(tool_calls=(ToolCall(name="lookup_order", arguments={"order": "7"}),)),
        Reply(text="I looked it up: the kettle is shipped."),
    ]
    with ScriptedModels(script) as models, agentreplay.session("a customer") as session:
        print(session.returns(answer(models.url)))
    # The model has stopped.
    verdict = agentreplay.replay(session.id, answer, models.url)
    print(f"{verdict.status}, {verdict.served} of {verdict.calls} calls served")
