"""What each leg of a judged message would do on each account, as things stand now. A dry run."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from execution.models import BrokerAccount, SymbolMap
from execution.rules.trades import CANCEL_VERBS
from execution.selectors.previews import entry_previews_unsent
from execution.selectors.tradable import NO_ACCOUNT
from execution.selectors.trades import CLOSES_FIRST, TradeOnAccount, account_ids_of
from fusion_project.ops.selectors.entry_words import OrderPreview, order_preview
from fusion_project.text.formats import percent, plain_number
from signals.dialects.base import Reading
from signals.intents.legs import Leg
from signals.intents.symbols import instrument_of
from signals.intents.words import leg_words
from signals.models import Decision, Strategy
from signals.selectors.linting import target_find

# Later than every stored alert: the message would come after all of them.
_AFTER_ALL: Final = 2**62


@dataclass(frozen=True, slots=True)
class LegPreview:
    """One leg in words and what it would do, account by account."""

    words: str
    is_entry: bool
    accounts: list[OrderPreview]


@dataclass(frozen=True, slots=True)
class SymbolRow:
    """One instrument on one following account; `row` is None where the account has no map."""

    instrument: str
    account: BrokerAccount
    row: SymbolMap | None


def leg_previews(*, strategy: Strategy, reading: Reading, grade: str) -> list[LegPreview]:
    """Return the previews of all legs. An entry counts with the whole risk of the policy.

    `grade` is the provenance of a delivery, empty for a message that nobody sent.
    """
    legs = enumerate(reading.intent.legs)
    return [_leg(strategy, reading, number, leg, grade) for number, leg in legs]


@dataclass(frozen=True, slots=True)
class Traded:
    """What a message that is accepted would do at the accounts, in one line."""

    headline: str
    rule: str
    is_anything: bool


def traded_of(legs: list[LegPreview]) -> Traded | None:
    """Return it for the legs of one message, or None where it asks for no trade."""
    if not legs:
        return None
    entries = [one for leg in legs if leg.is_entry for one in leg.accounts]
    orders = [one for one in entries if not one.refusal]
    others = [one for leg in legs if not leg.is_entry for one in leg.accounts if one.facts]
    # Fusion is not asked: it may abstain, or allow less.
    done = [f"order at most {one.headline} on {one.account} if fusion agrees" for one in orders]
    done += [f"act on {len(one.facts)} on {one.account}" for one in others]
    if done:
        return Traded(f"Would be accepted and {'; '.join(done)}", "", True)
    if any(leg.is_entry for leg in legs):
        rule = next((one.refusal for one in entries), NO_ACCOUNT)
        return Traded("Would be accepted, but nothing would be ordered", rule, False)
    return Traded("Would be accepted, but there is nothing to act on", "", False)


def symbol_rows(*, strategy: Strategy, reading: Reading) -> list[SymbolRow]:
    """Return the symbol map of every account that follows the strategy, for the symbols named."""
    wanted = sorted(
        {instrument_of(leg.symbol_raw) for leg in reading.intent.legs if leg.symbol_raw}
    )
    accounts = [
        one.account
        for one in strategy.subscriptions.filter(is_active=True).select_related("account")
    ]
    known = {
        (row.account_id, row.instrument): row
        for row in SymbolMap.objects.filter(account__in=accounts, instrument__in=wanted)
    }
    return [
        SymbolRow(instrument, account, known.get((account.id, instrument)))
        for instrument in wanted
        for account in sorted(accounts, key=lambda one: one.name)
    ]


def _leg(strategy: Strategy, reading: Reading, number: int, leg: Leg, grade: str) -> LegPreview:
    decision = _decision(strategy, reading, number, leg)
    if leg.is_entry:
        entries = entry_previews_unsent(
            decision,
            grade=grade,
            env=reading.intent.env or "",
            is_reversal=any(one.verb in CLOSES_FIRST for one in reading.intent.legs[:number]),
        )
        return LegPreview(leg_words(leg), True, [order_preview(one) for one in entries])
    decision.scope, decision.target_trace_id = target_find(
        strategy_id=strategy.id, intent=reading.intent, leg_no=number
    )
    accounts = BrokerAccount.objects.in_bulk(account_ids_of(decision))
    rows = [_on_account(decision, leg, one) for _, one in sorted(accounts.items())]
    return LegPreview(leg_words(leg), False, rows)


def _decision(strategy: Strategy, reading: Reading, number: int, leg: Leg) -> Decision:
    """The decision that the leg would become; never saved."""
    intent = reading.intent
    return Decision(
        strategy=strategy,
        alert_id=_AFTER_ALL,
        leg_no=number,
        verb=leg.verb,
        side=leg.side,
        instrument=instrument_of(leg.symbol_raw) if leg.symbol_raw else "",
        leg=leg.to_json(),
        trade_ref=intent.trade_ref or "",
        ref_price=intent.ref_price,
        risk_bps=strategy.policy.risk_bps,
        size_factor=Decimal(1),
    )


def _on_account(decision: Decision, leg: Leg, account: BrokerAccount) -> OrderPreview:
    trade = TradeOnAccount(decision=decision, account_id=account.id)
    word = "amend" if leg.verb == "amend" else "cancel"
    facts = [
        (
            f"Order {order.pk}",
            f"{word} the waiting entry of {plain_number(order.volume_lots)} lots",
        )
        for order in trade.entries
        if not order.has_ended and leg.verb != "partial_exit"
    ]
    if leg.verb not in CANCEL_VERBS:
        facts += [
            (
                f"Position {one.position.position_ticket}",
                f"{_verb(leg)} {one.position.side} {plain_number(one.lots)} lots"
                f" {one.position.broker_symbol}",
            )
            for one in trade.held
        ]
    if not facts:
        return OrderPreview(account.name, account.book, "Nothing to do here now")
    return OrderPreview(account.name, account.book, "Would act on", facts=facts)


def _verb(leg: Leg) -> str:
    if leg.verb == "amend":
        return "change stop or target of"
    if leg.verb == "partial_exit" and leg.close_pct is not None:
        return f"close {percent(leg.close_pct)} of"
    if leg.verb == "partial_exit" and leg.size is not None:
        return f"close {plain_number(leg.size.value)} {leg.size.mode} of all of"
    return "close"
