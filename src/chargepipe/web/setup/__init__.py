"""Set-up: connect, configure, validate, trial, sync all."""
