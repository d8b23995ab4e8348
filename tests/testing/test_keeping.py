"""Scripted models keep files, batches and caches as the servers of providers do."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from agentreplay.contents.forms import FORM, Form, FormPart
from agentreplay.testing import Reply, ScriptedModels

ASKED = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "hello"}]}


def ask(url: str, body: Any = None, method: str | None = None, media: str = "application/json") -> bytes:
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": media}, method=method)
    with urllib.request.urlopen(request) as response:
        found: bytes = response.read()
    return found


def test_a_batch_of_openai_is_answered_line_by_line_from_the_script() -> None:
    line = json.dumps({"custom_id": "one", "method": "POST", "url": "/v1/chat/completions", "body": ASKED}).encode()
    head = 'Content-Disposition: form-data; name="file"; filename="asked.jsonl"'
    form = Form("frontier", [FormPart(head, line)])
    with ScriptedModels([Reply(text="Good day.")]) as models:
        file = json.loads(ask(f"{models.url}/v1/files", form.whole(), media=f"{FORM}; boundary=frontier"))
        job = json.loads(
            ask(f"{models.url}/v1/batches", {"input_file_id": file["id"], "endpoint": "/v1/chat/completions"})
        )
        done = json.loads(ask(f"{models.url}/v1/batches/{job['id']}"))
        [answer] = ask(f"{models.url}/v1/files/{done['output_file_id']}/content").splitlines()

    assert (job["status"], done["status"]) == ("validating", "completed")
    assert json.loads(answer)["custom_id"] == "one"
    assert b"Good day." in answer


def test_a_batch_of_anthropic_tells_what_failed() -> None:
    asked = {"custom_id": "one", "params": {**ASKED, "max_tokens": 9}}
    with ScriptedModels([Reply(status=400, text="no")]) as models:
        job = json.loads(ask(f"{models.url}/v1/messages/batches", {"requests": [asked]}))
        done = json.loads(ask(f"{models.url}/v1/messages/batches/{job['id']}"))
        result = json.loads(ask(done["results_url"]))

    assert done["request_counts"]["errored"] == 1
    assert result["result"]["type"] == "errored"


def test_what_is_deleted_is_gone() -> None:
    with ScriptedModels() as models:
        cache = json.loads(ask(f"{models.url}/v1beta/cachedContents", {"model": "models/m"}))
        ask(f"{models.url}/v1beta/{cache['name']}", method="DELETE")

        with pytest.raises(urllib.error.HTTPError, match="404"):
            ask(f"{models.url}/v1beta/{cache['name']}")
