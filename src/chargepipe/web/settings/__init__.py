"""Settings of a connection."""
