"""Reads what coding agents write down of their sessions; whoever calls brings the bytes, and keeps what is told."""
