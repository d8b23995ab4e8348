"""Secrets that nothing announces: keys by the prefix their vendor gives them, and tokens that look like chance."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from itertools import pairwise

from agentreplay.core.secrets import BREAKS, Found, after_scheme, compiled, finder

__all__ = ["RUN", "TOKEN_CLASS", "harmless_run", "is_opaque", "token_secrets"]

_VENDORS = {
    # Longer prefixes before shorter ones: the first that fits gives its name.
    "anthropic": rb"sk-ant-[\w-]{16,}",
    "openrouter": rb"sk-or-[\w-]{20,}",
    "langfuse": rb"sk-lf-[\w-]{20,}",
    "openai": rb"sk-(?:proj-|svcacct-|admin-|None-)?(?=[\w-]{0,80}\d)"
    rb"(?!(?:[a-z0-9]+-){2,}[a-z0-9]+(?![\w-]))[\w-]{16,}",
    "stripe": rb"(?:[sr]k_(?:live|test|prod)_|whsec_)[A-Za-z0-9]{16,}",
    "google": rb"AIza[\w-]{30,}|ya29\.[\w.-]{20,}|GOCSPX-[\w-]{20,}|1//0[\w-]{30,}",
    "github": rb"gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}",
    "gitlab": rb"gl(?:pat|ptt|dt|rt|cbt|ft|soat|agent|oas|imt)-[\w.-]{16,}",
    "slack": rb"x(?:ox[abdeoprs]|app)-[A-Za-z0-9-]{10,}",
    "aws": rb"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])|ABSK[A-Za-z0-9+/]{60,}={0,2}",
    "twilio": rb"SK[0-9a-f]{32}(?![A-Za-z0-9])",
    "sendgrid": rb"SG\.[\w-]{16,}\.[\w-]{16,}",
    "npm": rb"npm_[A-Za-z0-9]{30,}",
    "pypi": rb"pypi-[\w-]{16,}",
    "huggingface": rb"(?:hf|api_org)_[A-Za-z0-9]{20,}",
    "groq": rb"gsk_[A-Za-z0-9]{20,}",
    "xai": rb"xai-[\w-]{20,}",
    "digitalocean": rb"do[oprt]_v1_[0-9a-f]{32,}",
    "shopify": rb"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",
    "databricks": rb"dapi[0-9a-f]{32}(?:-\d)?",
    "replicate": rb"r8_[A-Za-z0-9]{30,}",
    "perplexity": rb"pplx-[A-Za-z0-9]{30,}",
    "nvidia": rb"nvapi-[\w-]{40,}",
    "pinecone": rb"pcsk_[\w-]{40,}",
    "tavily": rb"tvly-[\w-]{20,}",
    "linear": rb"lin_(?:api|oauth)_[A-Za-z0-9]{30,}",
    "notion": rb"(?:ntn|secret)_[A-Za-z0-9]{40,}",
    "sentry": rb"sntry[su]_[\w+/=-]{30,}",
    "vault": rb"hv[sbr]\.[\w-]{20,}",
    "telegram": rb"\d{8,10}:[\w-]{35}(?![\w-])",
    "postman": rb"PMAK-[0-9a-f]{20,}-[0-9a-f]{30,}",
    "age": rb"AGE-SECRET-KEY-1[A-Z0-9]{50,}",
    "azure": rb"[\w~.-]{3}8Q~[\w~.-]{31,}",
    "jwt": rb"eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*){0,3}",
}
_MARKS = (
    *b"sk- sk_ rk_ whsec_ AIza ya29 GOCSPX 1//0 ghp_ gho_ ghu_ ghs_ ghr_ github_ gl xox xapp- SG. npm_ pypi-".split(),
    *b"hf_ api_org_ gsk_ xai- doo_v1 dop_v1 dor_v1 dot_v1 shp dapi r8_ pplx- nvapi- pcsk_ tvly- lin_ ntn_".split(),
    *b"secret_ sntry AKIA ASIA ABIA ACCA ABSK hvs. hvb. hvr. PMAK- AGE- 8Q~ eyJ".split(),
    *(b"SK%c" % digit for digit in b"0123456789abcdef"),
    *(b"%c:" % digit for digit in b"0123456789"),
)
"""How the keys of vendors begin, or what is in them, so that only there they are looked for."""
_BEFORE = 10
"""So far before a run what marks a key may begin."""


_OPAQUE_NAME = (
    rb".*(?:signature|encrypted(?:_?content)?|thought|thinking|data|b64(?:_json)?|base64|image|audio|blob|bytes"
    rb"|sha(?:1|256|384|512)?|md5|digest|hash|integrity|etag|checksum|fingerprint|ids?|uuid|guid|cursor|page_?token"
    rb"|commit|revision|rev|ref|url|uri|href|path|file|filename|file_?name|name|model|cwd|branch|slug|version|nonce|embedding)"
)
_ID_PREFIX = (
    rb"(?:call|toolu|srvtoolu|mcptoolu|msg|message|resp|chatcmpl|cmpl|compl|gen|req|request|run|thread|asst|file|batch"
    rb"|rs|fc|ws|evt|event|item|ft|ftjob|vs|step|ses|session|prt|part|fp|ctr|cntr|container|code|mcp|mcpl|mcpr|ctx|conv"
    rb"|org|proj|project|acct|cus|trace|span|tool|functions?|search|msgbatch|skill|model|modelcmpl|upload|chatcmpl-tool"
    rb"|agent|task|job|artifact|user|usr|img|ig|cu|tu|st|wf)[_-]"
)

_UUID = rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

_DIGESTS = (rb"""(?<=["'(\[{,;|>])[0-9a-f]+""", rb"(?<=\\)[nrt][0-9a-f]+", rb"(?<=[^rRcC ] )[0-9a-f]+")
"""Where nothing before them makes them the end of a key that has dots or colons, or of what follows a scheme."""
_CALL = rb'(?<=")(?:toolu|msg|req|call)_0[A-Za-z0-9]+'
RUN = b"x" * 20
TOKEN_CLASS = bytes(0x78 if (chr(code).isalnum() and code < 0x80) or code in b"_-" else 0x20 for code in range(256))  # noqa: PLR2004
"""What a token is made of becomes an `x`: a token that no name announces is found as a `RUN`."""

_LONGEST_TOKEN = 200
_SHORTEST_RANDOM = 24
_TURNS = 0.35
_FEWEST_DIFFERENT = 14


@cache
def _vendors() -> re.Pattern[bytes]:
    return re.compile(b"|".join(b"(?P<%s>%s)" % (name.encode(), pattern) for name, pattern in _VENDORS.items()))


@lru_cache(4096)
def is_opaque(name: str) -> bool:
    """Whether a field of this name holds what looks like chance and is no secret: ids, digests, signatures, media."""
    return compiled(_OPAQUE_NAME).fullmatch(name.encode("ascii", "replace").lower()) is not None


@cache
def harmless_run() -> Callable[[bytes, int, int], re.Match[bytes] | None]:
    """Matches most runs that are no secrets: names without digits, as programs have them, and ids of a known form."""
    return re.compile(b"|".join((rb"[_-]*[a-z][a-z_-]*", _UUID, *_DIGESTS, _CALL))).fullmatch


def token_secrets(text: bytes, begin: int, end: int) -> Iterable[Found]:
    """The secrets that a run of token characters is, or is a part of, which is none of the harmless ones."""
    shift = max(0, begin - _BEFORE)
    marks = finder(_MARKS)(text[shift:end])
    found = list(_marked(text, [(_MARKS[number], shift + at) for number, at, _ in marks])) if marks else ()
    return found or _unmarked(text, begin, end)


def _marked(text: bytes, marks: Iterable[tuple[bytes, int]]) -> Iterator[Found]:
    """The keys that begin where their marks are."""
    reached = 0
    for mark, place in marks:
        at = place
        if mark == b"8Q~":
            at -= 3
        elif mark[1:] == b":":
            at = _digits_before(text, at)
        if at < reached or (text[at - 1 : at].isalnum() and not _is_break(text, at)):
            continue
        match = _vendors().match(text, at)
        if match is not None:
            reached = match.end()
            yield at, reached, match.lastgroup or ""


def _unmarked(text: bytes, begin: int, end: int) -> Iterable[Found]:
    if text[begin - 1 : begin] == b"\\" and text[begin : begin + 1] in BREAKS:
        begin += 1
    if (scheme := _scheme_before(text, begin, end)) is not None:
        return (scheme,)
    return ((begin, end, "entropy"),) if _is_random(text, begin, end) else ()


def _scheme_before(text: bytes, begin: int, end: int) -> Found | None:
    """The credential that follows `Bearer` or `Basic`, also where no word of authorization is near."""
    if text[begin - 1 : begin] != b" ":
        return None
    before = text[max(0, begin - 8) : begin].lower().rstrip(b" ")
    if not before.endswith((b"bearer", b"basic")):
        return None
    shift = max(0, begin - 8)
    around = text[shift : end + _LONGEST_TOKEN]
    for low, high, rule in after_scheme(around, around.lower()):
        return low + shift, high + shift, rule
    return None


def _is_break(text: bytes, at: int) -> bool:
    """Whether an escaped line break or tabulator ends here."""
    return text[at - 2 : at - 1] == b"\\" and text[at - 1 : at] in BREAKS


def _digits_before(text: bytes, at: int) -> int:
    while at and text[at - 1 : at].isdigit():
        at -= 1
    return at


def _is_random(text: bytes, begin: int, end: int) -> bool:
    """Whether letters of both cases and digits alternate as if by chance, where nothing says what they are."""
    token = text[begin:end]
    if not _SHORTEST_RANDOM <= end - begin <= _LONGEST_TOKEN or token.isalpha() or token.islower() or token.isupper():
        return False
    if text[begin - 1 : begin] in _PART_OF_PATH or text[end : end + 1] in _PART_OF_PATH:
        return False
    if text[max(0, begin - 8) : begin] == b";base64,":
        return False
    if compiled(_ID_PREFIX).match(token) is not None or len(set(token)) < _FEWEST_DIFFERENT:
        return False
    if _turns(token) < _TURNS * len(token):
        return False
    field = compiled(rb"""([\w-]+)\\*["']?\s*[:=]\s*\\*["']?$""").search(text[max(0, begin - 80) : begin])
    return field is None or compiled(_OPAQUE_NAME).fullmatch(field[1].lower()) is None


_PART_OF_PATH = (b"/", b"\\", b".", b"@", b"+", b"%", b"#", b"\x01")
_KINDS = bytes.maketrans(
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", b"a" * 26 + b"A" * 26 + b"0" * 10 + b"--"
)


def _turns(token: bytes) -> int:
    """How often the kind of character changes, where all three kinds are there and separators are few."""
    kinds = token.translate(_KINDS)
    if not (b"a" in kinds and b"A" in kinds and b"0" in kinds) or kinds.count(b"-") > len(token) // 8:
        return 0
    return sum(one != other for one, other in pairwise(kinds))
