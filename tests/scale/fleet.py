"""Four processes on one PostgreSQL, and accounts for them to carry."""

import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from database import Database, until

from chargepipe.sandbox import Fault, Sandbox
from forked import Forked
from served import free_port, served

SIZE = 4
_numbers = count(1)


@dataclass
class Account:
    """One Pipedrive company, served, with a Chargebee site of its own and a connection."""

    name: str
    sandbox: Sandbox
    ports: tuple[int, int]

    @property
    def company(self) -> int:
        return self.sandbox.crm.me["company_id"]

    def slow(self, seconds: float) -> None:
        """From now on each new person is made at once and answered so many seconds later."""
        fault = Fault(method="POST", path="/persons", kind="delay", times=None, seconds=seconds)
        self.sandbox.faults.add(fault)

    def creates(self) -> int:
        """How many persons were made by calls."""
        return len(self._people()) - self._before

    def __post_init__(self) -> None:
        self._before = len(self._people())

    def _people(self) -> list[dict[str, object]]:
        return list(self.sandbox.crm.persons())

    def has_nobody_twice(self) -> None:
        fields = list(self.sandbox.crm.fields("person"))
        assert Counter(row["field_name"] for row in fields)["CB Customer ID"] == 1
        code = next(r["field_code"] for r in fields if r["field_name"] == "CB Customer ID")
        marks = Counter(p["custom_fields"].get(code) for p in self.sandbox.crm.persons())
        marks.pop(None, None)
        assert set(marks.values()) == {1}


@dataclass
class Fleet:
    """The processes under way by their numbers; `whole` starts what is missing."""

    database: Database
    folder: Path
    stack: ExitStack
    processes: dict[int, Forked] = field(default_factory=dict[int, Forked])

    def account(self, customers: int) -> Account:
        number = next(_numbers)
        sandbox = Sandbox(seed=number, customers=customers, plan="ultimate", people_before=0.0)
        sandbox.crm.me["company_id"] = 7000 + number
        account = Account(f"acme{number}", sandbox, self.stack.enter_context(served(sandbox)))
        self.connect(account.name, account.ports)
        return account

    def connect(self, name: str, ports: tuple[int, int]) -> None:
        """Apply a connection file; all sandboxes have the same keys."""
        home = self.database.home(self.folder / "commands", Sandbox(customers=0))
        home.apply(ports, name=name)

    def command(self, *words: str) -> Forked:
        home = self.database.home(self.folder / "commands", Sandbox(customers=0))
        process = home.fork(*words)
        self.stack.callback(_end, process)
        return process

    def whole(self) -> None:
        """Start processes until there are four; one of them serves the console, too."""
        self.processes = {pid: p for pid, p in self.processes.items() if p.poll() is None}
        while len(self.processes) < SIZE:
            self.one_more()

    def one_more(self) -> None:
        """Start one and wait for its first beat."""
        serves = any(process.words[0] == "serve" for process in self.processes.values())
        words = ("worker",) if serves else ("serve", "--port", str(free_port()))
        process = self.command(*words)
        self.processes[process.pid] = process
        beats = "SELECT 1 FROM chargepipe_store_worker WHERE pid = %s"
        until(lambda: self.database.rows(beats, process.pid), "a new process beats")

    def holder(self, account: Account) -> tuple[int, int]:
        """The process that holds an account, or held it last, and the fence of that time."""
        query = "SELECT lease_owner, fence FROM chargepipe_store_account WHERE company_id = %s"
        [(owner, fence)] = self.database.rows(query, account.company)
        return int(owner.split("-")[-2] if owner else 0), fence

    def state(self, name: str) -> str:
        """Of a connection's newest run."""
        query = """SELECT r.state FROM chargepipe_store_run r JOIN chargepipe_store_connection c
            ON c.id = r.connection_id WHERE c.name = %s ORDER BY r.id DESC"""
        found = self.database.rows(query, name)
        return found[0][0] if found else ""

    def most_connections(self, commands: list[Forked]) -> int:
        """The most that were ever seen until all commands had ended."""
        most = 0
        while any(command.poll() is None for command in commands):
            most = max(most, self.database.connections())
            time.sleep(0.1)
        return most


def _end(process: Forked) -> None:
    if process.returncode is None and process.poll() is None:
        process.kill()
        process.communicate()
    process.close()
