"""What the product does: one module per use case, plain functions over the ports of the store."""
