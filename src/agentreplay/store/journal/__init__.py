"""Journals: where writing processes append, and how their frames reach the index."""
