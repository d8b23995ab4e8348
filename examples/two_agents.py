"""A guide asks an expert: agents, steps and tools of one session, shown as a tree.

Prints:
    A week, if it is unused.
    session a question
      agent guide
        step think
        agent expert
          tool rules
"""

import agentreplay


@agentreplay.tool
def rules(topic: str) -> str:
    """What the shop has decided."""
    return {"returns": "a week, if it is unused"}[topic]


@agentreplay.agent
def expert(topic: str) -> str:
    """Knows where to look."""
    return rules(topic).capitalize() + "."


@agentreplay.agent
def guide(question: str) -> str:
    """Knows whom to ask."""
    with agentreplay.span("think") as thought:
        topic = "returns" if "return" in question else "orders"
        thought.set(topic=topic)
    return expert(topic)


if __name__ == "__main__":
    with agentreplay.session("a question") as session:
        print(guide("How long may I return it?"))
    with agentreplay.timeline(session.id) as line:
        depths: dict[str | None, int] = {}
        for state in line.states():
            if state.span is not None:
                depth = depths.get(state.span.parent_id, 0)
                depths[state.span.span_id] = depth + 1
                print(f"{'  ' * depth}{state.span.kind} {state.span.name}")
