"""Secrets do not get past redaction, and ordinary text is left alone."""

import json
import re
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentreplay.core.redact import Redactor, read_rules
from agentreplay.errors import ValueInvalid
from agentreplay.model.values import encode
from tests.redacting import faceless
from tests.strategies import broken_texts, values

ALNUM = string.ascii_letters + string.digits
PLAIN = """The session failed in step 3 and was tried again: see src/agentreplay/core/redact.py, line 42.
| `max_tokens` | 4096 | input_tokens: 120 | "stop_token": "<eos>" | key: value |
def login(user: str, password: str, token: str | None = None) -> bool: return check(password=password, token=token)
self.api_key = os.environ["API_KEY"]; password = getpass(); secret = self.settings.secret; PASSWORD=${PASSWORD}
{"properties": {"password": {"type": "string", "description": "the password"}}, "required": ["password"]}
3fa85f64-5717-4562-b3fc-2c963f66afa6 da39a3ee5e6b4b0d3255bfef95601890afd80709
"id": "chatcmpl-9pQ2mZk81XbVs7TnLw3RyEu6HcJd", "toolu_01A09q90qw90lq917835lq9K", call_8Zx81kQmP2vLs93nTfGh7YbW
"signature": "EqQBCgIYAhIkZx81kQmP2vLs93nTfGh7YbWd4Rc6KjH5", data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUA
https://example.org/docs/reference?page=2&sort=key ~/.cache/Zx81kQmP2vLs93nTfGh7YbWd4Rc6/index.html
AbstractSingletonProxyFactoryBean test_that_the_token_is_refreshed_2_times UPPER_CASE_CONSTANT_NAME_V2
2025-06-14T12:00:00Z INFO worker-7 finished in 312ms; next_page_token: abcDEF123456ghiJKL; the secret of cooking"""

_body = st.text(ALNUM, min_size=48, max_size=60).filter(lambda text: any(c.isdigit() for c in text))
_vendor = st.sampled_from(
    ["sk-proj-", "sk-ant-api03-", "ghp_", "glpat-", "xoxb-", "sk_live_", "npm_", "hf_", "gsk_", "xai-", "pypi-", "AIza"]
)
keys = st.builds(str.__add__, _vendor, _body) | st.text(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", min_size=16, max_size=16
).map("AKIA".__add__)
passwords = st.text(ALNUM + "!@%^*+/=_-é", min_size=8, max_size=24).map(lambda text: f"q7{text}Z9")


@pytest.fixture
def redactor() -> Redactor:
    return Redactor(salt=b"salt")


@pytest.mark.parametrize("line", PLAIN.splitlines())
def test_ordinary_text_is_the_same_object(redactor: Redactor, line: str) -> None:
    data = line.encode()

    assert redactor.text(line) is line
    assert redactor.data(data) is data
    assert redactor.found == {}


@pytest.mark.parametrize(
    ("text", "secret", "rule"),
    [
        ("password: hunter2", "hunter2", "named"),
        ("DB_PASS=letmein", "letmein", "named"),
        ("<password>hunter2</password>", "hunter2", "named"),
        ("mysql --password hunter2 -h x", "hunter2", "named"),
        ('{"api_key": "abc-123-xyz"}', "abc-123-xyz", "named"),
        (r'{"a": "{\"secret\": \"hun\\\"ter2\"}"}', "ter2", "named"),
        (r'{"k": "AccountKey=abc\u002Bdef\/gh1234567890=="}', "gh1234567890", "named"),
        ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCY", "wJalrXUtnFEMI", "named"),
        ('{"key": "auth_token", "value": {"stringValue": "abcdefgh123456789"}}', "abcdefgh123456789", "named"),
        ("Authorization: Bearer abc123def456", "abc123def456", "header"),
        ('[["authorization", "Bearer abcdefgh1234"]]', "abcdefgh1234", "header"),
        ("-H 'Authorization: Basic dXNlcjpwYXNz'", "dXNlcjpwYXNz", "header"),
        ("sent Bearer abcdefgh1234567890XYZ to it", "abcdefgh1234567890XYZ", "bearer"),
        ("Cookie: sid=abcdef; theme=1", "sid=abcdef", "cookie"),
        ("postgres://user:pa55@host/db", "pa55", "url"),
        ("https://host/path?key=abcd12345&x=1", "abcd12345", "url"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc_def", "eyJzdWIi", "jwt"),
        ("SG.abcdefghijklmnop123456.abcdefghijklmnopqrstuvwxyz0123456789", "abcdefghijklmnop", "sendgrid"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "MIIE", "private-key"),
        ("tok Zx81kQmP2vLs93nTfGh7YbWd4Rc6 end", "Zx81kQmP2vLs93nTfGh7YbWd4Rc6", "entropy"),
    ],
)
def test_a_secret_becomes_a_placeholder(redactor: Redactor, text: str, secret: str, rule: str) -> None:
    clean = redactor.text(text)

    assert secret not in clean
    assert redactor.found == {rule: 1}
    assert re.search(rf"\[redacted:{rule}:[0-9a-f]{{6}}\]", clean)
    assert redactor.text(clean) is clean
    assert redactor.data(text.encode()) == clean.encode()


@given(keys, st.text(" \n\t\"'\\,;:={}[]()é", max_size=5), st.text(" \n\"',;)}]", max_size=5))
def test_a_vendors_key_is_found_in_any_place(key: str, before: str, after: str) -> None:
    redactor = Redactor()
    text = f"{before}{key}{after}"

    for _ in range(3):
        assert key not in redactor.text(text)
        assert key.encode() not in redactor.data(text.encode())
        text = json.dumps({"text": text})


@given(
    passwords, st.sampled_from(["password", "api_key", "clientSecret", "X-Auth-Token", "DB_PASSWORD"]), st.booleans()
)
def test_what_a_name_announces_is_found_at_any_depth_of_json(password: str, name: str, is_ascii: bool) -> None:  # noqa: FBT001
    redactor = Redactor()
    text = json.dumps({"a": 1, name: password, "b": [2]}, ensure_ascii=is_ascii)

    for _ in range(3):
        assert password[:9] not in redactor.text(text)
        assert password[:9].encode() not in redactor.data(text.encode())
        text = json.dumps({"arguments": text}, ensure_ascii=is_ascii)
    assert redactor.value({"x": [{name: password}]})["x"][0][name] != password


@given(keys, values)
def test_a_key_is_found_in_any_value(key: str, other: Any) -> None:
    clean = Redactor().value({"a": [other, {key: key, "b": (key, key.encode())}]})

    assert key.encode() not in encode(clean)


@given(broken_texts | st.text(ALNUM + "=:\"'\\ -_/@?&[]<>", max_size=80), st.sampled_from(["redacted", "structure"]))
def test_it_never_fails_and_twice_changes_nothing(text: str, policy: Any) -> None:
    redactor = Redactor(policy)
    data = text.encode("utf-8", "surrogatepass")

    once = redactor.text(text)

    assert redactor.text(once) is once
    assert redactor.text(faceless(once)) == faceless(once)
    assert redactor.data(redactor.data(data)) == redactor.data(data)
    redactor.url(text)


@given(values)
@settings(max_examples=50)
def test_values_are_redacted_once(value: Any) -> None:
    for policy in ("redacted", "structure"):
        redactor = Redactor(policy)
        once = redactor.value(value)

        assert encode(redactor.value(once)) == encode(once)


@given(st.binary(max_size=80))
def test_bytes_that_are_no_text_do_not_disturb(data: bytes) -> None:
    key = b"ghp_" + b"a1B2" * 10

    assert key not in Redactor().data(data + b" " + key + b" " + data)


def test_the_same_secret_has_the_same_placeholder_under_one_salt_only() -> None:
    one, other = Redactor(salt=b"1"), Redactor(salt=b"2")
    text = "password: hunter2"

    assert one.text(text) == Redactor(salt=b"1").text(text) != other.text(text)
    assert faceless(one.text(text)) == faceless(other.text(text)) == "password: [redacted:named]"


def test_headers_that_are_secret_lose_their_whole_value(redactor: Redactor) -> None:
    clean = redactor.headers({"Authorization": "Bearer x", "x-api-key": "1", "accept": "*/*", "Set-Cookie": "a=b"})

    assert [faceless(value) for value in clean.values()] == [
        "[redacted:header]",
        "[redacted:header]",
        "*/*",
        "[redacted:header]",
    ]
    assert redactor.headers(clean) == clean


def test_an_address_loses_its_password_and_its_signature(redactor: Redactor) -> None:
    clean = redactor.url("https://u:p4ss@host/path?page=2&token=abcd&X-Amz-Signature=abcdef")

    assert faceless(clean) == (
        "https://u:[redacted:url]@host/path?page=2&token=[redacted:url]&X-Amz-Signature=[redacted:url]"
    )
    assert redactor.url(clean) is clean


def test_full_touches_nothing() -> None:
    redactor = Redactor("full")
    text = "password: hunter2"

    assert redactor.text(text) is text
    assert redactor.value([text])[0] is text
    assert redactor.headers({"authorization": text}) == {"authorization": text}
    assert redactor.url(text) is text
    assert redactor.data(text.encode()) == text.encode()


def test_media_is_left_alone(redactor: Redactor) -> None:
    data = b"password: hunter2"

    assert redactor.data(data, "image/png") is data


def test_a_rule_of_the_users_own_takes_out_its_group(tmp_path: Path) -> None:
    file = tmp_path / "rules"
    file.write_text("# ours\n\nticket = TICKET-\\d+\nbadge = badge (?P<secret>é\\w+)\n")
    redactor = Redactor(rules=read_rules(file))

    clean = redactor.text("TICKET-12 and badge éa1")

    assert faceless(clean) == "[redacted:ticket] and badge [redacted:badge]"
    assert redactor.data("badge éa1".encode()) == clean.partition(" and ")[2].encode()
    assert redactor.text(clean) is clean


@pytest.mark.parametrize("line", ["a = (", "A B = x", "no regex", "empty = x*", "= x"])
def test_a_bad_rule_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    file = tmp_path / "rules"
    file.write_text(f"# first\n{line}\n")

    with pytest.raises(ValueInvalid, match="line 2"):
        read_rules(file)


def test_a_file_of_rules_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueInvalid, match="nowhere"):
        read_rules(tmp_path / "nowhere")
