r"""Secrets that a name announces: the table of names, and what may follow them.

All patterns read bytes in which a character beyond ASCII is a question mark and a placeholder is a run of `\x01`.
They are compiled when the first text is judged.
"""

import binascii
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache

__all__ = [
    "BREAKS",
    "SECRET_HEADERS",
    "Found",
    "after_scheme",
    "compiled",
    "finder",
    "is_secret_name",
    "is_secret_number",
    "may_be_secret",
    "named_secrets",
    "parameter_secrets",
]

Found = tuple[int, int, str]
"""Where a secret begins and ends, and the rule that found it."""

SECRET_HEADERS = frozenset(
    "authorization proxy-authorization cookie set-cookie x-api-key api-key apikey x-goog-api-key x-amz-security-token"
    " x-auth-token x-access-token x-csrf-token x-xsrf-token private-token x-gitlab-token x-vault-token x-functions-key"
    " ocp-apim-subscription-key x-goog-iam-authorization-token x-subscription-token xi-api-key x-api-token"
    " x-amz-signature x-session-token x-refresh-token x-client-secret authentication".split()
)

_NAMES = {
    # How a name begins that announces a secret, in small letters, and all of it.
    b"passw": rb"pass(?:word|wd)s?",
    b"passp": rb"passphrases?",
    b"pwd": rb"pwd",
    b"_pass": rb"_pass(?![a-z])",
    b"secret": rb"secrets?",
    b"token": rb"token",
    b"cookie": rb"cookie",
    b"key": rb"key",
    b"auth": rb"auth(?:orization|entication)?",
}
_ADDRESS = b"://"
_SCHEMES = frozenset({b"bearer", b"basic"})
_NEAR_SCHEMES = frozenset({b"auth", b"token", b"cookie", b"oke", b"oki"})
"""A credential is looked for behind its scheme where one of these stands in the same text."""
_COUNTS, _UNSIGNED, _NEAR_COUNTS = b"put_tokens", b"put_amount", b"oke"
"""Counts of tokens stand in every answer of a model and announce nothing, but that credentials are near, as their sign
does; to look for signs, their names are spelled without one."""
_SIGNS = tuple(dict.fromkeys([*_NAMES, *sorted(_SCHEMES | _NEAR_SCHEMES), _ADDRESS]))
"""All that may announce a secret: a text without any of them is done with."""

_ASSIGNMENT = rb"""
    (?P<rest>[\w-]{0,24}) (?P<close>\\{0,7}["'`]?\]?) [ \t]{0,8}
    (?: (?P<pair> ,\s{0,8}\\{0,7}["'](?:value)\\{0,7}["']\s{0,8}:\s{0,8}
          (?:\{\s{0,8}\\{0,7}"stringvalue\\{0,7}"\s{0,8}:\s{0,8})?)
      | (?P<mark> :[ \t]*str(?:ing)?\b[^=\n"']{0,20}= | => | := | ={1,3} | : | >
          | (?:,[ ]?(?=\\{0,7}["'])) | [ ](?=\S) ) )
    [ \t\r\n]{0,8}
"""
_STRONG = (
    rb".*(?:pass(?:word|wd|phrase)s?|pwd|_pass|secrets?|credentials?|api_?keys?|secret_?key|access_?key|private_?key"
    rb"|account_?key|shared_?access_?key|subscription_?key|master_?key|encryption_?key|signing_?key|service_?key"
    rb"|auth_?key|functions_?key|webhook_?key|storage_?key|admin_?key|license_?key"
    rb"|(?:access|refresh|auth|bearer|id|api|session|security|bot|user|oauth|jwt|csrf|xsrf|github|gitlab|slack|npm|pypi"
    rb"|hf|vault|service|admin|private|personal|deploy|secret|client|app|device"
    rb"|login)_?tokens?)"
    rb"(?:_?(?:confirm|confirmation|again|repeat|old|new|\d))?"
)
_PASSWORD_NAME = rb".*(?:pass(?:word|wd|phrase)|pwd|_pass|secret|api_?key)"
_SMALLEST_PIN = 1000
_WEAK = rb".*(?:token|key|auth|authentication)"
_HARMLESS = (
    rb".*(?:page|next|continuation|sync|delta|stop|start|eos|bos|pad|unk|cls|sep|mask|special|resume|cursor|max|num|new"
    rb"|per|each|first|last|prompt|cache|primary|foreign|sort|partition|public|row|idempotency|group|object|s3|hash|lookup"
    rb"|translation|tool|index|unique|routing|event|dedup|parent|project|issue)_?(?:token|key)"
)
_TEMPLATE = (
    rb"[$%#]?(?:\{.*\}|\(.*\)|<.*>|\[.*\]|\{\{.*)"
    rb"|\$[A-Za-z_]\w*|%\w+%|[*.xX_-]+|(?:insert|enter|my|the|put|some|any)?[_ -]?your[_ -].*|[a-z]+_here"
    rb"|(?:null|none|nil|true|false|undefined|str|string|text|bytes|int|integer|number|bool|boolean|object|array|list|dict"
    rb"|any|optional|required|secretstr|changeme|todo|redacted|hidden|empty|unset|missing|invalid|expired|valid)[)\]}:!?.]*"
    rb"|(?:os|process|env|self|this|config|settings|args|options|request|req|ctx|params|cls)[.\[(].*"
)
_CODE = rb"[A-Za-z_]+|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*[(\[].*|[A-Za-z_]+(?:\.[A-Za-z_]+)+"
_QUOTED = rb"""(?P<open>\\{0,7}["'`])"""
_PLAIN = rb"""[^\s"'`,;&<>\\\x01]+"""
_LINE = rb"""[^\r\n"'`\\\x01<>]+"""
_RANDOM = rb"(?=.*\d)(?=.*[A-Za-z])[\w+/=.~-]{12,}"


BREAKS = (b"n", b"r", b"t")
"""The letters of escaped line breaks and tabulators: behind a backslash they are no part of a word."""

_OPENING = (b"(", b"[", b"{")
_SHORTEST_CREDENTIAL = 8
_SHORTEST_SECRET = 3
_SHORTEST_NUMBER = 4


@cache
def compiled(pattern: bytes, flags: int = 0) -> re.Pattern[bytes]:
    """The expression, compiled when it is first asked for."""
    return re.compile(pattern, flags | re.DOTALL)


@cache
def _names() -> dict[bytes, re.Pattern[bytes]]:
    return {start: re.compile(name + _ASSIGNMENT, re.VERBOSE) for start, name in _NAMES.items()}


@cache
def finder(signs: tuple[bytes, ...]) -> Callable[[bytes], list[tuple[int, int, int]]]:
    """Finds the signs that overlap no earlier one: the number of each, where it begins and where it ends.

    Of several that begin at one place it is the one that comes first among the signs.
    """
    try:
        from ahocorasick_rs import BytesAhoCorasick, MatchKind  # optional extra: a program that records may lack it
    except ImportError:
        return _finder_by_expression(signs)
    # Of all ways to match, the one that compares many places of the text at once.
    return BytesAhoCorasick(signs, matchkind=MatchKind.LeftmostFirst).find_matches_as_indexes


def _finder_by_expression(signs: tuple[bytes, ...]) -> Callable[[bytes], list[tuple[int, int, int]]]:
    """The same, many times slower."""
    expression = compiled(b"|".join(map(re.escape, signs)))
    return lambda text: [(signs.index(match[0]), *match.span()) for match in expression.finditer(text)]


@cache
def _within() -> list[list[tuple[int, bytes, bool]]]:
    """For each sign what begins in it, and where: itself, and those that overlap it, which a search leaves out.

    Of each, whether it is sure to be there or goes on behind the sign.
    """
    return [
        [
            (shift, other, sign[shift:].startswith(other))
            for shift in range(len(sign))
            for other in _SIGNS
            if sign[shift:].startswith(other) or other.startswith(sign[shift:])
        ]
        for sign in _SIGNS
    ]


@lru_cache(4096)
def may_be_secret(name: str) -> bool:
    """Whether a field of this name holds a secret, for some values of it."""
    lowered = _lowered(name)
    kinds = (_STRONG, _WEAK, _PASSWORD_NAME)
    return lowered in _WHOLE or any(compiled(kind).fullmatch(lowered) is not None for kind in kinds)


def _lowered(name: str) -> bytes:
    return name.encode("ascii", "replace").lower().replace(b"-", b"_")


def is_secret_name(name: str, value: bytes) -> bool:
    """Whether this value of a field of this name is a secret."""
    lowered = _lowered(name)
    return (lowered in _WHOLE and bool(_whole(lowered, value, is_quoted=True))) or _is_secret(
        lowered, value, is_bare=False
    )


def is_secret_number(name: str, value: int) -> bool:
    """Whether a number of this name is a password or a PIN and not a measure."""
    lowered = _lowered(name)
    return value >= _SMALLEST_PIN and compiled(_PASSWORD_NAME).fullmatch(lowered) is not None


_WHOLE = frozenset({b"authorization", b"proxy_authorization", b"cookie", b"set_cookie", b"authentication"})


def named_secrets(text: bytes, classes: bytes) -> Iterable[Found]:
    """The secrets that a name announces: assignments, fields, headers, credentials after their scheme, keys in PEM.

    The classes have a blank wherever in the text something stands that is no part of a word.
    """
    lowered = text.lower()
    searched = lowered.replace(_COUNTS, _UNSIGNED)
    found = finder(_SIGNS)(searched)
    if not found:
        return ()
    places = _places(lowered, found)
    if searched is not lowered:
        places.setdefault(_NEAR_COUNTS, [])
    return _announced(text, lowered, classes, places)


def _places(lowered: bytes, found: list[tuple[int, int, int]]) -> dict[bytes, list[int]]:
    """Where each sign stands, given where those do that overlap no earlier one."""
    places: dict[bytes, list[int]] = {}
    within = _within()
    for number, begin, _ in found:
        for shift, sign, is_sure in within[number]:
            if is_sure or lowered.startswith(sign, begin + shift):
                places.setdefault(sign, []).append(begin + shift)
    return places


def _announced(text: bytes, lowered: bytes, classes: bytes, places: dict[bytes, list[int]]) -> Iterator[Found]:
    for sign, name in _names().items():
        if sign in places:
            reached = 0
            for place in places[sign]:
                if place >= reached and _is_telling(lowered, classes, place):
                    match = name.match(lowered, place)
                    if match is not None:
                        reached = match.end()
                        yield from _assigned(text, lowered, match)
    if not (_SCHEMES.isdisjoint(places) or _NEAR_SCHEMES.isdisjoint(places)):
        yield from after_scheme(text, lowered)
    if b"key" in places and b"-----BEGIN" in text:
        for match in compiled(_PEM).finditer(text):
            yield match.start(), match.end(), "private-key"
    if _ADDRESS in places:
        yield from _url_secrets(text, lowered)


def _is_telling(lowered: bytes, classes: bytes, place: int) -> bool:
    """Whether the word that a sign is a part of may announce a secret, as far back as a name is looked at."""
    low = max(0, place - _LONGEST_BEFORE)
    begin = classes.rfind(b" ", low, place) + 1 or low
    if begin < place and lowered[begin - 1 : begin] == b"\\" and lowered[begin : begin + 1] in BREAKS:
        begin += 1  # the letter of an escaped line break
    end = classes.find(b" ", place)
    end = len(classes) if end < 0 else end
    return end - place <= _LONGEST_NAME and not _is_dull(lowered[begin:end])


@lru_cache(8192)
def _is_dull(word: bytes) -> bool:
    """Whether a word announces no secret, whatever follows it: most that hold a sign, such as `monkey`, do not."""
    name = word.lstrip(b"-").replace(b"-", b"_")
    if name in _WHOLE or compiled(_STRONG).fullmatch(name):
        return False
    return compiled(_WEAK).fullmatch(name) is None or compiled(_HARMLESS).fullmatch(name) is not None


_LONGEST_BEFORE, _LONGEST_NAME = 40, 64
"""So much of a name is looked at before its sign; and one that goes on for longer behind it is none."""
_PEM_KIND = rb" [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
_PEM = rb"-----BEGIN%s[^\x01]*?(?:-----END%s|(?=[\x01\"'`<]|\Z))" % (_PEM_KIND, _PEM_KIND)


def _assigned(text: bytes, lowered: bytes, match: re.Match[bytes]) -> Iterator[Found]:
    begin = match.start()
    before = lowered[max(0, begin - _LONGEST_BEFORE) : begin]
    before = before[len(before.rstrip(b"abcdefghijklmnopqrstuvwxyz0123456789_-")) :]
    if lowered[begin - len(before) - 1 : begin - len(before)] == b"\\" and before[:1] in BREAKS:
        before = before[1:]  # the letter of an escaped line break
    name = before + lowered[begin : match.end("rest")]
    mark = match["mark"]
    if mark == b" " and not name.startswith(b"--"):
        return
    name = name.lstrip(b"-").replace(b"-", b"_")
    is_query = lowered[begin - len(before) - 1 : begin - len(before)] in _QUERY and mark == b"="
    is_whole = name in _WHOLE
    if mark and mark[:1] == b"," and not (is_whole or name.endswith((b"api_key", b"_token"))):
        return
    found = _value(text, match.end(), is_line=is_whole)
    if found is None:
        return
    start, end, is_quoted = found
    value = text[start:end]
    if is_whole:
        if _whole(name, value, is_quoted=is_quoted):
            yield start, end, "cookie" if b"cookie" in name else "header"
    elif is_query and name == b"key":
        if len(value) >= _SHORTEST_QUERY_KEY:
            yield start, end, "url"
    else:
        is_variable = mark == b"=" and text[match.end() - 1 : match.end()] == b"=" and text[begin : begin + 3].isupper()
        is_bare = not is_quoted and not is_query and not is_variable and not name.startswith(b"--")
        if _is_secret(name, value, is_bare=is_bare):
            yield start, end, "named"


_QUERY = (b"?", b"&", b";")
_SHORTEST_QUERY_KEY = 8


def _value(text: bytes, at: int, *, is_line: bool) -> tuple[int, int, bool] | None:
    """Where the value that begins here lies, and whether it is quoted."""
    opening = compiled(_QUOTED).match(text, at)
    if opening is not None:
        start, mark = opening.end(), opening["open"]
        depth, quote = len(mark) - 1, mark[-1:]
        inner = rb"(?:[^\r\n\\%s]|\\.)*" % quote if not depth else rb"[^\r\n]*?(?<!\\)(?=%s)" % re.escape(mark)
        closed = compiled(inner).match(text, start)
        if closed is not None and b"\x01" not in closed[0] and text.startswith(mark, closed.end()):
            return start, closed.end(), True
        at = start
    plain = compiled(_LINE if is_line else _PLAIN).match(text, at)
    return None if plain is None else (at, at + len(plain[0].rstrip()), False)


def _whole(name: bytes, value: bytes, *, is_quoted: bool) -> bool:
    """Whether this is the value of a header that is secret as a whole."""
    if compiled(_TEMPLATE, re.IGNORECASE).fullmatch(value) or b"\x01" in value:
        return False
    if name.endswith(b"cookie"):
        return b"=" in value
    scheme = rb"(?:basic|bearer|token|digest|negotiate|apikey|api-key|key|aws4-hmac-sha256)[ ]+[^\s<${].{3,}"
    if compiled(scheme, re.IGNORECASE).fullmatch(value):
        return True
    return (
        len(value) >= _SHORTEST_CREDENTIAL
        and b" " not in value
        and (is_quoted or compiled(_RANDOM).fullmatch(value) is not None)
    )


def _is_secret(name: bytes, value: bytes, *, is_bare: bool) -> bool:
    if len(value) < _SHORTEST_SECRET or b"\x01" in value or compiled(_TEMPLATE, re.IGNORECASE).fullmatch(value):
        return False
    if compiled(_STRONG).fullmatch(name):
        if value.lower().replace(b"-", b"_") == name:
            return False
        if is_bare:
            return (
                value[:1] not in _OPENING
                and not compiled(_CODE).fullmatch(value)
                and (not value.isdigit() or len(value) >= _SHORTEST_NUMBER)
            )
        return True
    if compiled(_WEAK).fullmatch(name) and not compiled(_HARMLESS).fullmatch(name):
        return compiled(_RANDOM).fullmatch(value) is not None and not compiled(_CODE).fullmatch(value)
    return False


def after_scheme(text: bytes, lowered: bytes) -> Iterator[Found]:
    """The credentials that follow `Bearer` or `Basic`."""
    for match in compiled(rb"bearer[ ]+([\w.~+/=-]{8,})").finditer(lowered):
        if compiled(rb".*\d.*|[^_]{20,}").fullmatch(match[1]):
            yield match.start(1), match.end(1), "bearer"
    for match in compiled(rb"basic[ ]+([a-z0-9+/_-]{6,}={0,2})").finditer(lowered):
        if _is_credential(text[match.start(1) : match.end(1)]):
            yield match.start(1), match.end(1), "basic"


def _is_credential(value: bytes) -> bool:
    try:
        decoded = binascii.a2b_base64(value + b"=" * (-len(value) % 4))
    except binascii.Error:
        return False
    return b":" in decoded and decoded.isascii() and decoded.decode("ascii").isprintable()


def _url_secrets(text: bytes, lowered: bytes) -> Iterator[Found]:
    """The secrets in addresses within a text: passwords before the host, and signatures among the parameters."""
    rest = rb"""[^\s/?#"'<>@:\\\x01]"""
    userinfo = rb"""://(?:%s{0,100}:([^\s/"'<>\\\x01]+)@|(%s{16,})@)""" % (rest, rest)
    for match in compiled(userinfo).finditer(text):
        group = 1 if match[1] else 2
        if not compiled(_TEMPLATE, re.IGNORECASE).fullmatch(match[group]):
            yield match.start(group), match.end(group), "url"
    if b"sig=" not in lowered and b"signature=" not in lowered:
        return
    for match in compiled(rb"""sig(?:nature)?=([^\s&"'<>#\\\x01]{4,})""").finditer(lowered):
        if lowered[max(0, match.start() - 8) : match.start()].endswith((b"?", b"&", b";", b"x-amz-", b"x-goog-")):
            yield match.start(1), match.end(1), "url"


def parameter_secrets(url: bytes) -> Iterator[Found]:
    """The parameters of one address that are secret by their name."""
    lowered = url.lower()
    names = (
        rb"(?:x-(?:amz|goog)-)?sig(?:nature)?|x-amz-security-token|x-amz-credential|key|auth|code|pass|jwt|sas|token"
    )
    names += rb"|api[_-]?key|[a-z]+[_-]?token|secret|password|pwd|client_secret|authorization|credentials?"
    for match in compiled(rb"""[?&#;](%s)=([^\s&"'<>#\\\x01]+)""" % names).finditer(lowered):
        if not compiled(_HARMLESS).fullmatch(match[1]):
            yield match.start(2), match.end(2), "url"
    yield from _url_secrets(url, lowered)
