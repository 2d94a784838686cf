"""Signing in and out, and the link by which a person comes in first."""
