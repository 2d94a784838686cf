"""Chargebee sites: a test site beside each live one."""

TEST = "-test"
"""What the name of a test site ends in."""


def is_live(site: str) -> bool:
    """Whether a site of this name is a live one."""
    return not site.endswith(TEST)
