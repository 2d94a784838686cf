"""The law of deletions: we delete nobody but the people of deleted customers, by setting 4."""

from laws.memory import Memory, Told
from laws.oracle import Books


def deletions_hold(memory: Memory, told: Told) -> None:
    """What is gone after the run was to be deleted (setting 4)."""
    books = memory.books()
    gone = told.before.records.keys() - told.after.records.keys()
    for entity, pid in gone:
        assert entity == "person", f"organization {pid} was deleted"
        rows = told.run.changes.filter(kind="person", action="delete", pipedrive_id=pid)
        # One that was merged into it was not linked to it before.
        theirs = {*rows.values_list("source_key", flat=True)}
        theirs |= {customer for customer, person in told.links.items() if person == pid}
        wanted = memory.rules.deleted_customers == "delete"
        dead = theirs and all(_is_dead(books, customer) for customer in theirs)
        said = f"person {pid} of {theirs} was deleted"
        assert wanted, said
        assert dead, said


def _is_dead(books: Books, customer: str) -> bool:
    """Deleted; or it moved, and its live copy was."""
    row = books.customers[customer]
    return row["deleted"] or books.customers[row.get("active_id") or customer]["deleted"]
