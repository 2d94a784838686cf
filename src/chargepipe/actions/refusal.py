"""What a person asked for cannot be done, in words."""


class Refused(Exception):
    """Wrong use: the message says what is wrong and what to do. Nothing was changed."""
