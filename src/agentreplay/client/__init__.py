"""The API from Python: `Client` and `AsyncClient`, which say the same in two colours."""
