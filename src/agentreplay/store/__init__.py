"""The ports of the store, and the adapters behind them."""
