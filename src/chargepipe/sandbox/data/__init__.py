"""The sample data: computed from a seed and a number, never stored."""
