"""Keeps a Pipedrive account up to date with a Chargebee site, one way."""
