"""Vectors by key, the nearest found again: the port, and the index behind it."""
