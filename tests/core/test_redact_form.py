"""Secrets leave what is uploaded, and nothing else of it changes."""

import pytest

from agentreplay.contents.forms import FORM, Form, FormPart, read_form
from agentreplay.core.redact import Redactor
from agentreplay.core.redact_form import clean_form

SECRET = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789"
PICTURE = b"\x89PNG\r\n\x1a\n\xff" + SECRET.encode()


def form(*parts: tuple[str, bytes]) -> Form:
    return Form("a-line", [FormPart(f"Content-Disposition: form-data; {head}", data) for head, data in parts])


@pytest.mark.parametrize(
    ("head", "data"),
    [
        ('name="prompt"', f"the key is {SECRET}".encode()),
        ('name="api_key"', b"thisisnotbelookedatbutbyitsname4711"),
        ('name="file"; filename="batch.jsonl"', b'{"body": {"key": "%s"}}\n' % SECRET.encode()),
        (
            'name="file"; filename="b.jsonl"\r\nContent-Type: application/octet-stream',
            f"Bearer {SECRET}".encode(),
        ),
    ],
    ids=["field", "name", "file", "bytes"],
)
def test_a_secret_leaves_a_form(head: str, data: bytes) -> None:
    before = form(('name="purpose"', b"batch"), (head, data), ('name="image"; filename="a.png"', PICTURE))

    after = read_form(clean_form(Redactor(), before.whole(), FORM), FORM)

    assert after is not None
    assert b"[redacted:" in after.parts[1].data
    assert SECRET.encode() not in after.parts[1].data
    assert (after.parts[0], after.parts[2]) == (before.parts[0], before.parts[2])


def test_a_form_without_secrets_is_the_same() -> None:
    data = form(('name="prompt"', b"a bus"), ('name="image"; filename="a.png"', PICTURE)).whole()

    assert clean_form(Redactor(), data, FORM) is data


def test_what_is_no_form_is_a_body_as_any_other() -> None:
    data = f"key={SECRET}".encode()

    assert SECRET.encode() not in clean_form(Redactor(), data, "text/plain")
    assert clean_form(Redactor(), data, FORM) == data
