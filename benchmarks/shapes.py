"""The names, attributes and prices of the spans in the corpus, shaped like those real agents emit."""

from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import Generic, NamedTuple, TypeVar

from agentreplay.model.time import Nanoseconds
from agentreplay.model.usage import NanoDollars, Usage
from agentreplay.model.values import Value

__all__ = ["AGENTS", "MODELS", "PROJECTS", "SCOPE", "TOOLS", "Model", "Ranked", "Shapes", "Tool"]

T = TypeVar("T")

SCOPE: dict[str, Value] = {"name": "opentelemetry.instrumentation.agents", "version": "0.49.1"}


class Ranked(Generic[T]):
    """Draws by Zipf: the item at place n comes in proportion to 1 / n, unless other weights are given."""

    def __init__(self, items: Sequence[T], weights: Sequence[float] | None = None) -> None:
        self.items = items
        self._sums = list(accumulate(weights or [1 / rank for rank in range(1, len(items) + 1)]))

    def draw(self, random: Random) -> T:
        """One of the items."""
        return self.items[bisect(self._sums, random.random() * self._sums[-1])]


class Model(NamedTuple):
    """A model, who answers for it, and its prices in nano-dollars a token."""

    name: str
    provider: str
    host: str
    input: int
    output: int

    def cost(self, usage: Usage) -> NanoDollars:
        """What these tokens cost; reading from a cache costs a tenth."""
        read = usage.input + usage.cache_write_5m
        cached = self.input // 10 * usage.cache_read
        return NanoDollars(self.input * read + cached + self.output * usage.output)


class Tool(NamedTuple):
    """A tool, the kind of its spans, and whether it goes to the network."""

    name: str
    kind: str = "tool"
    is_remote: bool = False


PROJECTS = Ranked(("default", "checkout", "support"), (0.95, 0.03, 0.02))
AGENTS = Ranked(
    (
        "coder",
        "researcher",
        "reviewer",
        "support",
        "planner",
        "tester",
        "analyst",
        "writer",
        "triage",
        "migrator",
        "translator",
        "auditor",
    )
)
MODELS = Ranked(
    (
        Model("claude-sonnet-4-5-20250929", "anthropic", "api.anthropic.com", 3_000, 15_000),
        Model("gpt-5-mini-2025-08-07", "openai", "api.openai.com", 250, 2_000),
        Model("claude-haiku-4-5-20251001", "anthropic", "api.anthropic.com", 1_000, 5_000),
        Model("gpt-5-2025-08-07", "openai", "api.openai.com", 1_250, 10_000),
        Model("gemini-2.5-flash", "gcp.gemini", "generativelanguage.googleapis.com", 300, 2_500),
        Model("gemini-2.5-pro", "gcp.gemini", "generativelanguage.googleapis.com", 1_250, 10_000),
        Model("mistral-large-latest", "mistral_ai", "api.mistral.ai", 2_000, 6_000),
        Model("qwen3-coder-30b-a3b", "ollama", "localhost", 0, 0),
    )
)
TOOLS = Ranked(
    (
        Tool("read_file"),
        Tool("bash"),
        Tool("grep"),
        Tool("edit_file"),
        Tool("web_fetch", is_remote=True),
        Tool("search_documents", "retrieval"),
        Tool("list_directory"),
        Tool("run_tests"),
        Tool("write_file"),
        Tool("web_search", is_remote=True),
        Tool("glob"),
        Tool("github__get_issue", "mcp", is_remote=True),
        Tool("lookup_order", is_remote=True),
        Tool("todo_write"),
        Tool("query_database", "database"),
        Tool("recall_memory", "memory"),
        Tool("git_diff"),
        Tool("github__search_code", "mcp", is_remote=True),
        Tool("python"),
        Tool("send_message", is_remote=True),
        Tool("git_commit"),
        Tool("browser__navigate", "mcp"),
        Tool("browser__click", "mcp"),
        Tool("calculator", "function"),
        Tool("check_policy", "guardrail"),
        Tool("create_ticket", is_remote=True),
        Tool("translate"),
        Tool("slack__post_message", "mcp", is_remote=True),
        Tool("render_chart"),
        Tool("ask_human", "human"),
    )
)

_PATHS = ("orders", "customers", "issues", "search", "documents", "messages", "tickets", "pages")
_NODES = ("plan", "act", "observe", "reflect", "route", "summarise", "tools", "respond")
_MODULES = ("agent/loop.py", "agent/tools.py", "agent/graph.py", "agent/memory.py", "agent/policy.py")
_FAILURES = (
    ("TimeoutError", "timed out after 30.0 seconds"),
    ("RateLimitError", "429: too many requests, try again in 12.4 s"),
    ("ValidationError", "1 validation error: field required"),
    ("ToolError", "the command exited with status 1"),
    ("ConnectionResetError", "[Errno 104] Connection reset by peer"),
)


class Shapes:
    """Draws the attributes of spans, six to twelve each."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def resource(self, agent: str) -> dict[str, Value]:
        """What the process says of itself, once for a session."""
        return {
            "service.name": f"{agent}-service",
            "service.version": f"1.{len(agent)}.3",
            "service.instance.id": self.hexadecimal(32),
            "deployment.environment": "production",
            "process.pid": self._random.randrange(300, 60_000),
            "telemetry.sdk.name": "opentelemetry",
            "telemetry.sdk.language": "python",
            "telemetry.sdk.version": "1.28.2",
        }

    def agent(self, agent: str, session: str) -> dict[str, Value]:
        return {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.agent.name": agent,
            "gen_ai.agent.id": f"asst_{self.hexadecimal(24)}",
            "gen_ai.conversation.id": session,
            "user.id": f"user-{self._random.randrange(5_000)}",
            "agent.max_iterations": 40,
            "agent.tools.count": len(TOOLS.items),
            **self._place(),
        }

    def step(self, iteration: int) -> dict[str, Value]:
        return {
            "graph.node": self._random.choice(_NODES),
            "graph.step": iteration,
            "graph.checkpoint.id": self.uuid(),
            **self._place(),
        }

    def llm(self, model: Model, usage: Usage, *, answered: bool) -> dict[str, Value]:
        attributes: dict[str, Value] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": model.provider,
            "gen_ai.request.model": model.name,
            "gen_ai.request.max_tokens": 8_192,
            "gen_ai.request.temperature": self._random.choice((0.0, 0.2, 0.7, 1.0)),
            "gen_ai.usage.input_tokens": usage.input + usage.cache_read + usage.cache_write_5m,
            "server.address": model.host,
            "server.port": 443,
        }
        if answered:
            attributes["gen_ai.response.id"] = f"msg_{self.hexadecimal(24)}"
            attributes["gen_ai.response.finish_reasons"] = [self._random.choice(("stop", "tool_calls"))]
            attributes["gen_ai.usage.output_tokens"] = usage.output
            attributes["gen_ai.server.time_to_first_token"] = self._random.lognormvariate(-0.4, 0.5)
        return attributes

    def tool(self, tool: Tool) -> dict[str, Value]:
        attributes: dict[str, Value] = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": tool.name,
            "gen_ai.tool.call.id": f"call_{self.hexadecimal(24)}",
            "gen_ai.tool.type": "function",
            **self._place(),
        }
        if tool.kind == "retrieval":
            attributes["retrieval.documents.count"] = self._random.randrange(3, 12)
            attributes["retrieval.score.best"] = self._random.random()
        elif tool.name in {"bash", "run_tests", "python"}:
            attributes["process.exit.code"] = self._random.choice((0, 0, 0, 0, 1))
        return attributes

    def http(self, status: int, request: int, answer: int) -> dict[str, Value]:
        path = self._random.choice(_PATHS)
        number = self._random.randrange(100_000)
        return {
            "http.request.method": self._random.choice(("GET", "GET", "POST")),
            "url.full": f"https://{path}.example.com/v1/{path}/{number}?page={number % 7}",
            "url.template": f"/v1/{path}/{{id}}",
            "http.response.status_code": status,
            "server.address": f"{path}.example.com",
            "server.port": 443,
            "http.request.body.size": request,
            "http.response.body.size": answer,
            "network.protocol.version": "1.1",
            "user_agent.original": "python-httpx/0.28.1",
        }

    def failure(self) -> tuple[str, str]:
        """The type and the message of an exception."""
        return self._random.choice(_FAILURES)

    def duration(self, median: float, spread: float) -> Nanoseconds:
        """Log-normal; the median is in seconds."""
        return Nanoseconds(int(median * 1e9 * self._random.lognormvariate(0.0, spread)) + 1_000)

    def hexadecimal(self, digits: int) -> str:
        return f"{self._random.getrandbits(4 * digits):0{digits}x}"

    def uuid(self) -> str:
        digits = self.hexadecimal(32)
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    def _place(self) -> dict[str, Value]:
        """Where in the program a span began."""
        return {
            "code.file.path": f"/srv/app/{self._random.choice(_MODULES)}",
            "code.line.number": self._random.randrange(20, 400),
            "thread.id": 140_000_000_000_000 + self._random.randrange(16) * 8_392_704,
            "thread.name": f"asyncio_{self._random.randrange(16)}",
        }
