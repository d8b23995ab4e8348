"""What turns texts into vectors: the port, and the adapters behind it."""
