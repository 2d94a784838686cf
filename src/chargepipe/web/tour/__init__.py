"""The tour of the demo: five steps, each on the page where it happens."""
