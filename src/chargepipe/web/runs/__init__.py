"""Runs: what was done, is being done, and waits for a yes."""
