"""Makes the compression dictionary that ships with the package, from phrases written for it here.

`python -m benchmarks.dictionary FILE` writes it. A dictionary that was released never changes: a better one
gets the next number and a codec of its own in contents/compression.py.
"""

import random
import sys
from pathlib import Path

from agentreplay.model.values import encode
from benchmarks.packing import zstd

__all__ = ["make_dictionary"]

_SIZE = 16_384
_SAMPLES = 4_000

_OPENERS = """
I'll start by looking at the|Let me check the|Now I need to|First, let me|I found the|The problem is that the
Looking at the output, the|This means that the|Based on the results, I will|You are a helpful assistant that
Please make sure that the|The following changes were made to the|I have updated the|It seems that the
Here is a summary of the|Use this tool to|Returns a list of|If there is an error, the|Do not change the
The user wants to|We need to make sure|To fix this, I'll|Let's run the|The test is failing because the
I can see that the|Next, I'll create the|Great! The|Perfect! Now the|You can use the|Note that the
""".replace("\n", "|").split("|")
_MIDDLES = """
file does not exist in the current directory|function is called with the wrong arguments|tests pass after this change
configuration of the project and its dependencies|error message says that the module could not be found
component needs to be updated to handle this case|following command to install the required packages
response from the server contains the expected value|existing implementation and the available options
documentation of the command line interface|database connection and the query results
code in the repository to understand the structure|user asked for more information about the order
search results for the given query|list of available tools and their parameters|status of the request is not valid
current version of the application|changes between the two branches|number of items in the response
""".replace("\n", "|").split("|")
_CODE = """
def __init__(self, name: str, value: int = 0) -> None:\\n        self.name = name\\n        self.value = value\\n
import os\\nimport sys\\nimport json\\nfrom typing import Any, Dict, List, Optional\\n
if __name__ == \\"__main__\\":\\n    main()\\n|    return result\\n\\n    except Exception as error:\\n        raise ValueError(f\\"
import React, { useState, useEffect } from 'react';\\n|export default function |const [|] = useState(null);\\n
  const response = await fetch(`/api/|  if (!response.ok) {\\n    throw new Error(|export const | = async (
Traceback (most recent call last):\\n  File \\"|\\", line |, in <module>\\nModuleNotFoundError: No module named '
drwxr-xr-x  2 user user  4096 |-rw-r--r--  1 user user |total 48\\n|diff --git a/src/|index 0000000..|@@ -1,6 +1,8 @@
## Overview\\n\\n|### Installation\\n\\n```bash\\nnpm install\\n```\\n|- **|**: |# Usage\\n\\n1. **|\\n   - `|/src/components/|.tsx|/tests/test_|.py
The file has been updated. Here's the result of running `cat -n` on a snippet of the edited file:\\n|     1\\t|    12\\t
""".replace("\n", "|").split("|")  # noqa: E501 - a phrase ends where a line does
_MESSAGES = (
    '{"role":"user","content":"%s"}',
    '{"role":"system","content":"%s"}',
    '{"role":"assistant","content":[{"type":"text","text":"%s"}]}',
    '{"role":"user","content":[{"type":"text","text":"%s"}]}',
    (
        '{"role":"assistant","content":[{"type":"text","text":"%s"},{"type":"tool_use","id":"toolu_01%s",'
        '"name":"%s","input":{"file_path":"/home/user/project/src/%s.py","command":"cd /home/user/project && %s",'
        '"description":"%s","pattern":"%s","old_string":"%s","new_string":"%s"}}]}'
    ),
    '{"role":"user","content":[{"tool_use_id":"toolu_01%s","type":"tool_result","content":"%s","is_error":false}]}',
    (
        '{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_01%s",'
        '"content":[{"type":"text","text":"%s"}]}]}'
    ),
    (
        '{"role":"assistant","content":null,"tool_calls":[{"id":"call_%s","type":"function","function":{"name":"%s",'
        '"arguments":"{\\"query\\": \\"%s\\", \\"path\\": \\"%s\\", \\"limit\\": 10}"}}],"refusal":null}'
    ),
    '{"role":"tool","tool_call_id":"call_%s","content":"%s"}',
    (
        '{"role":"tool","content":"{\\"status\\": \\"ok\\", \\"results\\": [{\\"id\\": \\"%s\\", \\"name\\": \\"%s\\", '
        '\\"title\\": \\"%s\\", \\"score\\": 0.8, \\"url\\": \\"https://example.com/%s\\"}]}","tool_call_id":"call_%s"}'
    ),
    (
        '{"id":"msg_01%s","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[{"type":"thinking",'
        '"thinking":"%s","signature":"%s"},{"type":"text","text":"%s"}],"stop_reason":"end_turn","stop_sequence":null,'
        '"usage":{"input_tokens":12,"cache_creation_input_tokens":1034,"cache_read_input_tokens":20481,'
        '"cache_creation":{"ephemeral_5m_input_tokens":1034,"ephemeral_1h_input_tokens":0},"output_tokens":210,'
        '"service_tier":"standard"}}'
    ),
    (
        '{"id":"chatcmpl-%s","object":"chat.completion","created":1760000000,"model":"gpt-5-mini","choices":[{"index":0,'
        '"message":{"role":"assistant","content":"%s","refusal":null,"annotations":[]},"logprobs":null,'
        '"finish_reason":"stop"}],"usage":{"prompt_tokens":1200,"completion_tokens":80,"total_tokens":1280,'
        '"prompt_tokens_details":{"cached_tokens":1024,"audio_tokens":0},"completion_tokens_details":'
        '{"reasoning_tokens":64,"audio_tokens":0,"accepted_prediction_tokens":0}},"service_tier":"default"}'
    ),
    (
        '{"model":"gpt-5-mini","messages":[{"role":"system","content":"%s"}],"tools":[{"type":"function","function":'
        '{"name":"%s","description":"%s","parameters":{"type":"object","properties":{"query":{"type":"string",'
        '"description":"%s"},"limit":{"type":"integer"}},"required":["query"],"additionalProperties":false}}}],'
        '"temperature":0.2,"max_tokens":4096,"stream":true,"tool_choice":"auto"}'
    ),
    (
        '{"contents":[{"role":"user","parts":[{"text":"%s"}]},{"role":"model","parts":[{"functionCall":{"name":"%s",'
        '"args":{"city":"%s"}}}]}],"generationConfig":{"temperature":0.7},"finishReason":"STOP","usageMetadata":'
        '{"promptTokenCount":100,"candidatesTokenCount":50,"totalTokenCount":150}}'
    ),
    "%s",
)
_TOOLS = "read_file write_file bash search web_search lookup_order run_tests list_directory Edit Read Grep Glob".split()
_ATTRIBUTES: dict[str, object] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.system": "openai",
    "gen_ai.provider.name": "anthropic",
    "gen_ai.request.model": "claude-sonnet-4-5",
    "gen_ai.response.model": "gpt-5-mini",
    "gen_ai.request.temperature": 0.2,
    "gen_ai.request.max_tokens": 4096,
    "gen_ai.response.id": "chatcmpl-",
    "gen_ai.response.finish_reasons": ["stop", "tool_calls", "end_turn"],
    "gen_ai.usage.input_tokens": 1200,
    "gen_ai.usage.output_tokens": 80,
    "gen_ai.usage.cache_read.input_tokens": 1024,
    "gen_ai.conversation.id": "",
    "gen_ai.agent.name": "assistant",
    "gen_ai.tool.name": "web_search",
    "gen_ai.tool.call.id": "call_",
    "gen_ai.tool.type": "function",
    "openinference.span.kind": "LLM",
    "llm.model_name": "gpt-5-mini",
    "llm.token_count.prompt": 1,
    "llm.token_count.completion": 2,
    "input.mime_type": "application/json",
    "output.mime_type": "text/plain",
    "session.id": "",
    "user.id": "",
    "traceloop.span.kind": "workflow",
    "traceloop.entity.name": "",
    "http.request.method": "POST",
    "http.response.status_code": 200,
    "url.full": "https://api.openai.com/v1/chat/completions",
    "server.address": "api.anthropic.com",
    "server.port": 443,
    "code.file.path": "/app/src/agent.py",
    "code.function.name": "run",
    "code.line.number": 42,
    "thread.name": "MainThread",
    "service.name": "agent",
    "service.version": "1.0.0",
    "telemetry.sdk.language": "python",
    "telemetry.sdk.name": "opentelemetry",
    "telemetry.sdk.version": "1.38.0",
    "deployment.environment": "production",
    "exception.type": "TimeoutError",
    "exception.message": "",
    "exception.stacktrace": "Traceback (most recent call last):\n",
}


def make_dictionary(seed: int = 1) -> bytes:
    """Train a dictionary on messages put together from the phrases."""
    choose = random.Random(seed)
    samples = []
    for number in range(_SAMPLES):
        if number % 4 == 3:
            keys = choose.sample(sorted(_ATTRIBUTES), 9)
            samples.append(_body({key: _ATTRIBUTES[key] for key in keys}))
        else:
            form = choose.choice(_MESSAGES)
            samples.append((form % tuple(_fill(choose) for _ in range(form.count("%s")))).encode())
    return zstd.train_dict(samples, _SIZE).dict_content


def _fill(choose: random.Random) -> str:
    kind = choose.random()
    if kind < 0.15:
        return choose.choice(_TOOLS)
    if kind < 0.3:
        return f"{choose.getrandbits(64):x}"
    parts = []
    for _ in range(choose.randrange(1, 5)):
        parts.append(f"{choose.choice(_OPENERS)} {choose.choice(_MIDDLES)}")
        if choose.random() < 0.4:
            parts.append(choose.choice(_CODE).replace("\\\\", "\\"))
    return ".\\n".join(parts)


def _body(attributes: dict[str, object]) -> bytes:
    return encode({"attributes": attributes, "kept": [{"role": "request", "hash": ""}], "resource": {}, "scope": {}})


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(make_dictionary())
