"""The probe: checks our assumptions on a test account, and leaves nothing behind."""

from collections.abc import Callable
from datetime import datetime

from chargepipe.accounts.environment import Environment
from chargepipe.accounts.lease import Lease, LeaseLost, claim
from chargepipe.accounts.ledger import allowance
from chargepipe.actions.connections import stored_file
from chargepipe.actions.probe.allowed import allowed, is_simulated, may_begin
from chargepipe.actions.probe.checks import CHECKS
from chargepipe.actions.probe.clean import clean_up, remove_left_overs
from chargepipe.actions.probe.finding import Check, Finding, Unclear
from chargepipe.actions.probe.hands import MOST_TOKENS, Hands, Warn
from chargepipe.actions.probe.line import Line
from chargepipe.actions.probe.report import Report
from chargepipe.actions.probe.traces import in_order
from chargepipe.actions.refusal import Refused
from chargepipe.http import Breaker, NeedsAdmin, PauseUntilReset, Reconnect, ServiceError
from chargepipe.store.models import Account, Connection

ENDS_IT = (Breaker, NeedsAdmin, PauseUntilReset)
"""After these nothing more is asked; what was made is still deleted where that goes."""
ODD = (AttributeError, LookupError, TypeError, ValueError)
"""What a check raises over an answer that lacks a part; nothing else depends on that."""
BUSY = "A run, or another probe, holds this account (or did a moment ago): try again in a while."
Tell = Callable[[Finding], None]


def probe(
    name: str, env: Environment, tell: Tell = lambda _: None, warn: Warn = lambda _: None
) -> Report:
    """Check every assumption on the accounts of a connection.

    `tell` hears of each finding, `warn` of what takes long at the end.

    Raises Refused where that is not allowed, and ServiceError where a service does not answer
    before anything was made. After that whatever happens stands in the report, Ctrl-C too.
    """
    connection = allowed(name)
    account = connection.account
    assert account is not None
    lease = claim(account.pk, env)
    if lease is None:
        raise Refused(BUSY)
    with _open(connection, lease, env) as line:
        may_begin(account)  # none can begin from here on, for the account is held
        _right_accounts(connection, account, line, env)
        settings = stored_file(connection).settings
        hands = Hands(line, env.settle_seconds, tuple(settings.zero_decimal), warn)
        return _probed(Report(name), hands, env, tell)


def _open(connection: Connection, lease: Lease, env: Environment) -> Line:
    try:
        return Line(connection, lease, env)
    except BaseException:
        lease.release()
        raise


def _right_accounts(connection: Connection, account: Account, line: Line, env: Environment) -> None:
    """Raise Refused where another site or company answers, or tokens are short."""
    site = line.run(line.chargebee.configuration())
    real = not is_simulated(stored_file(connection))
    if real and site.domain and not site.domain.endswith("-test"):
        raise Refused(f"The key belongs to the Chargebee site {site.domain}: it is no test site.")
    me = line.run(line.pipedrive.me())
    if me.company_id != account.company_id:
        raise Refused(
            f"The token of {connection.name} belongs to another Pipedrive company, not to "
            f"{account}. Apply the connection with the right token."
        )
    left = line.left
    if left is None:
        left = allowance(account, stored_file(connection).settings, env.clock.now().date())
    if left < MOST_TOKENS:
        raise Refused(
            f"The Pipedrive account has {left} tokens left today, and a probe may need "
            f"{MOST_TOKENS}. Probe again tomorrow."
        )


def _probed(report: Report, hands: Hands, env: Environment, tell: Tell) -> Report:
    started = hands.line.pipedrive.server_time or env.clock.now()
    try:
        report.left_overs = remove_left_overs(hands)
        for check in CHECKS:
            finding = _finding(check, hands, report)
            report.findings.append(finding)
            tell(finding)
            hands.line.save()
    except (ServiceError, LeaseLost) as error:
        report.trouble.append(str(error))
    except Unclear as refused:
        report.trouble.append(refused.seen.words)
    except KeyboardInterrupt:
        report.interrupted = True
        hands.uncertain = hands.uncertain or hands.making
        hands.warn("Stopping. What was made is deleted first; Ctrl-C again leaves it there.")
    finally:
        _clean(report, hands, started)
    return report


def _finding(check: Check, hands: Hands, report: Report) -> Finding:
    """Make one check. Raises ServiceError where no other check could be made either."""
    try:
        seen = check.look(hands)
    except Unclear as cannot:
        seen = cannot.seen
    except ENDS_IT:
        raise
    except ServiceError as error:
        if isinstance(error, Reconnect):
            # An address that Pipedrive does not know answers like a bad token; if it is the
            # token, this raises.
            hands.line.run(hands.line.pipedrive.me())
        report.trouble.append(str(error))
        seen = Unclear(
            f"A service refused ({error.status or 'no answer'}).", "", "not checked"
        ).seen
    except ODD as error:
        words = f"An answer was not as described ({type(error).__name__})."
        seen = Unclear(words, "Report it.", "not checked").seen
    return Finding(check.number, check.words, seen.state, seen.words, seen.todo)


def _clean(report: Report, hands: Hands, started: datetime) -> None:
    """Delete what was made; a second Ctrl-C ends that too, and then names what is left."""
    try:
        report.deleted, report.left = clean_up(hands, started)
    except KeyboardInterrupt:
        report.interrupted = True
        report.left = in_order(hands.made)
    report.tokens, report.tokens_told = hands.line.spent, hands.line.told
    report.requests = dict(hands.line.requests)
