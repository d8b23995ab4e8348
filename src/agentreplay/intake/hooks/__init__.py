"""What coding agents tell their hooks, event by event, read into our words. Without input or output."""
