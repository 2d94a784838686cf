"""Pipedrive's APIs v2 and v1, simulated."""
