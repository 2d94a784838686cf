"""The line: pull, match, plan, apply, settle; `flow` strings them (architecture.md)."""
