"""OTLP over HTTP and gRPC: requests are checked, kept as they came, and acknowledged."""
