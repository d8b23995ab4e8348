"""A small MCP server over stdin and stdout that starts at once, for clients of any generation."""

import json
import os
import random
import sys
from typing import Any

__all__ = ["main"]

Result = dict[str, Any]
SCHEMA: Result = {"type": "object", "properties": {}}


def send(**message: Any) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def text(said: object) -> Result:
    return {"content": [{"type": "text", "text": str(said)}], "isError": False}


def call(params: Result) -> Result:
    name, arguments = params["name"], params.get("arguments") or {}
    token = params.get("_meta", {}).get("progressToken")
    if name == "number":
        return text(random.randrange(10**12))
    if name == "fail":
        return {**text("no weather today"), "isError": True}
    if name == "pid":
        return text(f"{os.getpid()} {os.environ.get('AGENTREPLAY_RUN', 'nothing')}")
    if name == "slowly":
        for step in range(arguments["steps"]):
            told = {"progressToken": token, "progress": step + 1, "total": arguments["steps"], "message": f"{step}"}
            send(method="notifications/progress", params=told)
        return text(random.randrange(10**12))
    # It waits here for the answer of the client, whatever else it is asked meanwhile.
    schema = {"type": "object", "properties": {"name": {"type": "string"}}}
    send(id="ask-1", method="elicitation/create", params={"message": "what is your name?", "requestedSchema": schema})
    for line in sys.stdin:
        found = json.loads(line)
        if found.get("id") == "ask-1":
            return text(f"hello {found['result']['content']['name']} {random.random()}")
    raise SystemExit


def answer(method: str, params: Result) -> Result:
    match method:
        case "initialize":
            capabilities: Result = {"tools": {}, "resources": {}, "prompts": {}}
            server = {"name": "weather", "version": "1"}
            return {"protocolVersion": params["protocolVersion"], "capabilities": capabilities, "serverInfo": server}
        case "tools/list":
            names = ("number", "fail", "pid", "slowly", "ask")
            return {"tools": [{"name": name, "inputSchema": SCHEMA} for name in names]}
        case "tools/call":
            return call(params)
        case "resources/read" if params["uri"] == "note://one":
            return {"contents": [{"uri": params["uri"], "text": f"a note {random.random()}"}]}
        case "prompts/get":
            said = {"type": "text", "text": f"greet {params['arguments']['name']} {random.random()}"}
            return {"messages": [{"role": "user", "content": said}]}
        case "ping":
            return {}
        case _:
            raise LookupError(method)


def main() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        if "id" not in asked or "method" not in asked:
            continue
        try:
            send(id=asked["id"], result=answer(asked["method"], asked.get("params", {})))
        except LookupError:
            send(id=asked["id"], error={"code": -32002, "message": "there is no such thing", "data": {"asked": 1}})


if __name__ == "__main__":
    main()
