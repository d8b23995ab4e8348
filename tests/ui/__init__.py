"""The web UI in a browser, which all of these tests share."""
