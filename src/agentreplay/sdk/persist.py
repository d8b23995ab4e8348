"""The names of Persist's errors, for programs that catch them: each is the family of ours that tells the same."""

from agentreplay.errors import AgentReplayError, Damaged, InputInvalid

__all__ = [
    "PersistCompressionError",
    "PersistConfigurationError",
    "PersistError",
    "PersistIntegrityError",
    "PersistS3Error",
    "S3Error",
]

PersistError = AgentReplayError
PersistConfigurationError = InputInvalid
PersistIntegrityError = Damaged
PersistCompressionError = Damaged
PersistS3Error = AgentReplayError
"""What goes wrong with a bucket is of several families: missing, denied, out of reach."""
S3Error = AgentReplayError
