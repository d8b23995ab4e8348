"""Recording from inside a program, and serving it its recording: the faces of agentreplay that live in others."""

__all__: list[str] = []
