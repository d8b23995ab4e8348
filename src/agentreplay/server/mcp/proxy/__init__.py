"""The recording proxy between a client and any MCP server: it writes down what passes, and can stand for the server."""
