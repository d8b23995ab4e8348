"""The folder that `agentreplay run` puts on PYTHONPATH; what Python imports from it at its start is sitecustomize."""

__all__: list[str] = []
