"""A small agent that answers a customer, for the demo: it streams from a model, calls tools side by side, asks a
second agent, and tries again when a tool fails.

It needs nothing but Python and agentreplay, and asks the model at the address in OPENAI_BASE_URL.
"""

import json
import os
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import agentreplay

__all__ = [
    "LANGUAGE_MODEL",
    "ORDERS",
    "QUESTION",
    "TOOLS",
    "TRIES",
    "Messages",
    "answer",
    "ask",
    "carrier_status",
    "lookup_order",
    "patient_carrier_status",
    "policy_expert",
    "run_tool",
]

QUESTION = "Where is my order 7, and can I still return it?"
ORDERS = {"7": {"item": "kettle", "status": "shipped", "carrier": "QuickShip", "bought": "2026-11-02"}}
TRIES = 3
LANGUAGE_MODEL = "gpt-5-mini"

Messages = list[dict[str, Any]]


@agentreplay.tool
def lookup_order(order: str) -> dict[str, str]:
    """What was ordered, and where it is."""
    return ORDERS[order]


@agentreplay.tool
def carrier_status(order: str, attempt: int) -> dict[str, str]:
    """What the carrier says. Its service is down now and then."""
    if attempt == 1:
        raise ConnectionError("the carrier does not answer")
    return {"order": order, "expected": "Friday"}


@agentreplay.agent
def policy_expert(question: str) -> str:
    """A second agent that knows the rules of the shop."""
    messages = [
        {"role": "system", "content": "You know the return policy of the shop. Answer in one sentence."},
        {"role": "user", "content": question},
    ]
    return str(ask(messages, [])["content"])


def patient_carrier_status(order: str) -> dict[str, str]:
    """The carrier's answer, asked for again when it does not come."""
    for attempt in range(1, TRIES):
        try:
            return carrier_status(order, attempt)
        except ConnectionError:
            time.sleep(0.05)
    return carrier_status(order, TRIES)


TOOLS: dict[str, Callable[..., Any]] = {
    "lookup_order": lookup_order,
    "carrier_status": patient_carrier_status,
    "policy_expert": policy_expert,
}


def ask(messages: Messages, tools: list[str]) -> dict[str, Any]:
    """Ask the model, and put its streamed answer together."""
    offered = [{"type": "function", "function": {"name": name, "parameters": {"type": "object"}}} for name in tools]
    body = {"model": LANGUAGE_MODEL, "messages": messages, "stream": True, "stream_options": {"include_usage": True}}
    if offered:
        body["tools"] = offered
    request = urllib.request.Request(  # noqa: S310  # the address is the user's own
        f"{os.environ['OPENAI_BASE_URL']}/chat/completions",
        data=json.dumps(body).encode(),
        headers={"content-type": "application/json", "authorization": f"Bearer {os.environ['OPENAI_API_KEY']}"},
    )
    text = ""
    calls: dict[int, dict[str, Any]] = {}
    with urllib.request.urlopen(request) as response:  # noqa: S310  # as above
        for line in response:
            data = line.decode().removeprefix("data: ").strip()
            if not data or data == "[DONE]":
                continue
            for choice in json.loads(data)["choices"]:
                delta = choice["delta"]
                text += delta.get("content") or ""
                parts: list[dict[str, Any]] = delta.get("tool_calls") or []
                for part in parts:
                    call = calls.setdefault(part["index"], {"id": "", "name": "", "arguments": ""})
                    call["id"] += part.get("id") or ""
                    call["name"] += part["function"].get("name") or ""
                    call["arguments"] += part["function"].get("arguments") or ""
    return {"content": text, "calls": [calls[index] for index in sorted(calls)]}


@agentreplay.agent
def answer(question: str) -> str:
    """Answer a customer."""
    messages: Messages = [
        {"role": "system", "content": "You help customers of a shop. Use the tools before you answer."},
        {"role": "user", "content": question},
    ]
    while True:
        said = ask(messages, list(TOOLS))
        if not said["calls"]:
            return str(said["content"])
        called = [
            {"id": call["id"], "type": "function", "function": {"name": call["name"], "arguments": call["arguments"]}}
            for call in said["calls"]
        ]
        messages.append({"role": "assistant", "content": said["content"] or None, "tool_calls": called})
        with ThreadPoolExecutor() as pool:
            results = list(pool.map(run_tool, said["calls"]))
        messages += [
            {"role": "tool", "tool_call_id": call["id"], "content": json.dumps(result)}
            for call, result in zip(said["calls"], results, strict=True)
        ]


def run_tool(call: dict[str, Any]) -> Any:
    """Call the tool that the model wants called."""
    return TOOLS[call["name"]](**json.loads(call["arguments"]))


if __name__ == "__main__":
    print(answer(QUESTION))  # noqa: T201  # the answer is what it is for
