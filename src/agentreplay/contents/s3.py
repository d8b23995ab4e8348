"""Signed requests to S3 and what speaks like it: the few that an upload in parts needs, which obstore keeps to itself.

Only keys that stand in the environment are used, and only where nothing there asks for more than is known here; for
everything else `open_s3` gives nothing, and obstore uploads as it can.
"""

import hashlib
import hmac
import html
import re
import time
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

__all__ = ["S3", "S3Answer", "S3Cut", "S3Keys", "S3Refused", "all_told", "open_s3", "told"]

_SPECIAL = (
    "AWS_ALLOW_INVALID_CERTIFICATES",
    "AWS_CHECKSUM_ALGORITHM",
    "AWS_PROXY",
    "AWS_REQUEST_PAYER",
    "AWS_S3_EXPRESS",
    "AWS_SERVER_SIDE_ENCRYPTION",
    "AWS_SKIP_SIGNATURE",
    "AWS_SSE",
    "AWS_VIRTUAL_HOSTED_STYLE_REQUEST",
)
"""What begins so in the environment may ask for other requests than those made here."""
_TRIES = 9
_LONGEST = 60.0
_TIMEOUT = 30.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 10.0
_PASSING = frozenset({408, 429, 500, 502, 503, 504})
_UNRESERVED = "-_.~"


class S3Keys(NamedTuple):
    """Who asks, and of which region."""

    access: str
    secret: str
    region: str
    token: str = ""


class S3Answer(NamedTuple):
    """What came back."""

    headers: Mapping[str, str]
    body: str


class S3Refused(Exception):
    """The server has answered, and does not do it."""

    def __init__(self, status: int, body: str) -> None:
        self.status = status
        self.code = told("Code", body) or str(status)
        super().__init__(f"{self.code}: {told('Message', body) or f'HTTP {status}'}")


class S3Cut(Exception):
    """The server did not answer, or not as it should, however often it was asked."""


class S3:
    """One bucket. Safe to share between threads."""

    def __init__(
        self,
        address: str,
        keys: S3Keys,
        *,
        clock: Callable[[], float] = time.time,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """`address` is that of the bucket, such as `https://s3.eu-central-1.amazonaws.com/BUCKET`."""
        self.address = address
        self._keys = keys
        self._clock = clock
        self._pause = pause

    def ask(self, method: str, key: str, query: Mapping[str, str], body: bytes = b"") -> S3Answer:
        """Ask until there is an answer. Raises S3Refused, and S3Cut where there is none for a minute."""
        wait, until = _FIRST_PAUSE, self._clock() + _LONGEST
        for tries_left in reversed(range(_TRIES)):
            try:
                return self._once(method, key, query, body)
            except HTTPError as error:
                with error:
                    said = error.read().decode("utf-8", "replace")
                if error.code not in _PASSING:
                    raise S3Refused(error.code, said) from error
                if not tries_left or self._clock() + wait > until:
                    raise S3Cut(f"HTTP {error.code}") from error
            except (OSError, HTTPException) as error:
                if not tries_left or self._clock() + wait > until:
                    raise S3Cut(str(error)) from error
            self._pause(wait)
            wait = min(wait * 2, _LONGEST_PAUSE)
        raise AssertionError("the last try answers or raises")

    def _once(self, method: str, key: str, query: Mapping[str, str], body: bytes) -> S3Answer:
        path = f"{urlsplit(self.address).path}/{quote(key, safe='/' + _UNRESERVED)}"
        asked = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in sorted(query.items()))
        headers = self._signed(method, path, asked, body)
        scheme, host = urlsplit(self.address)[:2]
        request = Request(f"{scheme}://{host}{path}?{asked}", body, headers, method=method)  # noqa: S310  # checked
        with urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310  # by open_s3
            return S3Answer(answer.headers, answer.read().decode())

    def _signed(self, method: str, path: str, query: str, body: bytes) -> dict[str, str]:
        """The headers of a request, with the signature of version 4 over all that it says."""
        keys, moment = self._keys, time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(self._clock()))
        headers = {
            "host": urlsplit(self.address).netloc,
            "x-amz-content-sha256": hashlib.sha256(body).hexdigest(),
            "x-amz-date": moment,
            **({"x-amz-security-token": keys.token} if keys.token else {}),
        }
        names = ";".join(headers)
        lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
        request = f"{method}\n{path}\n{query}\n{lines}\n{names}\n{headers['x-amz-content-sha256']}"
        scope = f"{moment[:8]}/{keys.region}/s3/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        key = f"AWS4{keys.secret}".encode()
        for part in (*scope.split("/"), text):
            key = hmac.digest(key, part.encode(), "sha256")
        credential = f"Credential={keys.access}/{scope}, SignedHeaders={names}, Signature={key.hex()}"
        # Without a type of its own urllib would say that a part is a form.
        return {
            **headers,
            "authorization": f"AWS4-HMAC-SHA256 {credential}",
            "content-type": "application/octet-stream",
        }


def open_s3(bucket: str, environment: Mapping[str, str], region: str | None = None) -> S3 | None:
    """The bucket, where the environment has keys and asks for nothing special; else None."""
    found = {name: value for name, value in environment.items() if name.startswith("AWS_") and value}
    has_keys = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} <= found.keys()
    if not has_keys or any(name.startswith(_SPECIAL) for name in found):
        return None
    place = region or found.get("AWS_REGION") or found.get("AWS_DEFAULT_REGION") or "us-east-1"
    endpoint = found.get("AWS_ENDPOINT") or found.get("AWS_ENDPOINT_URL") or f"https://s3.{place}.amazonaws.com"
    scheme = urlsplit(endpoint).scheme
    if scheme != "https" and (scheme != "http" or found.get("AWS_ALLOW_HTTP", "").lower() not in {"1", "true"}):
        return None
    keys = S3Keys(found["AWS_ACCESS_KEY_ID"], found["AWS_SECRET_ACCESS_KEY"], place, found.get("AWS_SESSION_TOKEN", ""))
    return S3(f"{endpoint.rstrip('/')}/{bucket}", keys)


def told(name: str, body: str) -> str:
    """What an element of an answer holds, the first of this name; empty where there is none."""
    return next(iter(all_told(name, body)), "")


def all_told(name: str, body: str) -> list[str]:
    """What all elements of this name hold, in their order."""
    return [html.unescape(text) for text in re.findall(rf"<{name}(?:\s[^>]*)?>(.*?)</{name}>", body, re.DOTALL)]


def _quoted(text: str) -> str:
    return quote(text, safe=_UNRESERVED)
