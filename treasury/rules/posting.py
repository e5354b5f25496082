"""Deal → journal entry. Pure: the same deal gives the same entry on any machine, any day.

Source of the cases: MetaTrader 5 deal types and entries (documentation, ENUM_DEAL_TYPE and
ENUM_DEAL_ENTRY). Profit, swap, commission and fee are signed as MT5 signs them: what the
account gained. An OUT_BY pair carries its profit on one deal only; both are posted as they are.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from execution.wire import DELETED_KIND, ReportedDeal
from treasury.rules.accounts import broker_cash, broker_credit, broker_part, broker_transit
from treasury.rules.drafts import EXACT, EntryDraft, LineDraft, digits_of, reversal_of

DEAL = "deal"
TRADE_ENTRIES = ("in", "out", "inout", "out_by")


@dataclass(frozen=True, slots=True)
class DealRevision:
    """One revision of a deal, and what the books need of its account.

    `source` is the deal's subject, by which its entries name it. `held_for`: why execution counts
    it nowhere, empty where it does.
    """

    deal: ReportedDeal
    deal_id: int
    source: str
    revision: int
    server: str
    login: str
    book: str
    currency: str
    scale: int
    trace_id: str
    held_for: str = ""

    @property
    def idem_key(self) -> str:
        return f"mt5:{self.server}:{self.login}:deal:{self.deal.ticket}:{self.revision}"


@dataclass(frozen=True, slots=True)
class Nothing:
    """The deal moves no money."""

    reason: str


@dataclass(frozen=True, slots=True)
class Quarantine:
    """The rules do not know the deal; a person must look."""

    reason: str


Posting = EntryDraft | Nothing | Quarantine


def posting_for_deal(one: DealRevision) -> Posting:
    """The entry of one revision, or why there is none."""
    deal = one.deal
    if one.held_for:
        return Quarantine(f"it is held by execution ({one.held_for}) until its facts are settled")
    amounts = (deal.profit, deal.swap, deal.commission, deal.fee)
    if deal.kind == DELETED_KIND:
        return Nothing("the broker has deleted the deal")
    if any(not amount.is_finite() for amount in amounts):
        return Quarantine("an amount is not a finite number")
    if any(digits_of(amount) > one.scale for amount in amounts):
        return Quarantine(f"an amount has more than {one.scale} digits")
    if deal.kind in ("buy", "sell") and deal.entry not in TRADE_ENTRIES:
        return Quarantine(f"a {deal.kind} deal with entry {deal.entry!r}")
    counter = _counter_accounts(one)
    if counter is None:
        return Quarantine(f"no posting rule for a deal of kind {deal.kind!r}")
    lines = _lines(one, *counter)
    if not lines:
        return Nothing("the deal moves no money")
    return EntryDraft(
        idem_key=one.idem_key,
        kind=DEAL,
        book=one.book,
        event_at=deal.at,
        source=one.source,
        trace_id=one.trace_id,
        lines=lines,
    )


def postings_for_ticket(
    revisions: Sequence[DealRevision],
) -> tuple[dict[int, Posting], list[EntryDraft]]:
    """Outcome per deal id, and the drafts of one ticket: entries and, but for the last, reversals.

    The result depends on the set of revisions only, so revisions may arrive in any order. A
    quarantined revision reverses nothing: what was posted stands until somebody understood it.
    """
    ordered = sorted(revisions, key=lambda one: one.revision)
    outcomes = {one.deal_id: posting_for_deal(one) for one in ordered}
    counting = max((one.revision for one in ordered if not one.held_for), default=0)
    for one in ordered:
        if one.held_for and one.revision < counting:
            outcomes[one.deal_id] = Nothing("a later revision of it counts")
    drafts: list[EntryDraft] = []
    standing: EntryDraft | None = None
    for one in ordered:
        outcome = outcomes[one.deal_id]
        if isinstance(outcome, Quarantine) or one.held_for:
            continue
        if standing is not None:
            drafts.append(_restated(standing, one))
        standing = outcome if isinstance(outcome, EntryDraft) else None
        if standing is not None:
            drafts.append(standing)
    return outcomes, drafts


def _restated(standing: EntryDraft, one: DealRevision) -> EntryDraft:
    return reversal_of(
        standing,
        event_at=one.deal.at,
        source=one.source,
        note=f"restated by revision {one.revision}",
    )


def _counter_accounts(one: DealRevision) -> tuple[str, str] | None:
    """(account that holds the deal's profit, account it comes from), or None if unknown."""
    part = broker_part(one.server, one.login)
    cash = broker_cash(one.server, one.login)
    credit = broker_credit(one.server, one.login)
    return {
        "buy": (cash, f"Income:Trading:{part}:Realised"),
        "sell": (cash, f"Income:Trading:{part}:Realised"),
        # What such a deal still moves is of the same kind; mostly it moves nothing any more.
        "buy_canceled": (cash, f"Income:Trading:{part}:Realised"),
        "sell_canceled": (cash, f"Income:Trading:{part}:Realised"),
        # Money on its way: the other side is the bank or the chain, and must clear against it.
        "balance": (cash, broker_transit(one.server, one.login)),
        # The broker's money, not equity and never distributable.
        "credit": (credit, f"Liabilities:Broker:{part}:Credit"),
        "bonus": (credit, f"Liabilities:Broker:{part}:Credit"),
        "charge": (cash, f"Expenses:Trading:{part}:Charge"),
        "correction": (cash, f"Income:Trading:{part}:Correction"),
        "commission": (cash, f"Expenses:Trading:{part}:Commission"),
        "commission_daily": (cash, f"Expenses:Trading:{part}:CommissionDaily"),
        "commission_monthly": (cash, f"Expenses:Trading:{part}:CommissionMonthly"),
        # What an agent is paid for the trades of others.
        "commission_agent_daily": (cash, f"Income:Trading:{part}:CommissionAgentDaily"),
        "commission_agent_monthly": (cash, f"Income:Trading:{part}:CommissionAgentMonthly"),
        "interest": (cash, f"Income:Trading:{part}:Interest"),
        "dividend": (cash, f"Income:Trading:{part}:Dividend"),
        "dividend_franked": (cash, f"Income:Trading:{part}:DividendFranked"),
        "tax": (cash, f"Expenses:Trading:{part}:Tax"),
    }.get(one.deal.kind)


def _lines(one: DealRevision, holds: str, comes_from: str) -> tuple[LineDraft, ...]:
    deal = one.deal
    part = broker_part(one.server, one.login)
    cash = broker_cash(one.server, one.login)
    swap_root = "Income" if deal.swap > 0 else "Expenses"
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for amount, debit, credit in (
        (deal.profit, holds, comes_from),
        (deal.swap, cash, f"{swap_root}:Trading:{part}:Swap"),
        (deal.commission, cash, f"Expenses:Trading:{part}:Commission"),
        (deal.fee, cash, f"Expenses:Trading:{part}:Fee"),
    ):
        sums[debit] = EXACT.add(sums[debit], amount)
        sums[credit] = EXACT.subtract(sums[credit], amount)
    return tuple(
        LineDraft(code, one.currency, amount) for code, amount in sums.items() if amount != 0
    )
