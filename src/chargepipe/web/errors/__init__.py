"""Errors: what did not sync, why, and what to do."""
