"""The Model Context Protocol: what is recorded, as tools, resources and prompts of other agents."""
