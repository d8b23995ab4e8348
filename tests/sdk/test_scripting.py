"""A script answers in the words of whoever was asked, in order."""

import json
from pathlib import Path
from typing import Any

import pytest

from agentreplay.errors import ValueInvalid
from agentreplay.model.call import Request
from agentreplay.sdk.scripting import Script


def asked(**body: Any) -> Request:
    told = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "hello"}], **body}
    url = "https://api.openai.com/v1/chat/completions"
    return Request(seam="http", operation="POST", head={"url": url}, body=json.dumps(told).encode())


def test_replies_are_given_in_order(tmp_path: Path) -> None:
    path = tmp_path / "script.json"
    path.write_text(json.dumps(["first", {"text": "second"}]))
    script = Script(path)

    first, second = script(asked()), script(asked(stream=True))

    assert first is not None
    assert second is not None
    assert json.loads(first.body)["choices"][0]["message"]["content"] == "first"
    assert (first.chunks, first.head["status"]) == ((), 200)
    assert b"second" in second.body.replace(b" ", b"")
    assert sum(chunk.size for chunk in second.chunks) == len(second.body)


def test_a_script_that_is_at_its_end_says_so(tmp_path: Path) -> None:
    path = tmp_path / "script.json"
    path.write_text('["only"]')
    script = Script(path)
    script(asked())

    with pytest.raises(ValueInvalid, match="1 replies"):
        script(asked())


@pytest.mark.parametrize("text", ["", "{}", "[1]", '[{"txt": []}]'])
def test_a_script_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "script.json"
    path.write_text(text)

    with pytest.raises(ValueInvalid):
        Script(path)


def test_what_is_no_model_is_not_answered(tmp_path: Path) -> None:
    path = tmp_path / "script.json"
    path.write_text('["only"]')

    request = Request(seam="http", operation="GET x", head={"url": "https://example.org"}, body=b"{}")

    assert Script(path)(request) is None
