r"""What secrets look like: the table of rules, for `core.redact`.

All patterns read bytes in which a character beyond ASCII is a question mark, an escaped line break is two line
breaks, and a placeholder is a run of `\x01`. They are compiled when the first text is judged.
"""

import binascii
import re
from collections.abc import Iterable, Iterator
from functools import cache

__all__ = [
    "RUN",
    "SECRET_HEADERS",
    "TOKEN_CLASS",
    "is_opaque",
    "is_secret_name",
    "is_secret_number",
    "named_secrets",
    "parameter_secrets",
    "rule_names",
    "token_secrets",
]

Found = tuple[int, int, str]
"""Where a secret begins and ends, and the rule that found it."""

SECRET_HEADERS = frozenset(
    "authorization proxy-authorization cookie set-cookie x-api-key api-key apikey x-goog-api-key x-amz-security-token"
    " x-auth-token x-access-token x-csrf-token x-xsrf-token private-token x-gitlab-token x-vault-token x-functions-key"
    " ocp-apim-subscription-key x-goog-iam-authorization-token x-subscription-token xi-api-key x-api-token"
    " x-amz-signature x-session-token x-refresh-token x-client-secret authentication".split()
)

_VENDORS = {
    # Longer prefixes before shorter ones: the first that fits gives its name.
    "anthropic": rb"sk-ant-[\w-]{16,}",
    "openrouter": rb"sk-or-[\w-]{20,}",
    "langfuse": rb"sk-lf-[\w-]{20,}",
    "openai": rb"sk-(?:proj-|svcacct-|admin-|None-)?(?=[\w-]{0,80}\d)(?!(?:[a-z0-9]+-){2,}[a-z0-9]+(?![\w-]))[\w-]{16,}",
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
_PREFIX = (
    rb"sk-|[sr]k_|whsec_|AIza|ya29|GOCSPX|1//0|gh[pousr]_|github_|gl[a-z]{2,5}-|xox|xapp-|A[KSBC][ISC][AK]|SK[0-9a-f]|SG\."
    rb"|npm_|pypi-|hf_|api_org_|gsk_|xai-|do[oprt]_v1|shp|dapi|r8_|pplx-|nvapi-|pcsk_|tvly-|lin_|ntn_|secret_|sntry"
    rb"|hv[sbr]\.|\d:|PMAK-|AGE-|8Q~|eyJ"
)


_ROOTS = {
    # The root as `SIEVE` shows it, and the names it may begin.
    b"wassw": (rb"pass(?:word|wd|phrase)s?",),
    b"_wass": (rb"_pass(?![a-z])",),
    b"wwt": (rb"pwd",),
    b"cret": (rb"secrets?", rb"credentials?"),
    b"oke": (rb"token", rb"cookie"),
    b"key": (rb"key",),
    b"auth": (rb"auth(?:orization|entication)?",),
}
_BEARER, _BASIC, _PEM_BEGIN, _ADDRESS = b"bearer ", b"basec ", b"_____begen", b"://"
_SIGNS = (*_ROOTS, _BEARER, _BASIC, _PEM_BEGIN, _ADDRESS)
"""All that may announce a secret, as the sieve shows it: a text without any of them is done with."""
_SIEVE = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ" + b"pdi-", b"abctefghejklmnowqrstuvwxyz" + b"wte_")
"""Folds case, and letters that tell the roots from one another: one search then finds two or three of them."""

_ASSIGNMENT = rb"""
    (?P<rest>[\w-]{0,24}) (?P<close>\\{0,7}["'`]?\]?) [ \t]{0,8}
    (?: (?P<pair> ,\s{0,8}\\{0,7}["'](?:value)\\{0,7}["']\s{0,8}:\s{0,8} (?:\{\s{0,8}\\{0,7}"stringvalue\\{0,7}"\s{0,8}:\s{0,8})?)
      | (?P<mark> :[ \t]*str(?:ing)?\b[^=\n"']{0,20}= | => | := | ={1,3} | : | > | (?:,[ ]?(?=\\{0,7}["'])) | [ ](?=\S) ) )
    [ \t\r\n]{0,8}
"""
_STRONG = (
    rb".*(?:pass(?:word|wd|phrase)s?|pwd|_pass|secrets?|credentials?|api_?keys?|secret_?key|access_?key|private_?key"
    rb"|account_?key|shared_?access_?key|subscription_?key|master_?key|encryption_?key|signing_?key|service_?key"
    rb"|auth_?key|functions_?key|webhook_?key|storage_?key|admin_?key|license_?key"
    rb"|(?:access|refresh|auth|bearer|id|api|session|security|bot|user|oauth|jwt|csrf|xsrf|github|gitlab|slack|npm|pypi"
    rb"|hf|vault|service|admin|private|personal|deploy|secret|client|app|device|login)_?tokens?)"
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
    rb"[$%#]?[{(<\[].*|\$[A-Za-z_]\w*|%\w+%|[*.xX_-]+|(?:insert|enter|my|the|put|some|any)?[_ -]?your[_ -].*|[a-z]+_here"
    rb"|null|none|nil|true|false|undefined|str|string|text|bytes|int|integer|number|bool|boolean|object|array|list|dict"
    rb"|any|optional|required|secretstr|changeme|todo|redacted|hidden|empty|unset|missing|invalid|expired|valid"
    rb"|(?:os|process|env|self|this|config|settings|args|options|request|req|ctx|params|cls)[.\[(].*"
)
_CODE = rb"[A-Za-z_]+|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*[(\[].*|[A-Za-z_]+(?:\.[A-Za-z_]+)+"
_QUOTED = rb"""(?P<open>\\{0,7}["'`])"""
_PLAIN = rb"""[^\s"'`,;&<>\\\x01]+"""
_LINE = rb"""[^\r\n"'`\\\x01<>]+"""
_RANDOM = rb"(?=.*\d)(?=.*[A-Za-z])[\w+/=.~-]{12,}"
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

RUN = b"x" * 20
TOKEN_CLASS = bytes(0x78 if (chr(code).isalnum() and code < 0x80) or code in b"_-" else 0x20 for code in range(256))  # noqa: PLR2004
"""What a token is made of becomes an `x`: a token that no name announces is found as a `RUN`."""

_LONGEST_TOKEN = 200
_SHORTEST_RANDOM = 24
_TURNS = 0.35
_FEWEST_DIFFERENT = 14


@cache
def _compiled(pattern: bytes, flags: int = 0) -> re.Pattern[bytes]:
    return re.compile(pattern, flags | re.DOTALL)


@cache
def _vendors() -> re.Pattern[bytes]:
    return re.compile(b"|".join(b"(?P<%s>%s)" % (name.encode(), pattern) for name, pattern in _VENDORS.items()))


@cache
def _names() -> dict[bytes, tuple[re.Pattern[bytes], ...]]:
    return {
        root: tuple(re.compile(core + _ASSIGNMENT, re.VERBOSE) for core in cores) for root, cores in _ROOTS.items()
    }


def rule_names() -> frozenset[str]:
    """The names of all rules, as they stand in placeholders."""
    return frozenset(_VENDORS) | {"basic", "bearer", "cookie", "entropy", "header", "named", "private-key", "url"}


def is_opaque(name: str) -> bool:
    """Whether a field of this name holds what looks like chance and is no secret: ids, digests, signatures, media."""
    return _compiled(_OPAQUE_NAME).fullmatch(name.encode("ascii", "replace").lower()) is not None


def is_secret_name(name: str, value: bytes) -> bool:
    """Whether this value of a field of this name is a secret."""
    lowered = name.encode("ascii", "replace").lower().replace(b"-", b"_")
    return lowered in _WHOLE and bool(_whole(lowered, value, is_quoted=True)) or _is_secret(lowered, value, is_bare=False)


def is_secret_number(name: str, value: int) -> bool:
    """Whether a number of this name is a password or a PIN and not a measure."""
    lowered = name.encode("ascii", "replace").lower().replace(b"-", b"_")
    return value >= _SMALLEST_PIN and _compiled(_PASSWORD_NAME).fullmatch(lowered) is not None


_WHOLE = frozenset({b"authorization", b"proxy_authorization", b"cookie", b"set_cookie", b"authentication"})


def token_secrets(text: bytes, begin: int, end: int) -> Iterator[Found]:
    """The secrets that a run of token characters is, or is a part of."""
    token = text[begin:end]
    if (token.islower() and not _compiled(rb"\d").search(token)) or _compiled(_UUID).fullmatch(token):
        return
    reached = 0
    for prefix in _compiled(_PREFIX).finditer(text, max(0, begin - 10), end):
        at = prefix.start()
        if prefix[0] == b"8Q~":
            at -= 3
        elif prefix[0][1:] == b":":
            at = _digits_before(text, at)
        if at < reached or text[at - 1 : at].isalnum():
            continue
        match = _vendors().match(text, at)
        if match is not None:
            reached = match.end()
            yield at, reached, match.lastgroup or ""
    if not reached and _is_random(text, begin, end):
        yield begin, end, "entropy"


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
    if len(set(token)) < _FEWEST_DIFFERENT or _turns(token) < _TURNS * len(token):
        return False
    if _compiled(_ID_PREFIX).match(token) is not None:
        return False
    field = _compiled(rb"""([\w-]+)\\*["']?\s*[:=]\s*\\*["']?$""").search(text[max(0, begin - 80) : begin])
    return field is None or _compiled(_OPAQUE_NAME).fullmatch(field[1].lower()) is None


_PART_OF_PATH = (b"/", b"\\", b".", b"@", b"+", b"%", b"#", b"\x01")
_KINDS = bytes.maketrans(
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", b"a" * 26 + b"A" * 26 + b"0" * 10 + b"--"
)


def _turns(token: bytes) -> int:
    """How often the kind of character changes, where all three kinds are there and separators are few."""
    kinds = token.translate(_KINDS)
    if not (b"a" in kinds and b"A" in kinds and b"0" in kinds) or kinds.count(b"-") > len(token) // 8:
        return 0
    return sum(one != other for one, other in zip(kinds, kinds[1:], strict=False))


def named_secrets(text: bytes) -> Iterable[Found]:
    """The secrets that a name announces: assignments, fields, headers, credentials after their scheme, keys in PEM."""
    sieve = text.translate(_SIEVE)
    roots = [root for root in _SIGNS if root in sieve]
    return _announced(text, roots) if roots else ()


def _announced(text: bytes, roots: list[bytes]) -> Iterator[Found]:
    lowered = text.lower()
    for root in roots:
        for name in _names().get(root, ()):
            for match in name.finditer(lowered):
                yield from _assigned(text, lowered, match)
    if _BEARER in roots or _BASIC in roots:
        yield from _after_scheme(text, lowered)
    if _PEM_BEGIN in roots:
        for match in _compiled(_PEM).finditer(text):
            yield match.start(), match.end(), "private-key"
    if _ADDRESS in roots:
        yield from url_secrets(text, lowered)


_PEM = rb"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[^\x01]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|(?=[\x01\"'`<]|\Z))"


def _assigned(text: bytes, lowered: bytes, match: re.Match[bytes]) -> Iterator[Found]:
    begin = match.start()
    before = lowered[max(0, begin - 40) : begin]
    before = before[len(before.rstrip(b"abcdefghijklmnopqrstuvwxyz0123456789_-")) :]
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
        is_environment = mark == b"=" and text[match.end() - 1 : match.end()] == b"="
        is_environment = is_environment and (is_query or text[begin : begin + 3].isupper() or before == b"")
        is_bare = not is_quoted and not (is_environment and (is_query or text[begin : begin + 3].isupper()))
        if _is_secret(name, value, is_bare=is_bare):
            yield start, end, "named"


_QUERY = (b"?", b"&", b";")
_SHORTEST_QUERY_KEY = 8


def _value(text: bytes, at: int, *, is_line: bool) -> tuple[int, int, bool] | None:
    """Where the value that begins here lies, and whether it is quoted."""
    opening = _compiled(_QUOTED).match(text, at)
    if opening is not None:
        start, mark = opening.end(), opening["open"]
        depth, quote = len(mark) - 1, mark[-1:]
        inner = rb"(?:[^\r\n\\%s]|\\.)*" % quote if not depth else rb"[^\r\n]*?(?<!\\)(?=%s)" % re.escape(mark)
        closed = _compiled(inner).match(text, start)
        if closed is not None and b"\x01" not in closed[0] and text.startswith(mark, closed.end()):
            return start, closed.end(), True
        at = start
    plain = _compiled(_LINE if is_line else _PLAIN).match(text, at)
    return None if plain is None else (at, at + len(plain[0].rstrip()), False)


def _whole(name: bytes, value: bytes, *, is_quoted: bool) -> bool:
    """Whether this is the value of a header that is secret as a whole."""
    if _compiled(_TEMPLATE, re.IGNORECASE).fullmatch(value) or b"\x01" in value:
        return False
    if name.endswith(b"cookie"):
        return b"=" in value
    scheme = rb"(?:basic|bearer|token|digest|negotiate|apikey|api-key|key|aws4-hmac-sha256)[ ]+[^\s<${].{3,}"
    if _compiled(scheme, re.IGNORECASE).fullmatch(value):
        return True
    return len(value) > 7 and b" " not in value and (is_quoted or _compiled(_RANDOM).fullmatch(value) is not None)


def _is_secret(name: bytes, value: bytes, *, is_bare: bool) -> bool:
    if len(value) < 3 or b"\x01" in value or _compiled(_TEMPLATE, re.IGNORECASE).fullmatch(value):
        return False
    if _compiled(_STRONG).fullmatch(name):
        if value.lower().replace(b"-", b"_") == name:
            return False
        if is_bare:
            return not _compiled(_CODE).fullmatch(value) and (not value.isdigit() or len(value) > 3)
        return True
    if _compiled(_WEAK).fullmatch(name) and not _compiled(_HARMLESS).fullmatch(name):
        return _compiled(_RANDOM).fullmatch(value) is not None and not _compiled(_CODE).fullmatch(value)
    return False


def _after_scheme(text: bytes, lowered: bytes) -> Iterator[Found]:
    for match in _compiled(rb"bearer[ ]+([\w.~+/=-]{8,})").finditer(lowered):
        if _compiled(rb".*\d.*|[^_]{20,}").fullmatch(match[1]):
            yield match.start(1), match.end(1), "bearer"
    for match in _compiled(rb"basic[ ]+([a-z0-9+/_-]{6,}={0,2})").finditer(lowered):
        if _is_credential(text[match.start(1) : match.end(1)]):
            yield match.start(1), match.end(1), "basic"


def _is_credential(value: bytes) -> bool:
    try:
        decoded = binascii.a2b_base64(value + b"=" * (-len(value) % 4))
    except binascii.Error:
        return False
    return b":" in decoded and decoded.isascii() and decoded.decode("ascii").isprintable()


def url_secrets(text: bytes, lowered: bytes) -> Iterator[Found]:
    """The secrets in addresses within a text: passwords before the host, and signatures among the parameters."""
    rest = rb"""[^\s/?#"'<>@:\\\x01]"""
    userinfo = rb"""://(?:%s{0,100}:([^\s/"'<>\\\x01]+)@|(%s{16,})@)""" % (rest, rest)
    for match in _compiled(userinfo).finditer(text):
        group = 1 if match[1] else 2
        if not _compiled(_TEMPLATE, re.IGNORECASE).fullmatch(match[group]):
            yield match.start(group), match.end(group), "url"
    for match in _compiled(rb"""sig(?:nature)?=([^\s&"'<>#\\\x01]{4,})""").finditer(lowered):
        if lowered[max(0, match.start() - 8) : match.start()].endswith((b"?", b"&", b";", b"x-amz-", b"x-goog-")):
            yield match.start(1), match.end(1), "url"


def parameter_secrets(url: bytes) -> Iterator[Found]:
    """The parameters of one address that are secret by their name."""
    lowered = url.lower()
    names = rb"(?:x-(?:amz|goog)-)?sig(?:nature)?|x-amz-security-token|x-amz-credential|key|auth|code|pass|jwt|sas|token"
    names += rb"|api[_-]?key|[a-z]+[_-]?token|secret|password|pwd|client_secret|authorization|credentials?"
    for match in _compiled(rb"""[?&#;](%s)=([^\s&"'<>#\\\x01]+)""" % names).finditer(lowered):
        if not _compiled(_HARMLESS).fullmatch(match[1]):
            yield match.start(2), match.end(2), "url"
    yield from url_secrets(url, lowered)
