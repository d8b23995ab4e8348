"""What the product promises in figures, measured; see `python -m benchmarks --help`."""
