"""All formats that are read, in the order in which a file is tried."""

from agentreplay.intake.transcripts.atif import ATIF
from agentreplay.intake.transcripts.claude_code import CLAUDE_CODE, CLAUDE_CODE_EXPORT
from agentreplay.intake.transcripts.codex import CODEX
from agentreplay.intake.transcripts.copilot import COPILOT
from agentreplay.intake.transcripts.cursor import CURSOR, CURSOR_CHAT
from agentreplay.intake.transcripts.cursor_store import CURSOR_STORE
from agentreplay.intake.transcripts.gemini_cli import GEMINI_CLI, GEMINI_CLI_DOCUMENT
from agentreplay.intake.transcripts.opencode import OPENCODE, OPENCODE_STORE
from agentreplay.intake.transcripts.reader import Reader
from agentreplay.intake.transcripts.swe_agent import SWE_AGENT

__all__ = ["NAMES", "READERS", "readers_named"]

READERS: tuple[Reader, ...] = (
    CODEX,
    COPILOT,
    GEMINI_CLI,
    GEMINI_CLI_DOCUMENT,
    CLAUDE_CODE,
    CLAUDE_CODE_EXPORT,
    CURSOR,
    CURSOR_CHAT,
    CURSOR_STORE,
    OPENCODE,
    OPENCODE_STORE,
    SWE_AGENT,
    ATIF,
)
NAMES: tuple[str, ...] = tuple(sorted({reader.name for reader in READERS}))


def readers_named(name: str) -> list[Reader]:
    """The readers of an agent's transcripts, one for each of its formats."""
    return [reader for reader in READERS if reader.name == name]
