"""Documents cut into chunks that make sense by themselves, each of which knows where it is from."""
