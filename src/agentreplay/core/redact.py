"""Takes secrets out of what is recorded, before anything is written.

A secret becomes a placeholder that names the rule and carries a few digits of a keyed hash: the same secret gives
the same placeholder, and nothing leads back. Under the policy `structure` no text of a message is kept at all.
"""

import re
import threading
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import cast

from blake3 import blake3

from agentreplay.core import secrets, tokens
from agentreplay.core.redact_known import Known
from agentreplay.core.skeleton import skeleton, skeleton_of_data, skeleton_of_text
from agentreplay.errors import ValueInvalid
from agentreplay.model.values import Value
from agentreplay.settings import ContentPolicy

__all__ = ["PLACEHOLDER", "Redactor", "Rule", "read_rules"]

_Span = tuple[int, int, str]
_MOST_PASSES = 8
_FACE = r"\[redacted:([a-z0-9-]{1,32})(?::[0-9a-f]{6})?\]"
PLACEHOLDER = r"\[redacted:[a-z0-9-]{1,32}:(?P<digits>[0-9a-f]{6})\]"
"""What stands for a secret; the digits are the same whichever rule found it."""
_DEEPEST = 500
_HIDDEN = rb"\\(?:/|u00)"
_ESCAPE = rb"\\u00[2-7][0-9a-fA-F]"
"""Begins with what a search can jump to, unlike the expression that takes all escapes."""
_TEXTUAL = ("text/", "application/json", "application/x-ndjson", "application/xml", "application/x-www-form-urlencoded")


@dataclass(frozen=True)
class Rule:
    """A rule of the user's own: a name for the placeholder, and a regular expression.

    Where the expression has a group called `secret`, that group is taken out, else all that it matches.
    """

    name: str
    pattern: str

    def __post_init__(self) -> None:
        if re.fullmatch("[a-z0-9-]{1,32}", self.name) is None:
            problem = "a name has 1 to 32 small letters, digits and dashes"
            raise ValueInvalid(what=f"the redaction rule {self.name!r}", problem=problem)
        try:
            compiled = re.compile(self.pattern)
        except (re.error, RecursionError, OverflowError) as error:
            raise ValueInvalid(what=f"the redaction rule {self.name!r}", problem=str(error)) from error
        if compiled.match("") is not None:
            raise ValueInvalid(what=f"the redaction rule {self.name!r}", problem="it matches the empty text")


def read_rules(path: Path) -> tuple[Rule, ...]:
    """The rules in a file of lines `name = regex`; empty lines and lines that begin with `#` are passed over."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueInvalid(what=f"the file of redaction rules {str(path)!r}", problem=str(error)) from error
    rules: list[Rule] = []
    for number, line in enumerate(lines, 1):
        name, equals, pattern = (part.strip() for part in line.partition("="))
        if not line.strip() or name.startswith("#"):
            continue
        if not equals or not pattern:
            problem = f"line {number} does not read `name = regex`"
            raise ValueInvalid(what=f"the file of redaction rules {str(path)!r}", problem=problem)
        try:
            rules.append(Rule(name, pattern))
        except ValueInvalid as error:
            problem = f"line {number}: {error.message}"
            raise ValueInvalid(what=f"the file of redaction rules {str(path)!r}", problem=problem) from error
    return tuple(rules)


class Redactor:
    """Redacts texts, bodies, values, headers and addresses; safe to share between threads.

    What holds no secret is returned as the very object that was given. Redacting twice changes nothing.
    """

    __slots__ = ("_custom", "_key", "_lock", "found", "known", "policy")

    def __init__(
        self,
        policy: ContentPolicy = "redacted",
        rules: Iterable[Rule] = (),
        salt: bytes = b"",
        known: Known | None = None,
    ) -> None:
        self.policy: ContentPolicy = policy
        self.found: dict[str, int] = {}
        """How many secrets each rule has taken out so far."""
        self._custom = tuple((rule.name, re.compile(rule.pattern)) for rule in rules)
        self._key = blake3(salt, derive_key_context="agentreplay: placeholders of redaction, 1").digest()
        self._lock = threading.Lock()
        self.known = known or Known()

    def text(self, text: str) -> str:
        """The text without its secrets."""
        match self.policy:
            case "full":
                return text
            case "structure":
                return skeleton_of_text(text)
            case "redacted":
                return self._text(text)

    def are_clean(self, texts: Iterable[str]) -> bool:
        """Whether `text` would leave each of these as it is; False where that takes a look at each."""
        return self.are_clean_bodies(_APART.join(texts).encode("ascii", "replace"))

    def are_clean_bodies(self, *bodies: bytes) -> bool:
        """As `are_clean`, for bodies of text."""
        if self.policy != "redacted" or self._custom:
            return False
        return not _spans(_APART_IN_BYTES.join(bodies))

    def data(self, data: bytes, media: str = "application/json") -> bytes:
        """A body without its secrets; what is no text is left alone, except under `structure`."""
        if self.policy == "full":
            return data
        is_textual = _is_textual(media)
        if self.policy == "structure":
            return skeleton_of_data(data, self._text, is_textual=is_textual)
        if not is_textual:
            return data
        if self._custom:
            text = data.decode("utf-8", "surrogateescape")
            clean = self._text(text)
            return data if clean is text else clean.encode("utf-8", "surrogateescape")
        for _ in range(_MOST_PASSES):
            spans = _spans(data)
            if not spans:
                break
            data = b"".join(self._pieces(data, spans))
        return data

    def value(self, value: Value) -> Value:
        """A value without its secrets, at any depth, in keys as in values."""
        if self.policy == "full":
            return value
        if self.policy == "structure":
            return skeleton(value, self._text)
        return self._value(value, "", 0)

    def named(self, name: str, value: Value) -> Value:
        """A value that stands under a name, as in `value` of a mapping; the name itself is not looked at."""
        return self._value(value, name, 0) if self.policy == "redacted" else self.value(value)

    def word(self, word: str, name: str = "") -> str:
        """A word of a command line, a name or a label, that may stand behind a name; `structure` keeps it too."""
        if self.policy == "full":
            return word
        return str(self._value(word, name, 0))

    def places(self, text: str) -> list[tuple[int, int, str]]:
        """Where secrets lie in a text, in order, and what is to stand for each; then there may be more."""
        return [
            (begin, end, self._placeholder(text[begin:end].encode("utf-8", "surrogatepass"), rule))
            for begin, end, rule in self._text_spans(text)
        ]

    def digits(self, secret: bytes) -> str:
        """The digits in the placeholder of a secret."""
        return blake3(secret, key=self._key).hexdigest(3)

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers without their secrets; those that carry nothing else lose their whole value."""
        return {name: self.header(name, value) for name, value in headers.items()}

    def header(self, name: str, value: str) -> str:
        """The value of one header, as in `headers`."""
        if self.policy == "full" or (name, value) in self.known.texts:
            return value
        return self._header(name, value)

    def _header(self, name: str, value: str) -> str:
        if name.lower() in secrets.SECRET_HEADERS or secrets.is_secret_name(name, _shadow_of(value)):
            return self._whole(value, "header")
        clean = self._text(value, name)
        if clean == value and len(value) <= _SHORT:
            self.known.add_text((name, value))
        return clean

    def url(self, url: str) -> str:
        """The address without passwords, keys and signatures."""
        if self.policy == "full":
            return url
        return self._replaced(url, is_url=True)

    def _text(self, text: str, name: str = "") -> str:
        is_short = len(text) <= _SHORT
        if is_short and text in self.known.texts:
            return text
        is_opaque = name != "" and tokens.is_opaque(name)
        clean = self._replaced(text, is_opaque=is_opaque)
        if clean is text and not is_opaque and is_short:
            self.known.add_text(text)
        return clean

    def _replaced(self, text: str, *, is_url: bool = False, is_opaque: bool = False) -> str:
        for _ in range(_MOST_PASSES):
            spans = self._text_spans(text, is_url=is_url)
            if is_opaque:
                spans = [span for span in spans if span[2] != "entropy"]
            if not spans:
                break
            text = "".join(self._text_pieces(text, spans))
        return text

    def _text_spans(self, text: str, *, is_url: bool = False) -> list[_Span]:
        spans = _spans(text.encode("ascii", "replace"), is_url=is_url)
        return _merged([*spans, *self._custom_spans(text)]) if self._custom else spans

    def _custom_spans(self, text: str) -> Iterator[_Span]:
        faces = [match.span() for match in _face().finditer(text)] if "[redacted:" in text else []
        for name, pattern in self._custom:
            group = "secret" if "secret" in pattern.groupindex else 0
            for match in pattern.finditer(text):
                begin, end = match.span(group)
                if begin < end and not any(begin < high and low < end for low, high in faces):
                    yield begin, end, name

    def _text_pieces(self, text: str, spans: list[_Span]) -> Iterator[str]:
        reached = 0
        for begin, end, rule in spans:
            yield text[reached:begin]
            yield self._placeholder(text[begin:end].encode("utf-8", "surrogatepass"), rule)
            reached = end
        yield text[reached:]

    def _pieces(self, data: bytes, spans: list[_Span]) -> Iterator[bytes]:
        reached = 0
        for begin, end, rule in spans:
            yield data[reached:begin]
            yield self._placeholder(data[begin:end], rule).encode()
            reached = end
        yield data[reached:]

    def _placeholder(self, secret: bytes, rule: str) -> str:
        with self._lock:
            self.found[rule] = self.found.get(rule, 0) + 1
        return f"[redacted:{rule}:{self.digits(secret)}]"

    def _whole(self, text: str, rule: str) -> str:
        if not text or _face().fullmatch(text):
            return text
        return self._placeholder(text.encode("utf-8", "surrogatepass"), rule)

    def _value(self, value: Value, name: str, depth: int) -> Value:
        if isinstance(value, str):
            if name and secrets.may_be_secret(name) and secrets.is_secret_name(name, _shadow_of(value)):
                return self._whole(value, "named")
            return self._text(value, name)
        if depth > _DEEPEST:
            raise ValueInvalid(what="a value", problem=f"it is nested more than {_DEEPEST} levels deep")
        if isinstance(value, Mapping):
            return self._mapping(cast("dict[Value, Value]", value), name, depth)
        if isinstance(value, list | tuple):
            return self._items(cast("list[Value]", value), name, depth)
        if isinstance(value, bytes):
            return self.data(value, "text/plain")
        is_secret = (
            name and type(value) is int and secrets.may_be_secret(name) and secrets.is_secret_number(name, value)
        )
        return self._placeholder(b"%x" % value, "named") if is_secret else value

    def _items(self, items: list[Value], name: str, depth: int) -> list[Value]:
        clean = [self._value(item, name, depth + 1) for item in items]
        return items if all(one is other for one, other in zip(clean, items, strict=True)) else clean

    def _mapping(self, fields: dict[Value, Value], name: str, depth: int) -> Value:
        named = fields.get("name", fields.get("key"))
        clean: dict[Value, Value] = {}
        is_same = True
        for key, item in fields.items():
            below = key if isinstance(key, str) else ""
            if below in _VALUE_FIELDS:
                # A field beside the one that names it, as in lists of headers and attributes.
                below = named if isinstance(named, str) and below != "stringValue" else name
            new_key = self._text(key) if isinstance(key, str) else key
            new = self._value(item, below, depth + 1)
            is_same = is_same and new is item and new_key is key
            clean[new_key] = new
        return fields if is_same else clean


_SHORT = 64
_APART = "\x02\n\x02"
"""Between texts that are looked at together: no name, value or token goes on beyond it."""
_APART_IN_BYTES = _APART.encode()
_VALUE_FIELDS = frozenset({"value", "stringValue", "string_value"})


@cache
def _face() -> re.Pattern[str]:
    return re.compile(_FACE)


@cache
def _face_in_bytes() -> re.Pattern[bytes]:
    return re.compile(_FACE.encode())


@cache
def _escaped_ascii() -> re.Pattern[bytes]:
    return re.compile(rb"\\+(?:u00([2-7][0-9a-fA-F])|/)")


def _shadow_of(text: str) -> bytes:
    return _shadow(text.encode("ascii", "replace"))


def _shadow(data: bytes) -> bytes:
    r"""The data with everything in its place, where placeholders are runs of \x01."""
    if b"[redacted:" in data:
        data = _face_in_bytes().sub(lambda match: b"\x01" * len(match[0]), data)
    return data


def _spans(data: bytes, *, is_url: bool = False) -> list[_Span]:
    """Where secrets lie, in order and apart from one another."""
    shadow = _shadow(data)
    # One search for both signs of an escape takes a third of what one for each does.
    is_hidden = secrets.compiled(_HIDDEN).search(shadow) is not None
    if is_hidden and (b"\\/" in shadow or secrets.compiled(_ESCAPE).search(shadow)):
        return _unescaped_spans(shadow, is_url=is_url)
    found = _found(shadow, is_url=is_url)
    return _merged(found) if found else found


def _found(shadow: bytes, *, is_url: bool) -> list[_Span]:
    classes = shadow.translate(tokens.TOKEN_CLASS)
    found = list(secrets.named_secrets(shadow, classes))
    if is_url:
        found += secrets.parameter_secrets(shadow)
    is_harmless, run, next_of = tokens.harmless_run(), tokens.RUN, classes.find
    begin = next_of(run)
    while begin >= 0:
        end = next_of(b" ", begin)
        end = len(classes) if end < 0 else end
        # Asked here and not there, because a generator for each run costs more than the answer.
        if is_harmless(shadow, begin, end) is None:
            found += tokens.token_secrets(shadow, begin, end)
        begin = next_of(run, end)
    return found


def _unescaped_spans(shadow: bytes, *, is_url: bool) -> list[_Span]:
    r"""As `_spans`, for text in which JSON hides ASCII behind escapes, as in `\u002b` and `\/`."""
    parts: list[bytes] = []
    places, shifts = [0], [0]
    reached = size = 0
    for match in _escaped_ascii().finditer(shadow):
        parts += [shadow[reached : match.start()], bytes([int(match[1], 16)]) if match[1] else b"/"]
        size += match.start() - reached + 1
        reached = match.end()
        places.append(size)
        shifts.append(reached - size)
    plain = b"".join([*parts, shadow[reached:]])

    def place(at: int) -> int:
        return at + shifts[bisect_right(places, at) - 1]

    return _merged([(place(begin), place(end), rule) for begin, end, rule in _found(plain, is_url=is_url)])


def _merged(spans: Iterable[_Span]) -> list[_Span]:
    """The spans in order; those that overlap become one, under the rule that says most."""
    merged: list[_Span] = []
    for begin, end, rule in sorted(spans):
        if merged and begin < merged[-1][1]:
            low, high, other = merged[-1]
            merged[-1] = (low, max(high, end), other if rule in _GENERAL else rule)
        else:
            merged.append((begin, end, rule))
    return merged


_GENERAL = frozenset({"basic", "bearer", "cookie", "entropy", "header", "named", "url"})


@lru_cache(256)
def _is_textual(media: str) -> bool:
    kind = media.partition(";")[0].strip().lower()
    return kind.startswith(_TEXTUAL) or kind.endswith(("+json", "+xml"))
