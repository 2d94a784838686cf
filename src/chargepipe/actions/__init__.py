"""Every verb of a user, once: the console, the API and the CLI all call these."""
