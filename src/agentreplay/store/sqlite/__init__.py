"""The embedded store: one SQLite file, and the journals beside it."""
