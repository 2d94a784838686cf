"""How one process is set up: environment, Django settings, web entry."""
