"""The rules: pure functions and frozen values. No Django, no I/O, no clock, no randomness."""
