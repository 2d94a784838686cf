"""A connection: its two services, its fields, its tokens, its schedule."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from chargepipe.accounts.connect import no_admin, read_kinds
from chargepipe.accounts.discover import read_fields, room
from chargepipe.accounts.environment import Environment
from chargepipe.accounts.ledger import Ledger, allowance, goes_on_at
from chargepipe.accounts.services import open_source, open_target, way_in
from chargepipe.actions.connections import stored_file
from chargepipe.actions.doctor.check import Check, tried
from chargepipe.domain.account_fields import find, problems
from chargepipe.domain.change import price
from chargepipe.domain.codes import DEALS_CAPPED
from chargepipe.domain.fields import entities, wanted
from chargepipe.domain.quota import choices, too_many
from chargepipe.domain.settings import ConnectionFile
from chargepipe.pipedrive import Me
from chargepipe.store.models import Connection, Run

CLOCK_OFF = timedelta(seconds=60)
TRUST = "Set the clock, best by NTP."


class Patient:
    """One linked connection under the doctor's eyes; both services are asked once."""

    def __init__(self, connection: Connection, env: Environment) -> None:
        self.connection, self.env = connection, env
        self.file: ConnectionFile = stored_file(connection)
        self.name = connection.name
        self.ledger = Ledger()
        self.fields: dict[str, Any] | None = None

    def checks(self) -> Iterator[Check]:
        """All that can be said of it; 12 to 32 tokens."""
        yield tried(f"{self.name}: state", self.state, self.name)
        yield tried(f"{self.name}: Chargebee", self.chargebee, self.name)
        yield tried(f"{self.name}: Pipedrive", self.pipedrive, self.name)
        if self.fields is not None:
            yield tried(f"{self.name}: fields", self.custom_fields, self.name)
        yield tried(f"{self.name}: tokens", self.tokens, self.name)
        account = self.connection.account
        if account is not None:
            self.ledger.save(0, account.pk, self.env.clock.now().date())

    def _check(self, part: str) -> partial[Check]:
        return partial(Check, f"{self.name}: {part}", connection=self.name)

    def state(self) -> Check:
        """How it stands by itself: let through, on a schedule, with room for its deals."""
        connection, check = self.connection, self._check("state")
        if connection.disconnected:
            return check("fail", connection.disconnected)
        if connection.barred:
            return check("fail", connection.barred)
        if connection.errors.filter(state="open", code=DEALS_CAPPED).exists():
            todo = "Close or delete open deals in Pipedrive, or ask an admin for a larger plan."
            return check("fail", "Pipedrive's plan takes no more open deals.", todo)
        last = connection.runs.exclude(state__in=Run.UNFINISHED).order_by("-pk").first()
        if last is not None and last.state == "failed":
            todo = f"See: chargepipe run {last.pk}"
            return check("fail", f"Its last run, {last.pk}, failed: {last.message}", todo)
        return self._schedule(check)

    def _schedule(self, check: partial[Check]) -> Check:
        connection, on = self.connection, f"chargepipe schedule {self.name} on"
        if connection.full_done_at is None:
            return check(
                "ok", "Its first full sync is still to come.", f"chargepipe full {self.name}"
            )
        if not self.file.schedule.automatic:
            return check("warn", "Its automatic sync is off.", f"Switch it on: {on}")
        unfinished = connection.runs.filter(state__in=Run.UNFINISHED).exists()
        if connection.next_sync_at is None and not unfinished:
            return check("fail", "It has no time for its next sync.", f"Set it anew: {on}")
        return check("ok", "It syncs by itself.")

    def chargebee(self) -> Check:
        """Whether the key opens the site, and may read what a sync reads."""
        key, check = self.connection.secrets.chargebee_key, self._check("Chargebee")

        async def ask() -> tuple[str, datetime | None]:
            async with open_source(self.file, key, self.env, self.ledger) as source:
                domain, heard = (await source.configuration()).domain, None
                for kind in read_kinds(self.file.settings):
                    async for page in source.pages(kind, include_deleted=True):
                        heard = page.server_time
                        break
                return domain, heard

        domain, heard = self._run(ask())
        if domain and domain != self.file.chargebee.site:
            words = f"The key belongs to the site {domain}, not to {self.file.chargebee.site}."
            return check("warn", words, "Correct the site's name, or apply the right key.")
        if off := self._clock_off(heard):
            return check("fail", f"This machine's clock is {off:.0f} s off Chargebee's.", TRUST)
        return check("ok", f"The site {domain} answers, and may be read.")

    def pipedrive(self) -> Check:
        """Whether the token opens the right company for an admin; also reads its custom fields."""
        account = self.connection.account
        assert account is not None
        key = way_in(self.connection)

        async def ask() -> tuple[Me, datetime | None]:
            target = open_target(self.file, key, self.env, domain=account.domain, calls=self.ledger)
            async with target:
                me = await target.me()
                if me.company_id == account.company_id and me.admin is not False:
                    self.fields = await read_fields(target, entities(self.file.settings))
                return me, target.server_time

        me, heard = self._run(ask())
        return self._judged(me, account.company_id, heard)

    def _judged(self, me: Me, company_id: int, heard: datetime | None) -> Check:
        check = self._check("Pipedrive")
        if me.company_id != company_id:
            words = f"The token belongs to another company, {me.company_name}."
            return check("fail", words, "Unlink the connection, then apply its file again.")
        if me.admin is False:
            return check("fail", no_admin(me))
        if off := self._clock_off(heard):
            return check("fail", f"This machine's clock is {off:.0f} s off Pipedrive's.", TRUST)
        if me.admin is None:
            todo = "Make sure in Pipedrive that the connecting user is an admin."
            return check("warn", "It does not say whether the user is an admin.", todo)
        return check("ok", f"{me.company_name or me.company_id} answers, its user is an admin.")

    def custom_fields(self) -> Check:
        """Fields that are gone, that have the wrong type, or for which there is no room."""
        connection, settings, check = self.connection, self.file.settings, self._check("fields")
        rows, codes, suffix = self.fields or {}, connection.field_codes, connection.field_suffix
        specs = wanted(settings)
        if wrong := list(problems(settings, specs, rows, codes, suffix)):
            return check("fail", " ".join(wrong))
        gone = [s for s in specs if s.key in codes and find(s, rows, codes, suffix) is None]
        if gone:
            named = ", ".join(f'"{spec.name}" ({spec.entity})' for spec in gone)
            todo = f"The next run makes them anew; values come back by: chargepipe full {self.name}"
            return check("fail", f"Custom fields are gone from Pipedrive: {named}.", todo)
        burst = self.ledger.burst or (connection.account.burst if connection.account else None)
        found = room(settings, rows, codes, suffix, burst, oauth=self.file.pipedrive.oauth)
        if found.short:
            offered = choices(settings, lambda spec: find(spec, rows, codes, suffix) is not None)
            return check("fail", too_many(found, offered))
        return check("ok", str(found))

    def tokens(self) -> Check:
        """What runs may still spend today."""
        account, check = self.connection.account, self._check("tokens")
        assert account is not None
        now = self.env.clock.now()
        left = allowance(account, self.file.settings, now.date())
        if left < price("create"):
            when = goes_on_at(account, now)
            words = f"The tokens that runs may use today are spent ({left} are left)."
            todo = f"Runs go on by themselves; they look again at {when:%Y-%m-%d %H:%M} UTC."
            return check("fail", words, todo)
        return check("ok", f"{left:,} may still be used today.")

    def _run(self, work: Any) -> Any:
        with asyncio.Runner(loop_factory=self.env.clock.loop_factory) as runner:
            return runner.run(work)

    def _clock_off(self, heard: datetime | None) -> float:
        """Seconds between this machine's clock and a service's; 0 where it is near enough."""
        off = abs(self.env.clock.now() - heard) if heard else timedelta()
        return off.total_seconds() if off > CLOCK_OFF else 0.0
