"""Sessions written as others write them: so that a coding agent goes on with one, or another tool reads it."""
