"""One session of the corpus, made span by span."""

from dataclasses import dataclass

from agentreplay.model.batch import Batch
from agentreplay.model.content import Content, Kept
from agentreplay.model.context import ContextLink, ContextRef, chain
from agentreplay.model.ids import ContextId, ProjectId, SessionId, SpanId, TraceId, new_session_id
from agentreplay.model.session import Program, Session, SessionStatus
from agentreplay.model.span import Event, Span
from agentreplay.model.time import DAY, Nanoseconds
from agentreplay.model.usage import NO_USAGE, Usage
from agentreplay.model.values import Value
from benchmarks.shapes import AGENTS, MODELS, PROJECTS, SCOPE, TOOLS, Model, Ranked, Tool
from benchmarks.source import TENANT, Source, content_of, message_of

__all__ = ["Recording"]

_TOOLS_A_STEP = Ranked((0, 1, 2, 3), (0.1, 0.5, 0.25, 0.15))
_FAILING = 0.015
_SAME_ARGUMENTS = 0.27
_SAME_RESULT = 0.14
"""How many arguments and results of tools are exactly ones of before."""
_FULL_CONTEXT = 150_000
_BYTES_A_TOKEN = 4


@dataclass
class _Open:
    """A span that began."""

    span_id: SpanId
    parent: SpanId | None
    start: Nanoseconds
    seq: int


@dataclass
class _Done:
    """What became of a span."""

    kind: str
    name: str
    attributes: dict[str, Value]
    kept: tuple[Kept, ...] = ()
    contents: tuple[Content, ...] = ()
    links: tuple[ContextLink, ...] = ()
    model: Model | None = None
    tool: Tool | None = None
    usage: Usage = NO_USAGE
    failed: bool = False
    iteration: int | None = None


class Recording:
    """One session while it is made."""

    def __init__(self, source: Source, start: Nanoseconds, size: int) -> None:
        self.made: list[tuple[Nanoseconds, Batch]] = []
        self._source, self._random, self._shapes = source, source.random, source.shapes
        self._now = start
        self._left = size
        self._seq = 0
        self._iteration = 0
        self._agent = AGENTS.draw(self._random)
        self._model: Model = MODELS.draw(self._random)
        self._project = ProjectId(PROJECTS.draw(self._random))
        self._id: SessionId = new_session_id(start, self._random.randbytes(10))
        self._trace = TraceId(self._shapes.hexadecimal(32))
        self._resource = self._shapes.resource(self._agent)
        self._context: ContextId | None = None
        self._context_tokens = 0
        self._unread: list[Content] = []
        """Messages the model has not seen yet."""
        self._unstored: list[Content] = []
        """Messages that stand in no span yet."""
        self._told = self._session("running", start)
        self._run(start)

    def _run(self, start: Nanoseconds) -> None:
        root = self._open(None)
        prompts = self._source.prompts[self._agent]
        system = prompts[start // DAY % len(prompts)]
        user = message_of("user", self._source.prose.passage(self._source.length(420, 0.9, 8_000)))
        self._unread = self._unstored = [system, user]
        answer: Content | None = None
        while self._left > 0:
            self._iteration += 1
            if self._context_tokens > _FULL_CONTEXT:
                summary = message_of("user", self._source.prose.passage(4_000))
                self._context, self._context_tokens = None, 0
                self._unread = self._unstored = [system, summary]
            step = self._open(root) if self._left >= 3 else None
            answer = self._call(step or root) or answer
            for _ in range(_TOOLS_A_STEP.draw(self._random)):
                if self._left > 0:
                    self._use(step or root)
            if step is not None:
                name = f"step {self._iteration}"
                attributes = self._shapes.step(self._iteration)
                self._close(step, _Done("step", name, attributes, iteration=self._iteration))
        kept: tuple[Kept, ...] = (Kept(role="request", hash=user.hash),)
        if answer is not None:
            kept = (*kept, Kept(role="answer", hash=answer.hash))
        failed = self._random.random() < _FAILING
        self._now = Nanoseconds(self._now + self._shapes.duration(0.01, 0.5))
        self._told = self._session("failed" if failed else "completed", start, self._now)
        attributes = self._shapes.agent(self._agent, self._id)
        name = f"invoke_agent {self._agent}"
        self._close(root, _Done("agent", name, attributes, kept=kept, failed=failed))

    def _session(
        self, status: SessionStatus, start: Nanoseconds, end: Nanoseconds | None = None
    ) -> tuple[Session, ...]:
        session = Session(
            tenant=TENANT,
            project=self._project,
            id=self._id,
            revision=1 if end is None else 2,
            name=f"{self._agent} {self._id[-6:]}",
            agent=self._agent,
            status=status,
            source="otlp",
            started=start,
            ended=end,
            program=Program(argv=("python", "-m", "app", self._agent), versions={"python": "3.12.7"}),
            labels={"team": self._agent[:2], "release": f"2025.{start // DAY % 9}"},
        )
        return (session,)

    def _open(self, parent: _Open | None) -> _Open:
        self._left -= 1
        self._seq += 1
        self._now = Nanoseconds(self._now + self._shapes.duration(0.002, 0.8))
        span_id = SpanId(self._shapes.hexadecimal(16))
        return _Open(span_id, parent.span_id if parent else None, self._now, self._seq)

    def _call(self, parent: _Open) -> Content | None:
        """Ask the model, which reads what it has not seen yet."""
        if self._left <= 0:
            return None
        span = self._open(parent)
        links = chain((message.hash for message in self._unread), self._context)
        contents, self._unstored = self._unstored, []
        fresh = sum(len(message.data) for message in self._unread) // _BYTES_A_TOKEN
        self._context = links[-1].id if links else self._context
        failed = self._random.random() < _FAILING
        answer = None if failed else self._answer()
        usage = Usage(
            input=max(3, fresh // 8),
            cache_read=self._context_tokens,
            cache_write_5m=fresh - fresh // 8,
            output=0 if answer is None else len(answer.data) // _BYTES_A_TOKEN,
        )
        self._context_tokens += fresh
        self._unread = []
        kept: tuple[Kept, ...] = ()
        if answer is not None:
            kept = (Kept(role="answer", hash=answer.hash),)
            contents = [*contents, answer]
            self._unread.append(answer)
        self._now = Nanoseconds(self._now + self._shapes.duration(3.2, 0.8))
        self._close(
            span,
            _Done(
                "llm",
                f"chat {self._model.name}",
                self._shapes.llm(self._model, usage, answered=answer is not None),
                kept=kept,
                contents=tuple(contents),
                links=tuple(links),
                model=self._model,
                usage=usage,
                failed=failed,
                iteration=self._iteration,
            ),
        )
        return answer

    def _answer(self) -> Content:
        text = self._source.prose.passage(self._source.length(900, 0.8, 16_000))
        call = {
            "type": "tool_use",
            "id": f"toolu_{self._shapes.hexadecimal(20)}",
            "name": TOOLS.draw(self._random).name,
            "input": {"query": self._source.prose.line(40)},
        }
        return content_of({"role": "assistant", "content": [{"type": "text", "text": text}, call]})

    def _use(self, parent: _Open) -> None:
        """Let a tool do something."""
        tool = TOOLS.draw(self._random)
        span = self._open(parent)
        request = self._arguments(tool)
        if tool.is_remote and self._left > 0:
            self._fetch(span)
        failed = self._random.random() < _FAILING
        answer = self._result(tool)
        self._unread.append(answer)
        median = 0.02 if tool.kind in {"function", "memory"} else 0.4
        self._now = Nanoseconds(self._now + self._shapes.duration(median, 1.2))
        self._close(
            span,
            _Done(
                tool.kind,
                f"execute_tool {tool.name}",
                self._shapes.tool(tool),
                kept=(Kept(role="request", hash=request.hash), Kept(role="answer", hash=answer.hash)),
                contents=(request, answer),
                tool=tool,
                failed=failed,
                iteration=self._iteration,
            ),
        )

    def _arguments(self, tool: Tool) -> Content:
        if self._source.arguments and self._random.random() < _SAME_ARGUMENTS:
            return self._random.choice(self._source.arguments)
        value = {
            "path": f"src/{self._source.prose.line(12)}.py",
            tool.name.split("_")[-1]: self._source.prose.line(self._source.length(70, 0.9, 2_000)),
            "limit": self._random.randrange(10, 2_000),
        }
        content = content_of(value)
        self._source.arguments.append(content)
        return content

    def _result(self, tool: Tool) -> Content:
        if self._source.results and self._random.random() < _SAME_RESULT:
            return self._random.choice(self._source.results)
        text = self._source.prose.passage(self._source.length(2_170, 1.0))
        value: Value = {"role": "tool", "name": tool.name, "content": text}
        content = content_of(value)
        self._source.results.append(content)
        return content

    def _fetch(self, parent: _Open) -> None:
        span, prose = self._open(parent), self._source.prose
        failed = self._random.random() < _FAILING
        items = [
            {"id": self._shapes.uuid(), "score": self._random.random(), "text": prose.passage(180)}
            for _ in range(self._random.randrange(1, 9))
        ]
        answer = content_of({"status": "error" if failed else "ok", "items": items})
        attributes = self._shapes.http(503 if failed else 200, 0, len(answer.data))
        self._now = Nanoseconds(self._now + self._shapes.duration(0.25, 0.9))
        self._close(
            span,
            _Done(
                "http",
                f"{attributes['http.request.method']} {attributes['url.template']}",
                attributes,
                kept=(Kept(role="answer", hash=answer.hash),),
                contents=(answer,),
                failed=failed,
            ),
        )

    def _close(self, span: _Open, done: _Done) -> None:
        events: tuple[Event, ...] = ()
        contents, kept, message = done.contents, done.kept, ""
        if done.failed:
            error, message = self._shapes.failure()
            stack = self._source.prose.passage(900)
            trace = content_of({"type": error, "message": message, "stack": stack})
            contents = (*contents, trace)
            kept = (*kept, Kept(role="error", hash=trace.hash))
            raised: dict[str, Value] = {"exception.type": error, "exception.message": message}
            events = (Event(name="exception", time=self._now, attributes=raised),)
        told, self._told = self._told, ()
        context = self._context if done.model else None
        made = Span(
            tenant=TENANT,
            project=self._project,
            session=self._id,
            trace_id=self._trace,
            span_id=span.span_id,
            parent_id=span.parent,
            kind=done.kind,
            name=done.name,
            start=span.start,
            end=self._now,
            seq=span.seq,
            status="error" if done.failed else "ok",
            agent=self._agent,
            iteration=done.iteration,
            model=done.model.name if done.model else None,
            provider=done.model.provider if done.model else None,
            tool=done.tool.name if done.tool else None,
            usage=done.usage,
            cost=done.model.cost(done.usage) if done.model else None,
            status_message=message,
            attributes=done.attributes,
            events=events,
            kept=kept,
            context=ContextRef(id=context) if context else None,
            resource=self._resource,
            scope=SCOPE,
        )
        batch = Batch(sessions=told, spans=(made,), contents=contents, links=done.links)
        self.made.append((self._now, batch))
