"""The console: pages for people. A folder a part of it; what they show comes from `actions`."""
