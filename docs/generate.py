"""Writes the pages of the reference that follow from the code: commands, settings, errors, the API, Python, and MCP.

`python docs/generate.py` writes them, and with `--check` it only says which are out of date.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from agentreplay import errors
from agentreplay.cli import failure
from agentreplay.cli.program import program
from agentreplay.errors import AgentReplayError
from agentreplay.intake.transcripts.readers import READERS
from agentreplay.server.app import ROUTES
from agentreplay.server.document import document
from agentreplay.server.mcp.catalogue import tools
from agentreplay.server.mcp.declared import Tool
from agentreplay.server.mcp.prompts import PROMPTS
from agentreplay.server.mcp.resources import RESOURCES, TEMPLATES
from agentreplay.settings import SETTINGS, Setting

if not __package__:  # it is run by its path, and not as a part of the repository
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from docs.figures import figures
from docs.python import python
from docs.sdks import sdks

__all__ = ["FOLDER", "main", "outdated", "pages"]

FOLDER = Path(__file__).resolve().parent / "reference"
SEEN = FOLDER.parent.parent / "tests" / "golden" / "frameworks.json"
FRAMEWORKS = {
    "adk_agent": "Google ADK",
    "agno_agent": "Agno",
    "autogen_agent": "AutoGen",
    "claude_agent": "Claude Agent SDK",
    "crewai_agent": "CrewAI",
    "dspy_agent": "DSPy",
    "haystack_agent": "Haystack",
    "instructor_agent": "Instructor",
    "langgraph_agent": "LangChain, LangGraph",
    "litellm_agent": "LiteLLM",
    "llama_index_agent": "LlamaIndex",
    "mcp_calls": "MCP clients",
    "openai_agent": "OpenAI Agents SDK",
    "pydantic_agent": "Pydantic AI",
    "semantic_kernel_agent": "Semantic Kernel",
    "smolagents_agent": "smolagents",
    "strands_agent": "Strands Agents",
}
"""By the program that is written with it."""
COLUMNS = (
    *("agents", "steps", "tools", "messages", "tokens", "cost"),
    *("streaming", "errors", "hand-offs", "graph", "replays", "forks"),
)
WIDTH = 88
NOTICE = "<!-- `make docs` writes this page; what it says stands in {source}. -->"
PLACEHOLDER = re.compile(r"\{(\w+)(?:![rsa])?\}")
TERMINAL = (
    ("AGENTREPLAY_DEBUG", "`1` shows where an error happened, with the traceback"),
    ("NO_COLOR", "anything but nothing declines colour, as on <https://no-color.org>"),
    ("TERM", "`dumb` declines colour and progress"),
    ("COLUMNS", "the width of the terminal, where it does not tell by itself"),
)
EXIT_CODES = (
    (0, "It worked. Finding nothing is no failure."),
    (failure.UNEXPECTED, "Something unexpected went wrong, or a question was answered with no."),
    (failure.USAGE, "The command line cannot be understood."),
    (failure.INTERRUPTED, "It was interrupted (Ctrl-C)."),
    (failure.PIPE_CLOSED, "Whoever read the output went away, as `head` does."),
)


def pages() -> dict[str, str]:
    """The text of every generated page by its name."""
    return {
        "cli.md": _page("Command line", "`src/agentreplay/cli/`", _command_line()),
        "settings.md": _page("Settings", "`src/agentreplay/settings.py`", _settings()),
        "errors.md": _page("Errors and exit codes", "`src/agentreplay/errors/`", _errors()),
        "transcripts.md": _page("Transcripts", "`src/agentreplay/intake/transcripts/`", _transcripts()),
        "frameworks.md": _page("Frameworks", "`tests/golden/frameworks.json`", _frameworks()),
        "sdks.md": _page("SDKs of models", "`tests/golden/sdks.json`", sdks()),
        "python.md": _page("Python", "`src/agentreplay/__init__.py`", python()),
        "figures.md": _page("Figures", "`benchmarks/history`", figures()),
        "mcp.md": _page("MCP", "`src/agentreplay/server/mcp/`", _mcp()),
        "openapi.json": json.dumps(document(ROUTES), indent=1, ensure_ascii=False) + "\n",
    }


def outdated(folder: Path, texts: Mapping[str, str]) -> list[str]:
    """The names of the pages that are missing or say something else."""
    return [
        name
        for name, text in texts.items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != text
    ]


def main(arguments: list[str], folder: Path = FOLDER) -> int:
    """Write or check the pages; returns the exit code."""
    texts = pages()
    names = outdated(folder, texts)
    if "--check" in arguments:
        for name in names:
            print(f"error: docs/reference/{name} is out of date", file=sys.stderr)
        if names:
            print("hint: `make docs` writes it", file=sys.stderr)
        return int(bool(names))
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_text(texts[name], encoding="utf-8")
        print(f"wrote docs/reference/{name}")
    return 0


def _page(title: str, source: str, lines: Iterator[str]) -> str:
    return "\n".join([f"# {title}", "", NOTICE.format(source=source), "", *lines]).rstrip() + "\n"


def _command_line() -> Iterator[str]:
    yield "Data is printed on stdout, everything else on stderr. With `--json` a list is one document,"
    yield '`{"items": […], "next": cursor or null}`; in it times in nanoseconds and integers beyond 2^53 are'
    yield "strings. `--after` with the cursor and the same options gives the next page."
    yield ""
    for path, command in _commands(program, ("agentreplay",)):
        yield f"{'#' * (len(path) + 1)} {' '.join(path)}"
        yield ""
        yield "```text"
        yield _help(path, command)
        yield "```"
        yield ""


def _commands(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        ctx = click.Context(command)
        for name in command.list_commands(ctx):
            below = command.get_command(ctx, name)
            if below is not None:
                yield from _commands(below, (*path, name))


def _help(path: tuple[str, ...], command: click.Command) -> str:
    ctx = click.Context(command, info_name=" ".join(path), terminal_width=WIDTH, help_option_names=["-h", "--help"])
    return "\n".join(line.rstrip() for line in command.get_help(ctx).splitlines())


def _settings() -> Iterator[str]:
    yield "An option of the command line counts more than a variable of the environment, and that more than"
    yield "the default. `agentreplay doctor` shows what is in force and where it comes from."
    yield ""
    yield from _table(
        ("Setting", "Variable", "Default", "What it decides"),
        [
            (f"`{setting.name}`", f"`{setting.variable}`", _default(setting.default), _meaning(setting))
            for setting in SETTINGS
        ],
    )
    yield ""
    yield "The data folder is `$XDG_DATA_HOME/agentreplay` (or `~/.local/share/agentreplay`) on Linux,"
    yield "`~/Library/Application Support/agentreplay` on macOS and `%LOCALAPPDATA%\\agentreplay` on Windows."
    yield ""
    yield "The command line also heeds:"
    yield ""
    yield from _table(("Variable", "What it does"), [(f"`{name}`", text) for name, text in TERMINAL])


def _default(value: str) -> str:
    return f"`{value}`" if value else ""


def _meaning(setting: Setting) -> str:
    return setting.meaning + (f" (`{'`, `'.join(setting.choices)}`)" if setting.choices else "")


def _frameworks() -> Iterator[str]:
    yield "What the tests saw in recordings of programs that are written with these frameworks, in"
    yield "`tests/programs`: an agent with a system prompt and two tools, of which one fails; several turns; an"
    yield "answer in pieces; and a guide who is asked or takes over. A dot says that the test did not see it, be"
    yield "it that the framework has no such thing, does not tell, or that the program does not use it. Tools are"
    yield "those with all they are given and find; errors are those of tools; a run replays when it comes out"
    yield "`identical` with the models gone, and forks when it goes on with another instruction from where the"
    yield "result of its second tool is told to the model."
    yield ""
    seen = json.loads(SEEN.read_text(encoding="utf-8"))
    rows = [
        (FRAMEWORKS[program], *("yes" if seen[program]["seen"][column] else "·" for column in COLUMNS))
        for program in sorted(seen, key=lambda name: FRAMEWORKS[name].lower())
        if "seen" in seen[program]
    ]
    yield from _table(("Framework", *COLUMNS), rows)


def _transcripts() -> Iterator[str]:
    yield "The formats of coding agents that `agentreplay import` reads, and where it looks for them when it is"
    yield "given no path; variables such as `CLAUDE_CONFIG_DIR` and `CODEX_HOME` are heeded. All readers see prompts,"
    yield "answers, calls of tools with their results, and tokens where the agent tells them; what each sees beyond"
    yield "stands in the last column."
    yield ""
    yield from _table(
        ("Agent", "Files", "Looked for in", "Also read"),
        [
            (
                f"`{reader.name}`",
                "lines" if reader.is_lines else "a document",
                ", ".join(f"`{folder.as_posix()}`" for folder in reader.homes(Path("~"), {})) or "where you say",
                reader.sees,
            )
            for reader in READERS
        ],
    )


def _errors() -> Iterator[str]:
    yield "An error is one line on stderr and, where there is something to do, a `hint:` below it. The exit"
    yield "code says which family it belongs to. Words in *italics* are filled in."
    yield ""
    families = sorted(AgentReplayError.__subclasses__(), key=lambda family: family.exit_code)
    links = [f"[{family.__name__}](#{_anchor(family)}): {_said(family)}" for family in families]
    codes = sorted([*EXIT_CODES, *zip((family.exit_code for family in families), links, strict=True)])
    yield from _table(("Exit code", "Meaning"), [(str(code), text) for code, text in codes])
    for family in families:
        yield ""
        yield f"## {family.__name__}"
        yield ""
        yield f"{_said(family)} Exit code {family.exit_code}."
        yield ""
        yield from _table(("Error", "Message", "Hint"), [_row(error) for error in _members(family)])


def _members(family: type[AgentReplayError]) -> list[type[AgentReplayError]]:
    """The errors of a family in the order of the module."""
    defined = [value for value in vars(errors).values() if isinstance(value, type)]
    return [error for error in defined if issubclass(error, family) and error is not family]


def _row(error: type[AgentReplayError]) -> tuple[str, str, str]:
    return f"`{error.__name__}`", _said(error), _filled(error.hint)


def _said(error: type[AgentReplayError]) -> str:
    """The message, as the class tells it."""
    return _filled(" ".join((error.__doc__ or "").split("\n\n", maxsplit=1)[0].split()))


def _filled(text: str) -> str:
    """Placeholders in italics, and inside of code in angle brackets, where there are none."""
    parts = text.split("`")
    parts[0::2] = [PLACEHOLDER.sub(r"*\1*", part) for part in parts[0::2]]
    parts[1::2] = [PLACEHOLDER.sub(r"<\1>", part) for part in parts[1::2]]
    return "`".join(parts)


def _anchor(family: type[AgentReplayError]) -> str:
    return family.__name__.lower()


def _mcp() -> Iterator[str]:
    yield "What other agents are offered; [the guide](../mcp.md) says how they are told to use it. Arguments in"
    yield "**bold** must be given."
    yield ""
    yield "## Tools"
    for tool in tools(may_run=True, may_write=True).values():
        yield ""
        yield f"### {tool.name}"
        yield ""
        yield tool.description
        if tool.runs_programs:
            yield ""
            yield "Not with `--read-only`, and not where [jobs](../jobs.md) are refused."
        elif tool.writes:
            yield ""
            yield "Not with `--read-only`."
        yield ""
        yield from _table(("Argument", "Type", "Default", "Meaning"), list(_arguments(tool)))
    yield ""
    yield "## Resources"
    yield ""
    resources = [(resource.uri, resource.description) for resource in (*RESOURCES, *TEMPLATES)]
    yield from _table(("Address", "What it tells"), [(f"`{uri}`", text) for uri, text in resources])
    yield ""
    yield "## Prompts"
    yield ""
    prompts: list[tuple[str, ...]] = [
        (f"`{prompt.name}`", ", ".join(f"`{argument.name}`" for argument in prompt.arguments), prompt.description)
        for prompt in PROMPTS
    ]
    yield from _table(("Prompt", "Takes", "What it is for"), prompts)


def _arguments(tool: Tool) -> Iterator[tuple[str, ...]]:
    schema = tool.schema
    for name, told in schema["properties"].items():
        is_needed = name in schema.get("required", ())
        default = "" if is_needed or told.get("default") is None else f"`{json.dumps(told['default'])}`"
        yield f"**`{name}`**" if is_needed else f"`{name}`", _type(told), default, told.get("description", "")


def _type(schema: Mapping[str, Any]) -> str:
    """The type of an argument, as people say it; that it may be absent follows from its default."""
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"] if one.get("type") != "null")
    if "enum" in schema:
        return " ".join(f"`{value}`" for value in schema["enum"])
    bounds = [f"{sign} {schema[key]}" for key, sign in (("minimum", "≥"), ("maximum", "≤")) if key in schema]
    items = f" of {_type(schema['items'])}" if schema.get("items") else ""
    return " ".join([{"array": "list"}.get(schema["type"], schema["type"]) + items, *bounds])


def _table(heading: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heading)} |"
    yield "|" + "---|" * len(heading)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
