"""The one table of incidents: what may need a person, how soon, whose it is, and what it means.

Plain data that names apps and roles by their words; nothing here knows an app. A kind that is not
here cannot be opened. Each has a heading of its name in `docs/runbook.md`.
"""

from dataclasses import dataclass
from typing import Final

# critical: entries may be stopped, or money or an open order is uncertain; look now.
# warning: nothing is at risk by itself; look the same day.
CRITICAL: Final = "critical"
WARNING: Final = "warning"
SEVERITIES: Final = (CRITICAL, WARNING)

RUNBOOK: Final = "docs/runbook.md"

HANDLING_PARKED: Final = "handling.parked"
HANDLING_WAITS: Final = "handling.waits"
DRAIN_SILENT: Final = "drain.silent"
WORKER_SILENT: Final = "worker.silent"
SEAL_LAGS: Final = "seal.lags"
ALERT_LOST: Final = "alert.lost"
ALERT_RATE: Final = "alert.rate"
ALERT_SILENT: Final = "alert.silent"
CANARY_MISSING: Final = "canary.missing"
BARS_MISSING: Final = "bars.missing"
BARS_STALE: Final = "bars.stale"
LOBE_FAILING: Final = "lobe.failing"
LOBE_SPENT: Final = "lobe.spent"
EXECUTOR_SILENT: Final = "executor.silent"
EXECUTOR_CONTESTED: Final = "executor.contested"
EXECUTOR_MISPLACED: Final = "executor.misplaced"
EXECUTOR_NOTICE: Final = "executor.notice"
REPORT_CONFLICT: Final = "report.conflict"
ORDER_UNRESOLVED: Final = "order.unresolved"
ORDER_OVERFILLED: Final = "order.overfilled"
FILL_LATE: Final = "fill.late"
RISK_STANDS: Final = "risk.stands"
EXIT_LOST: Final = "exit.lost"
EXIT_SHORT: Final = "exit.short"
REPORT_REFUSED: Final = "report.refused"
REPORTS_MISSING: Final = "reports.missing"
SYMBOL_GONE: Final = "symbol.gone"
DEAL_UNEXPECTED: Final = "deal.unexpected"
DEAL_MISMATCHED: Final = "deal.mismatched"
DEAL_HELD: Final = "deal.held"
DEAL_ORPHANED: Final = "deal.orphaned"
DEAL_RESTATED: Final = "deal.restated"
DEAL_DELETED: Final = "deal.deleted"
POSITION_SHARED: Final = "position.shared"
POSITIONS_DIFFER: Final = "positions.differ"
SHEET_CHANGED: Final = "sheet.changed"
FOLD_DIFFERS: Final = "fold.differs"
CLAIM_DOUBTED: Final = "claim.doubted"
DEAL_QUARANTINED: Final = "deal.quarantined"
DEALS_UNPOSTED: Final = "deals.unposted"
CASH_DIFFERS: Final = "cash.differs"
BOOKS_DIFFER: Final = "books.differ"
CONVERSION_WAITS: Final = "conversion.waits"
CHAIN_UNKNOWN: Final = "chain.unknown"
CHAIN_DRIFTS: Final = "chain.drifts"
CHAIN_UNWATCHED: Final = "chain.unwatched"
INTENT_LAPSED: Final = "intent.lapsed"
RESERVES_REFUSED: Final = "reserves.refused"
PASSWORD_IMPOSED: Final = "password.imposed"  # noqa: S105 - a name


class IncidentKindUnknown(ValueError):
    """Nobody has said how severe this kind is and what is to be done."""


@dataclass(frozen=True, slots=True)
class IncidentKind:
    """One kind of incident.

    `owner`: the app that opens it. `sentence`: what has happened, for staff; what to do stands in
    the runbook. `role`: the staff role that answers it.
    """

    name: str
    severity: str
    owner: str
    sentence: str
    role: str = "ops"

    @property
    def runbook(self) -> str:
        """Where to read on: the file and the anchor that a heading of the name gets."""
        return f"{RUNBOOK}#{self.name.replace('.', '')}"


_TABLE: Final = (
    IncidentKind(
        HANDLING_PARKED,
        CRITICAL,
        "incidents",
        "A handler failed five times on one event; what should follow from it has stopped.",
    ),
    IncidentKind(
        HANDLING_WAITS,
        WARNING,
        "incidents",
        "A handler has waited ten minutes for another fact.",
    ),
    IncidentKind(
        DRAIN_SILENT,
        CRITICAL,
        "incidents",
        "No drain has been at work for half a minute; what is late or repeated stays undone.",
    ),
    IncidentKind(
        WORKER_SILENT,
        WARNING,
        "incidents",
        "No worker has answered for half a minute; drain does the work, two seconds later.",
    ),
    IncidentKind(
        SEAL_LAGS,
        WARNING,
        "incidents",
        "Facts have waited over a minute for their seal; an edit before it leaves no trace.",
    ),
    IncidentKind(
        ALERT_LOST,
        CRITICAL,
        "signals",
        "The chart's position moved without an alert that was accepted here.",
    ),
    IncidentKind(
        ALERT_RATE,
        WARNING,
        "signals",
        "An alert fires so often that TradingView stops it, or has stopped it.",
    ),
    IncidentKind(
        ALERT_SILENT,
        WARNING,
        "signals",
        "No alert has come on a symbol for far longer than usual.",
    ),
    IncidentKind(
        CANARY_MISSING,
        CRITICAL,
        "signals",
        "A strategy's test alert stays out, so real ones may be lost too.",
    ),
    IncidentKind(
        BARS_MISSING,
        WARNING,
        "signals",
        "A feed of bars has a hole; entries whose outcome lies in it get no label.",
    ),
    IncidentKind(
        BARS_STALE,
        WARNING,
        "signals",
        "A feed of bars has stopped; entries get neither features nor labels from it.",
    ),
    IncidentKind(
        LOBE_FAILING,
        WARNING,
        "signals",
        "A model that is asked gives no answer any more; entries are decided without it.",
    ),
    IncidentKind(
        LOBE_SPENT,
        WARNING,
        "signals",
        "A model's day is spent; it is not asked again before the next one.",
    ),
    IncidentKind(
        EXECUTOR_SILENT,
        CRITICAL,
        "execution",
        "An account's executor has said nothing for half a minute; its orders are not carried out.",
    ),
    IncidentKind(
        EXECUTOR_CONTESTED,
        CRITICAL,
        "execution",
        "Two executors want one account; the second was refused.",
    ),
    IncidentKind(
        EXECUTOR_MISPLACED,
        CRITICAL,
        "execution",
        "A terminal of another account came with this account's key; it was refused.",
    ),
    IncidentKind(
        EXECUTOR_NOTICE,
        WARNING,
        "execution",
        "An executor has told something that a person should know; nothing follows from it here.",
    ),
    IncidentKind(
        REPORT_CONFLICT,
        CRITICAL,
        "execution",
        "An executor sent one report id with two different contents; the second was refused.",
    ),
    IncidentKind(
        ORDER_UNRESOLVED,
        CRITICAL,
        "execution",
        "Nobody knows what became of an order: the broker shows neither it nor a deal.",
    ),
    IncidentKind(
        ORDER_OVERFILLED,
        CRITICAL,
        "execution",
        "More was filled than was ordered; the account is halted.",
    ),
    IncidentKind(
        FILL_LATE,
        CRITICAL,
        "execution",
        "An order filled although it was told to be over; its position is followed.",
    ),
    IncidentKind(
        RISK_STANDS,
        CRITICAL,
        "execution",
        "What lowers risk was refused, done in part or not confirmed; it is asked again.",
    ),
    IncidentKind(
        EXIT_LOST,
        CRITICAL,
        "execution",
        "An alert that may be the exit of a position was refused or could not be read.",
    ),
    IncidentKind(
        EXIT_SHORT,
        WARNING,
        "execution",
        "A partial exit closes less than its alert said.",
    ),
    IncidentKind(
        REPORT_REFUSED,
        CRITICAL,
        "execution",
        "A deal that an executor told could not be read, so it is counted nowhere.",
    ),
    IncidentKind(
        REPORTS_MISSING,
        CRITICAL,
        "execution",
        "Reports of an executor are missing; a deal may be among them.",
    ),
    IncidentKind(
        SYMBOL_GONE,
        CRITICAL,
        "execution",
        "The broker lists a mapped symbol no longer; it takes no entries.",
    ),
    IncidentKind(
        DEAL_UNEXPECTED,
        CRITICAL,
        "execution",
        "A deal belongs to an order that should have none; the account is halted.",
    ),
    IncidentKind(
        DEAL_MISMATCHED,
        CRITICAL,
        "execution",
        "A deal does not fit the order whose number it bears; the account is halted.",
    ),
    IncidentKind(
        DEAL_HELD,
        CRITICAL,
        "execution",
        "A deal's time cannot be right; it is counted nowhere until that is settled.",
    ),
    IncidentKind(
        DEAL_ORPHANED,
        CRITICAL,
        "execution",
        "A deal names an order that was never staged here; the account is halted.",
    ),
    IncidentKind(
        DEAL_RESTATED,
        WARNING,
        "execution",
        "The broker changed a deal after the fact; what followed from it was made anew.",
    ),
    IncidentKind(
        DEAL_DELETED,
        CRITICAL,
        "execution",
        "The broker took a deal out of its history; what followed from it was reversed.",
    ),
    IncidentKind(
        POSITION_SHARED,
        CRITICAL,
        "execution",
        "Somebody else trades in a netting position of ours; no entry is added to it.",
    ),
    IncidentKind(
        POSITIONS_DIFFER,
        CRITICAL,
        "execution",
        "Open positions here and at the broker differ; the account is halted.",
    ),
    IncidentKind(
        SHEET_CHANGED,
        CRITICAL,
        "execution",
        "A confirmed symbol's contract is another one now; entries on it wait for a person.",
    ),
    IncidentKind(
        FOLD_DIFFERS,
        CRITICAL,
        "execution",
        "A position or an order says something else than its stored deals.",
    ),
    IncidentKind(
        CLAIM_DOUBTED,
        CRITICAL,
        "execution",
        "An executor tells an equity or a contract that nobody believes; entries are stopped.",
    ),
    IncidentKind(
        DEAL_QUARANTINED,
        CRITICAL,
        "treasury",
        "The posting rules do not know a deal; it is not in the ledger.",
    ),
    IncidentKind(
        DEALS_UNPOSTED,
        CRITICAL,
        "treasury",
        "Deals have had no entry in the ledger for two minutes.",
    ),
    IncidentKind(
        CASH_DIFFERS,
        CRITICAL,
        "treasury",
        "The ledger's cash and the broker's balance differ.",
    ),
    IncidentKind(
        BOOKS_DIFFER,
        CRITICAL,
        "treasury",
        "Credit, equity, open tickets, money on its way or a statement differ from the ledger.",
    ),
    IncidentKind(
        CONVERSION_WAITS,
        WARNING,
        "treasury",
        "An amount waits to be converted: there is no young price, or no room on its account.",
    ),
    IncidentKind(
        CHAIN_UNKNOWN,
        WARNING,
        "tokens",
        "A token's chain cannot be read for certain; its book pays nothing out meanwhile.",
    ),
    IncidentKind(
        CHAIN_DRIFTS,
        CRITICAL,
        "tokens",
        "A token's chain and the ledger differ, or its contract changed; nothing is paid out.",
    ),
    IncidentKind(
        CHAIN_UNWATCHED,
        WARNING,
        "tokens",
        "Nobody reads the chain of a bound token; what rests on it counts as old soon.",
    ),
    IncidentKind(
        INTENT_LAPSED,
        WARNING,
        "tokens",
        "What was intended on a chain was not seen done before its deadline.",
    ),
    IncidentKind(
        RESERVES_REFUSED,
        WARNING,
        "tokens",
        "No snapshot of reserves can be taken: somebody's account is below zero.",
    ),
    IncidentKind(
        PASSWORD_IMPOSED,
        WARNING,
        "ops",
        "Somebody set another person's password; both know it until it is changed.",
    ),
)

KINDS: Final = {kind.name: kind for kind in _TABLE}


def kind_get(name: str) -> IncidentKind:
    """Return the table's row; raises IncidentKindUnknown."""
    try:
        return KINDS[name]
    except KeyError:
        raise IncidentKindUnknown(f"unknown kind of incident: {name}") from None
