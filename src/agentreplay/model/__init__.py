"""The vocabulary: frozen values without input or output, the same in every layer."""
