"""Why each kind of error stops a record: the rule behind it, for the page of an error."""

from collections.abc import Mapping

from chargepipe.domain import codes

WHY: Mapping[str, str] = {
    codes.NO_MATCH_KEY: "Without the key nobody can say which person the customer is, and a second "
    "sync would make a second person.",
    codes.NO_SUBSCRIPTION: "The settings sync only customers with a subscription.",
    codes.AMBIGUOUS_PERSON: "A guess would write one customer's billing onto another person, so "
    "nothing is written until you say which one it is.",
    codes.AMBIGUOUS_ORGANIZATION: "The company's name alone does not tell them apart. What you "
    "decide holds for all customers of the company.",
    codes.SHARED_KEY: "Each of these customers finds the same person by the key.",
    codes.CURRENCY_MISSING: "Pipedrive takes amounts only in currencies of its settings.",
    codes.UNCONVERTIBLE: "A sum over two currencies needs a rate, and Chargebee gives none.",
    codes.REFUSED: "Pipedrive has rules of its own, such as required fields or limits of a plan.",
    codes.DUPLICATE_MARK: "By this mark a record that we made is found again. Two with the same "
    "one happen after an import, a copy or a restored backup.",
    codes.NEWER_SAME_KEY: "The network failed in the moment of writing. A second try could make a "
    "duplicate, so none is made.",
    codes.ORGANIZATION_FAILED: "A person is linked to its organization when it is made, so the "
    "organization comes first.",
    codes.HIDDEN_PERSON: "Pipedrive hides the person from the connecting user; it may be there all "
    "the same.",
    codes.HIDDEN_ORGANIZATION: "Pipedrive hides the organization from the connecting user.",
    codes.HIDDEN_DEAL: "Pipedrive hides the deal from the connecting user.",
    codes.NOT_MADE: "Pipedrive answered three times with a failure or not at all.",
    codes.FIELD_MISSING: "A value has nowhere to go without its field.",
    codes.FIELDS_SHORT: "Each plan of Pipedrive's has a number of custom fields in all.",
    codes.ALIKE_DEALS: "Salespeople may have made the deal by hand. A second one would count the "
    "same money twice.",
    codes.PLACE_MISSING: "A deal stands in a stage, and the one in the settings is not there.",
    codes.DEALS_CAPPED: "Each plan of Pipedrive's has a number of open deals in all.",
}
"""By the code of the error; one that is not here needs no more words than it has."""
