"""Every setting in one table: its name, the variable of the environment, what it is when nobody says."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast, get_args

from agentreplay.errors import ValueInvalid
from agentreplay.folders import data_folder

__all__ = [
    "CONTENT_POLICIES",
    "ORDERS_VARIABLE",
    "PATH_VARIABLE",
    "REPORTS_VARIABLE",
    "SETTINGS",
    "SPOOL",
    "ContentPolicy",
    "Durability",
    "Setting",
    "Settings",
]

ContentPolicy = Literal["full", "redacted", "structure"]
CONTENT_POLICIES: tuple[ContentPolicy, ...] = get_args(ContentPolicy)
Durability = Literal["process", "power"]
_LARGEST_PORT = 65_535

SPOOL = "spool"
"""The folder, inside the data folder, of what waits to be shipped; no index is made of it here."""

ORDERS_VARIABLE = "AGENTREPLAY_RUN"
"""Holds the orders of a launched program. This one and the next two are set for its processes and by nobody else."""

PATH_VARIABLE = "AGENTREPLAY_PATH"
"""Holds the path of the process among the tasks of the program."""

REPORTS_VARIABLE = "AGENTREPLAY_REPORTS"
"""Names the folder in which each process says how it went."""


@dataclass(frozen=True)
class Setting:
    """One row of the table."""

    name: str
    variable: str
    default: str
    meaning: str
    choices: tuple[str, ...] = ()
    is_secret: bool = False
    """Whether its value is never shown."""


SETTINGS = (
    Setting("db_path", "AGENTREPLAY_DB", "", "the data folder; by default the platform's place for user data"),
    Setting("tenant", "AGENTREPLAY_TENANT", "local", "whose data it is"),
    Setting("project", "AGENTREPLAY_PROJECT", "default", "the project to work in"),
    Setting(
        "durability",
        "AGENTREPLAY_DURABILITY",
        "process",
        "what an acknowledged write survives: the death of the process, or loss of power too",
        ("process", "power"),
    ),
    Setting(
        "content",
        "AGENTREPLAY_CONTENT",
        "redacted",
        "what is kept of messages and bodies in projects without a policy of their own (`agentreplay policy`):"
        " everything, all but secrets, or only their structure",
        CONTENT_POLICIES,
    ),
    Setting("redact", "AGENTREPLAY_REDACT", "", "a file of further redaction rules, each a line `name = regex`"),
    Setting(
        "url",
        "AGENTREPLAY_URL",
        "",
        "a server that recordings are shipped to; without one they stay in the data folder",
    ),
    Setting(
        "spool_bytes",
        "AGENTREPLAY_SPOOL_BYTES",
        str(1 << 30),
        "how much may wait on disk for that server; beyond it the oldest journals are dropped, and counted",
    ),
    Setting(
        "checkpoint_calls",
        "AGENTREPLAY_CHECKPOINT_CALLS",
        "0",
        "a process makes a checkpoint by itself whenever it has made so many calls; 0: never",
    ),
    Setting(
        "checkpoint_seconds",
        "AGENTREPLAY_CHECKPOINT_SECONDS",
        "0",
        "likewise at the first call that ends so many seconds after the last one; 0: never",
    ),
    Setting("host", "AGENTREPLAY_HOST", "127.0.0.1", "the address the server listens on"),
    Setting("port", "AGENTREPLAY_PORT", "47100", "the main port of the server"),
    Setting(
        "upstreams",
        "AGENTREPLAY_UPSTREAMS",
        "",
        "where the gateway passes calls on beside what it knows, as `name=URL name=URL`",
    ),
    Setting(
        "watch",
        "AGENTREPLAY_WATCH",
        "no",
        "whether `agentreplay up` follows the transcripts of coding agents on this machine too",
        ("no", "yes"),
    ),
    Setting(
        "snapshots",
        "AGENTREPLAY_SNAPSHOTS",
        "",
        "the folder or bucket of snapshots; by default `snapshots` in the data folder",
    ),
    Setting(
        "snapshot_key",
        "AGENTREPLAY_SNAPSHOT_KEY",
        "",
        "the passphrase of encrypted snapshots, for the command line",
        is_secret=True,
    ),
    Setting(
        "embeddings",
        "AGENTREPLAY_EMBEDDINGS",
        "local/all-minilm-l6-v2",
        "what makes vectors of texts: the model that `agentreplay embeddings install` fetches, or `PROVIDER/MODEL` of"
        " openai, google, ollama or cohere, whose key comes from the environment",
    ),
    Setting(
        "embeddings_url",
        "AGENTREPLAY_EMBEDDINGS_URL",
        "",
        "where that provider is, or what speaks like it; by default the provider's own address",
    ),
    Setting(
        "reranker",
        "AGENTREPLAY_RERANKER",
        "",
        "what reads a question and the memories found for it together, and scores them anew: `PROVIDER/MODEL` of cohere"
        " or jina, whose key comes from the environment; by default nothing",
    ),
    Setting(
        "reranker_url",
        "AGENTREPLAY_RERANKER_URL",
        "",
        "where that provider is, or what speaks like it; by default the provider's own address",
    ),
    Setting(
        "model",
        "AGENTREPLAY_MODEL",
        "",
        "what puts a hand-over into words for `agentreplay brief`: `PROVIDER/MODEL` of anthropic, google, ollama or"
        " openai, whose key comes from the environment; without one nobody is asked",
    ),
    Setting(
        "model_url",
        "AGENTREPLAY_MODEL_URL",
        "",
        "where that provider is, or what speaks like it; by default the provider's own address",
    ),
    Setting("key", "AGENTREPLAY_KEY", "", "what requests to the server must carry", is_secret=True),
)


@dataclass(frozen=True)
class Settings:
    """The settings in force."""

    db_path: Path
    tenant: str = "local"
    project: str = "default"
    durability: Durability = "process"
    content: ContentPolicy = "redacted"
    redact: Path | None = None
    url: str = ""
    spool_bytes: int = 1 << 30
    checkpoint_calls: int = 0
    checkpoint_seconds: int = 0
    host: str = "127.0.0.1"
    port: int = 47100
    upstreams: tuple[str, ...] = ()
    watch: str = "no"
    snapshots: str = ""
    snapshot_key: str = field(default="", repr=False)
    embeddings: str = "local/all-minilm-l6-v2"
    embeddings_url: str = ""
    reranker: str = ""
    reranker_url: str = ""
    model: str = ""
    model_url: str = ""
    key: str = field(default="", repr=False)
    sources: Mapping[str, str] = field(default_factory=dict[str, str])
    """For each setting where its value comes from: `default`, or the name of the variable."""

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the environment; raises ValueInvalid when a variable holds what is not a choice."""
        values: dict[str, str] = {}
        sources: dict[str, str] = {}
        for setting in SETTINGS:
            value = environment.get(setting.variable, "")
            if setting.choices and value and value not in setting.choices:
                raise ValueInvalid(
                    what=f"the variable {setting.variable}",
                    problem=f"{value!r} is none of {', '.join(setting.choices)}",
                )
            values[setting.name] = value or setting.default
            sources[setting.name] = setting.variable if value else "default"
        return cls(
            db_path=Path(values["db_path"]).expanduser() if values["db_path"] else Path(data_folder(environment)),
            tenant=values["tenant"],
            project=values["project"],
            durability=cast("Durability", values["durability"]),
            content=cast("ContentPolicy", values["content"]),
            redact=Path(values["redact"]).expanduser() if values["redact"] else None,
            url=values["url"],
            spool_bytes=_whole_number("AGENTREPLAY_SPOOL_BYTES", values["spool_bytes"]),
            checkpoint_calls=_whole_number("AGENTREPLAY_CHECKPOINT_CALLS", values["checkpoint_calls"]),
            checkpoint_seconds=_whole_number("AGENTREPLAY_CHECKPOINT_SECONDS", values["checkpoint_seconds"]),
            host=values["host"],
            port=_port(values["port"]),
            upstreams=tuple(values["upstreams"].split()),
            watch=values["watch"],
            snapshots=values["snapshots"],
            snapshot_key=values["snapshot_key"],
            embeddings=values["embeddings"],
            embeddings_url=values["embeddings_url"],
            reranker=values["reranker"],
            reranker_url=values["reranker_url"],
            model=values["model"],
            model_url=values["model_url"],
            key=values["key"],
            sources=sources,
        )

    @property
    def snapshot_folder(self) -> str:
        """Where snapshots lie unless somebody says otherwise: a path, or the URL of a bucket."""
        return self.snapshots or str(self.db_path / "snapshots")

    @property
    def models(self) -> Path:
        """The folder that embedding models are installed in."""
        return self.db_path / "models"

    @property
    def recordings(self) -> Path:
        """The folder that is recorded to: the data folder, or the spool of what is to be shipped to a server."""
        return self.db_path / SPOOL if self.url else self.db_path


def _whole_number(variable: str, text: str) -> int:
    if text.isascii() and text.isdigit():
        return int(text)
    raise ValueInvalid(what=f"the variable {variable}", problem=f"{text!r} is no whole number")


def _port(text: str) -> int:
    if text.isdecimal() and int(text) <= _LARGEST_PORT:
        return int(text)
    raise ValueInvalid(what="the variable AGENTREPLAY_PORT", problem=f"{text!r} is no port")
