"""What stops a run before it writes, in words for the person who can put it right."""


class Trouble(Exception):
    """The settings and the account do not go together; `str()` says why and what to do."""


class FieldMismatch(Trouble):
    """A field of our name cannot be used: it has another type, or it is not there."""


class FieldsDoNotFit(Trouble):
    """The account may not have as many custom fields as the settings need."""


class UnknownChoice(Trouble):
    """A setting names something that the account does not have, such as a label."""
