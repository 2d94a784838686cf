"""Match: which person is this customer? The rules are domain.matching; here are their facts."""

from collections.abc import Sequence

from chargepipe.domain.keys import customer_keys
from chargepipe.domain.matching import Matched, match_person
from chargepipe.store.models import Record
from chargepipe.sync import index
from chargepipe.sync.candidates import still_there
from chargepipe.sync.fields import key_code
from chargepipe.sync.freshness import fresh_index
from chargepipe.sync.keyed import keys_of_all
from chargepipe.sync.marks import marked_people
from chargepipe.sync.session import Session
from chargepipe.sync.work import Work


def match(session: Session, works: Sequence[Work]) -> None:
    """Give each work its match, and where there is one its person (rules 1 and 2)."""
    _set_keys(session, works)
    unlinked = [work for work in works if work.link is None]
    if any(work.keys for work in unlinked):
        fresh_index(session, "person")
    marked = marked_people(session, session.connection, [w.customer.id for w in unlinked])
    keyed = _keyed(session, {key for work in unlinked for key in work.keys})
    for work in works:
        work.match = match_person(
            work.link.pipedrive_id if work.link else None,
            marked.get(work.customer.id, ()),
            {pid for key in work.keys for pid in keyed.get(key, ())},
            work.keys,
            make_new=work.makes_new,
        )
        if isinstance(work.match, Matched):
            work.pipedrive_id, work.reason = work.match.pipedrive_id, work.match.reason


def _set_keys(session: Session, works: Sequence[Work]) -> None:
    """Of phone numbers also the ways in which others write the same one, so that all find one."""
    match_key = session.settings.match_key
    for work in works:
        work.keys = customer_keys(work.customer, match_key)
    if match_key.by_phone:
        ends = {work.record.match_key for work in works} - {""}
        alike = Record.objects.filter(
            connection=session.connection, kind="customer", deleted=False, match_key__in=ends
        )
        theirs = keys_of_all(alike, match_key)
        for work in works:
            work.keys |= theirs.get(work.customer.id, frozenset())


def _keyed(session: Session, keys: set[str]) -> dict[str, list[int]]:
    name = session.settings.match_key.pipedrive
    if name not in ("email", "phone"):
        code = key_code(session)
        if not code:
            return {}
        name = index.folded(code)
    return still_there(session, "person", index.lookup(session, "person", name, keys))
