"""Chargebee's API v2, simulated."""
