"""Tells the story of a session: what readers find in the lines of a transcript becomes spans.

A turn is a step on the main thread, from one prompt to the next. Below it stand the calls to the model with what
it saw, the calls of tools with what came of them, and sub-agents with calls of their own. Whatever a line says, it is
kept as it came by at least one of the spans it tells of; one that tells of none belongs to the turn.
"""

from collections.abc import Iterable

from agentreplay.intake.dialects.vendors import provider_of
from agentreplay.intake.price_book import PUBLIC, Book
from agentreplay.intake.transcripts.identity import span_of
from agentreplay.intake.transcripts.lines import Line
from agentreplay.intake.transcripts.outbox import Outbox
from agentreplay.intake.transcripts.place import MAIN, Claims, Place
from agentreplay.intake.transcripts.state import Draft, State, Thread
from agentreplay.intake.transcripts.telling import LINE, Telling, title_of
from agentreplay.intake.transcripts.texts import Texts
from agentreplay.model.batch import Batch
from agentreplay.model.ids import SpanId
from agentreplay.model.time import HOUR
from agentreplay.model.usage import NO_USAGE
from agentreplay.model.values import Value

__all__ = ["Story"]

_LONGEST_CALL = HOUR
"""What was said longer ago is not what a call to a model was waiting for."""


class Story:
    """The story of one transcript, told line by line."""

    def __init__(
        self, place: Place, outbox: Outbox, claims: Claims, book: Book = PUBLIC, state: State | None = None
    ) -> None:
        self.place = place
        self.outbox = outbox
        self.claims = claims
        self.state = State(clock=place.born, time=place.born) if state is None else state
        self.time = self.state.time
        self.texts = Texts(place, outbox, self.state)
        self._telling = Telling(place, outbox, book)
        self._line: str | None = None
        self._is_placed = True
        self._ended: list[tuple[Draft, int]] = []
        self._is_silent = False

    # Lines

    def begin(self, line: Line) -> None:
        """The line in which all stands that is told now, until the next one begins."""
        self.end()
        self._line = self.outbox.keep_line(line.data)
        self._is_placed = False
        self.state.count += 1
        if self.place.is_repeated:
            self._telling.again(self._line, self.time)

    def document(self, data: bytes) -> None:
        """Keep a whole document, of which parts are then told like lines."""
        self._telling.page("document", [self.outbox.keep_line(data)], self.time)

    def end(self) -> None:
        """The line is done. If nothing was told of it, it belongs to the turn."""
        if not self._is_placed:
            self._place(self._gatherer())
        for draft, end in self._ended:
            self._telling.span(draft, end)
        self._ended.clear()

    def at(self, time: int | None) -> None:
        """When it was written; a line without a time was written when the one before was."""
        if time is not None and time > 0:
            self.time = self.state.time = time
            self.state.clock = max(self.state.clock, time)

    def unknown(self, kind: str) -> None:
        """Nobody understands the line."""
        name = title_of(kind) or "?"
        self.state.unknown[name] = self.state.unknown.get(name, 0) + 1
        self.note(f"unknown: {name}")

    def note(self, name: str, attributes: dict[str, Value] | None = None, thread: Thread | None = None) -> None:
        """Something happened beside the conversation."""
        own = None if thread is None else self.state.drafts.get(f"agent {thread.key}")
        draft = own or self._gatherer()
        draft.events.append((name, self.time, attributes or {}))
        self._place(draft)

    def fact(self, name: str, value: Value) -> None:
        """Something about the session as a whole; what is told last counts."""
        if isinstance(value, str) and value and self.state.facts.get(name) != value:
            self.state.facts[name] = value
            self.state.tellings += 1

    # Threads

    def thread(self, key: str = MAIN) -> Thread:
        """A conversation; one that was not heard of before begins here."""
        found = self.state.threads.get(key)
        if found is None:
            agent = self.place.agent if key == MAIN else None
            found = self.state.threads[key] = Thread(key=key, agent=agent, last=self.time)
        return found

    def begin_agent(self, key: str, name: str, below: SpanId | None, prompt: str = "") -> Thread:
        """A sub-agent sets to work: its conversation stands below a span of its own."""
        thread = self.state.threads.get(key)
        if thread is not None:
            return thread
        if below is None and self.place.thread == MAIN:
            below = self._below(self.thread())
        thread = self.thread(key)
        draft = self._draft(f"agent {key}", span_of("agent", f"{self.place.session} {key}"), "agent", below)
        draft.name = self.outbox.text(title_of(name or prompt) or key)
        draft.agent = thread.agent = name or "sub-agent"
        thread.below = draft.id
        if prompt:
            self.hold(draft, "request", prompt)
        self._place(draft)
        return thread

    def end_agent(self, key: str) -> None:
        """It has answered."""
        if (thread := self.state.threads.get(key)) is not None:
            self.end_answer(thread)
        if (draft := self.state.drafts.get(f"agent {key}")) is not None:
            self._finish(f"agent {key}", draft, max(draft.last, self.time))

    def go_on_from(self, thread: Thread, node: str | None) -> bool:
        """What follows is said behind this place of the graph; returns whether that is not where the last thing was."""
        if node is not None and (node in thread.open_nodes or node not in self.state.nodes):
            return False
        self.end_answer(thread)
        context = None if node is None else self.state.nodes[node]
        is_elsewhere = context != thread.context
        thread.context = context
        return is_elsewhere

    def mark(self, thread: Thread, node: str) -> None:
        """Here is a place of the graph that may be gone on from."""
        if thread.answer is not None:
            thread.open_nodes.append(node)
        self.state.nodes[node] = thread.context

    # What happens

    def prompt(self, key: str, message: Value, text: str, named: str = "") -> Draft:
        """The person asks for something: a turn begins. Without a message the model is told of it elsewhere.

        It may be named as a hook names it: then the turn takes the place of what the hook told.
        """
        main = self.thread()
        self.end_answer(main)
        self._end_turn()
        turn = self._fresh(f"turn {key or self._line}")
        self.state.turns += 1
        draft = self._draft(turn, self._turn_span(turn, named), "step", main.below)
        draft.name = self.outbox.text(title_of(text)) or "prompt"
        draft.iteration = self.state.turns
        draft.agent = main.agent
        self.state.turn, self.state.below = turn, draft.id
        self.state.facts.setdefault("prompt", title_of(text))
        self.hold(draft, "request", text)
        self._place(draft)
        if message is not None:
            self.hear(main, message)
        return draft

    def hear(self, thread: Thread, message: Value) -> None:
        """The model is told something, which it sees from the next call on."""
        thread.last = max(thread.last, self.time)
        if thread.answer is not None:
            thread.heard.append(message)
        else:
            self._link(thread, message)

    def answer(
        self, thread: Thread, key: str, parts: Iterable[Value], model: str | None = None, request: str = ""
    ) -> Draft:
        """The model says something; what it says under the same key at once is one message, of a named request."""
        key = key or str(self._line)
        name = f"llm {thread.key} {key}"
        draft = self.state.drafts.get(name)
        if draft is None or thread.answer != name:
            self.end_answer(thread)
            draft = self._begin_answer(thread, name, key, request)
        draft.message += parts
        if model:
            draft.name = draft.model = model
            draft.provider = provider_of(self.place.provider, model)
        self._place(draft)
        return draft

    def current(self, thread: Thread) -> Draft | None:
        """The message that is being written."""
        return self.state.drafts.get(thread.answer or "")

    def attach(self, thread: Thread) -> None:
        """The line says again what is being told, and adds nothing to it."""
        self._place(self.current(thread) or self._gatherer())

    def is_called(self, key: str) -> bool:
        """Whether this call of a tool was told of."""
        return f"tool {key}" in self.state.drafts or self.is_answered(key)

    def is_answered(self, key: str) -> bool:
        """Whether what came of this call was told too."""
        return f"tool {key}" in self.state.used

    def call(self, thread: Thread, key: str, tool: str, arguments: Value, named: str = "") -> Draft:
        """The model wants a tool called. It may be named as a hook names it, where that is not its key."""
        name = self._fresh(f"tool {key or self._line}")
        answer = self.current(thread)
        is_copy = answer is not None and not answer.charged
        told = name.removeprefix("tool ")
        span = span_of("tool", f"{self.place.session} {self.place.thread} {told}" if is_copy else named or told)
        draft = self._draft(name, span, "mcp" if tool.startswith("mcp__") else "tool", self._below(thread))
        draft.name = draft.tool = tool or "tool"
        draft.agent, draft.thread = thread.agent, thread.key
        if arguments is not None:
            self.hold(draft, "request", arguments)
        self._place(draft)
        return draft

    def result(self, key: str, output: Value, *, is_error: bool = False, thread: Thread | None = None) -> Draft:
        """A tool has answered. What is known beside it can be added to the draft until the line ends."""
        name = f"tool {key}"
        draft = self.state.drafts.get(name)
        if draft is None:
            # It was answered before, or the call stands in a part that is lost.
            thread = thread or self.thread()
            name = self._fresh(f"{name} {self._line}")
            draft = self._draft(name, span_of("tool", f"{self.place.session} {name}"), "tool", self._below(thread))
            draft.name, draft.agent = "tool result", thread.agent
        if output is not None and output != "":
            self.hold(draft, "answer", output)
        draft.status = "error" if is_error else "ok"
        if is_error and isinstance(output, str):
            draft.status_message = self.outbox.text(title_of(output))
        self._place(draft)
        self._finish(name, draft, self.time)
        return draft

    # Files

    def hold(self, draft: Draft, role: str, value: Value) -> None:
        """Keep something with what is told of."""
        draft.kept.append((role, self.outbox.keep(value)))

    def edit(self, draft: Draft, path: str, before: str | None, after: str | None) -> None:
        """The call made another text of a file; what it was or is may be unknown."""
        draft.attributes["file.path"] = path
        for role, text in (("before", before), ("after", after)):
            if text is not None:
                self.hold(draft, role, text)
        self.texts.forget(path)
        if after is not None:
            self.texts.see(path, after)

    # Ends

    def pause(self, *, is_over: bool) -> None:
        """All lines there are have been told. What is open is told as such, or ended where no more is to come."""
        self.end()
        self._telling.turn_page(self.time)
        if is_over:
            self._come_to_rest()
            self.end()
        for draft in self.state.drafts.values():
            self._telling.span(draft, None)
        self._is_silent = is_over and bool(self.state.drafts)

    def take(self) -> Batch:
        """All that was told since the last time, and in the same breath whose it is."""
        if self.state.count:
            self._telling.session(self.state, is_silent=self._is_silent)
        return self.outbox.take()

    def _come_to_rest(self) -> None:
        for thread in list(self.state.threads.values()):
            self.end_answer(thread)
        waiting = {draft.thread for name, draft in self.state.drafts.items() if name.startswith("tool ")}
        for name, draft in list(self.state.drafts.items()):
            # A tool that never answered holds up the turn or the agent that waits for it: nobody knows how it ended.
            is_held_up = (name == self.state.turn and bool(waiting)) or name.removeprefix("agent ") in waiting
            if not (name.startswith("tool ") or is_held_up):
                self._finish(name, draft, draft.last)

    def _end_turn(self) -> None:
        if (draft := self.state.drafts.get(self.state.turn)) is not None:
            self._finish(self.state.turn, draft, draft.last)

    def _begin_answer(self, thread: Thread, name: str, key: str, request: str) -> Draft:
        mine = f"{self.place.session} {self.place.thread or thread.key}"
        # The same message in another session is a copy, as forks have them: it was paid for once.
        is_first = self.claims.claim(f"{self.place.agent} message {key}", mine) == mine
        is_named = bool(request) and self.claims.claim(f"{self.place.agent} request {request}", key) == key
        told = (request if is_named else key) if is_first else f"{mine} {key}"
        if name in self.state.used:
            told += f" {self._line}"
        draft = self._draft(name, span_of("llm", told), "llm", self._below(thread))
        if 0 <= self.time - thread.last < _LONGEST_CALL:
            # It was asked for when the last thing was said to it.
            draft.start = thread.last
        draft.charged, draft.context, draft.agent, draft.name = is_first, thread.context, thread.agent, "model"
        draft.thread = thread.key
        thread.answer = name
        return draft

    def end_answer(self, thread: Thread) -> None:
        """What the model said is complete, and part of what it sees from now on."""
        name, thread.answer = thread.answer or "", None
        draft = self.state.drafts.get(name)
        if draft is None:
            return
        if draft.message:
            message, media = self._link(thread, {"role": "assistant", "content": draft.message})
            draft.kept += [("answer", message), *(("media", digest) for digest in media)]
            draft.message = []
        thread.last = max(thread.last, draft.last)
        used, paid = draft.usage, self.state.used.get(name, NO_USAGE)
        draft.pay(paid)
        self._finish(name, draft, draft.last)
        self.state.used[name] = used
        for heard in thread.heard:
            self._link(thread, heard)
        for node in thread.open_nodes:
            self.state.nodes[node] = thread.context
        thread.heard, thread.open_nodes = [], []

    def _link(self, thread: Thread, message: Value) -> tuple[str, list[str]]:
        thread.context, kept, media = self.outbox.link(thread.context, message)
        return kept, [one.hash for one in media]

    # Drafts

    def _turn_span(self, turn: str, named: str) -> SpanId:
        """Several prompts may bear one name, as those do that are put in while the agent works; the first has it."""
        name = f"prompt {named}"
        if not named or name in self.state.used:
            return span_of("turn", f"{self.place.session} {turn}")
        self.state.used[name] = NO_USAGE
        return span_of("prompt", f"{self.place.session} {named}")

    def _fresh(self, key: str) -> str:
        """A key that nothing else has; what a broken or doubled transcript tells twice is two things."""
        while key in self.state.drafts or key in self.state.used:
            key += f" {self._line}"
        return key

    def _draft(self, key: str, span: SpanId, kind: str, parent: SpanId | None) -> Draft:
        self.state.made += 1
        draft = Draft(
            id=span, kind=kind, name=kind, start=self.time, seq=self.state.made, last=self.time, parent=parent
        )
        self.state.drafts[key] = draft
        return draft

    def _gatherer(self) -> Draft:
        """What takes in that for which there is nothing else."""
        drafts = self.state.drafts
        found = drafts.get(self.state.turn) or drafts.get(f"agent {self.place.thread}")
        if found is None:
            turn = self._fresh(f"turn {self._line}")
            thread = self.state.threads.get(self.place.thread)
            found = self._draft(
                turn, span_of("turn", f"{self.place.session} {turn}"), "custom", thread.below if thread else None
            )
            found.name = "afterwards" if self.state.turns else "before the first prompt"
            found.agent = self.place.agent
            self.state.turn = turn
            self.state.below = self.state.below or found.id
        return found

    def _below(self, thread: Thread) -> SpanId:
        return thread.below or self.state.below or self._gatherer().id

    def _place(self, draft: Draft) -> None:
        """The line is kept by this span."""
        self._is_placed = True
        drafts = self.state.drafts
        time = self.time
        for one in (draft, drafts.get(self.state.turn), drafts.get(f"agent {draft.thread}")):
            if one is not None and one.last < time:
                one.last = time
        if self._line is not None and (LINE, self._line) not in draft.kept[-8:]:
            draft.kept.append((LINE, self._line))

    def _finish(self, key: str, draft: Draft, end: int) -> None:
        if draft.status == "unset":
            draft.status = "ok"
        self._ended.append((draft, end))
        self.state.drafts.pop(key, None)
        self.state.used.setdefault(key, NO_USAGE)
