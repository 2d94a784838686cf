"""Overview: all connections, and one."""
