"""What contents are made of: compression, text for searching, messages and media."""
