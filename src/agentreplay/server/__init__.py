"""The server: one process that takes in what agents emit and answers questions about it."""
