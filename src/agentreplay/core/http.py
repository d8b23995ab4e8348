"""Requests of HTTP as they are kept, whoever saw them."""

from collections.abc import Iterable
from typing import cast
from urllib.parse import urlsplit

from agentreplay.contents.forms import form_value
from agentreplay.model.call import Request
from agentreplay.model.content import JSON
from agentreplay.model.values import Value
from agentreplay.playback.canonical import UNPARSED, parse_json

__all__ = ["body_value", "request"]


def request(method: str, url: str, headers: Iterable[tuple[str, str]], body: bytes) -> Request:
    """A request of HTTP as it is kept. Raises ValueError for what is no address."""
    told: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        told[key] = f"{told[key]}, {value}" if key in told else value
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return Request(
        seam="http",
        operation=f"{method} {host}{parts.path or '/'}",
        head={"method": method, "url": url, "headers": cast("Value", told)},
        body=body,
        media=_media(told.get("content-type", ""), body),
    )


def _media(told: str, body: bytes) -> str:
    return told.partition(";")[0].strip().lower() if body else JSON


def body_value(request: Request, body: Value = UNPARSED) -> Value:
    """What the body of a request says: the value of JSON, the fields of a form, or the kind and size of an image or
    a sound; None of anything else.

    Whoever has parsed the body already gives what `parse_json` made of it.
    """
    if body is UNPARSED:
        body = parse_json(request.body, request.media)
    if body is None:
        body = form_value(request.body, request.media)
    if body is not None:
        return body
    from agentreplay.contents.media import media_value  # start-up

    return media_value(request.body, request.media)
