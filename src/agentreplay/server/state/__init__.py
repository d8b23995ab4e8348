"""The states of agents over gRPC: the service of state.proto."""
