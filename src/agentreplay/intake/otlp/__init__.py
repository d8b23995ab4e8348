"""OTLP: requests for traces, logs and metrics, in protobuf and in JSON, become batches. Without input or output."""
