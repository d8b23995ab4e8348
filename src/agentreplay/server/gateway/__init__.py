"""The gateway: an agent in any language is recorded, replayed and forked by changing the address it asks."""
