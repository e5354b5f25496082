"""The story of one closed trade: from its alert to its postings, in order of time."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from execution.models import Deal, Position
from execution.selectors.deals import deal_list_of_position
from fusion_project.community import policy
from fusion_project.community.moment import AsOf
from fusion_project.text.formats import (
    plain_number,
    price_text,
    seconds_between,
    signed_exact,
)
from signals.intents.words import NO_STOP
from signals.lobes.basis import chance_basis, chance_facts
from signals.models import Decision
from tokens.models import PositionAward
from treasury.models import DealPosting

_CLOSING_VERBS = ("exit", "partial_exit", "close_all")
_DEAL_TITLES = {"in": "Opened", "out": "Closed", "out_by": "Closed", "inout": "Turned"}
_DEAL_REASONS = {"sl": " by its stop loss", "tp": " by its take profit"}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a trade's story; `facts` are label and value."""

    at: datetime
    gap_seconds: Decimal | None
    title: str
    text: str
    facts: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Told:
    at: datetime
    title: str
    text: str = ""
    facts: tuple[tuple[str, str], ...] = ()


def story_of(position: Position, *, digits: int | None, as_of: AsOf) -> list[Step]:
    """Steps of a closed position; prices get the decimals of their symbol."""
    told = [
        *_told_of_decision(position),
        *_told_of_exits(position, as_of=as_of),
        *_told_of_deals(position, digits=digits, as_of=as_of),
        *_told_of_awards(position, as_of=as_of),
    ]
    told.sort(key=lambda one: one.at)
    steps: list[Step] = []
    for one in told:
        gap = seconds_between(steps[-1].at, one.at) if steps else None
        steps.append(Step(one.at, gap, one.title, one.text, list(one.facts)))
    return steps


def _told_of_decision(position: Position) -> list[_Told]:
    decision = position.decision
    if decision is None:
        return []
    asked = f"Strategy {decision.strategy.name} asked to {decision.side} {decision.instrument}."
    told = [_Told(decision.alert.received_at, "Alert", asked)]
    if decision.decided_at is not None and decision.p_final is not None:
        words = f"Approved, {loss_limit(position, decision)}."
        basis = chance_basis(decision.inputs)
        chances = chance_facts(decision.p_final, basis)
        told.append(_Told(decision.decided_at, "Decision", words, tuple(chances)))
    return told


def loss_limit(position: Position, decision: Decision) -> str:
    """What bounded the loss: only a stop does."""
    if position.order is None or position.order.risk_money is None:
        return NO_STOP
    return f"risking at most {decision.risk_bps} basis points of equity, down to its stop"


def _told_of_exits(position: Position, *, as_of: AsOf) -> list[_Told]:
    """Alerts of the same trade that asked to close it; a stop or target needs none."""
    asked = Decision.objects.filter(
        trace_id=position.trace_id,
        verb__in=_CLOSING_VERBS,
        instrument=position.instrument,
        created_at__lte=min(position.closed_at or as_of.at, as_of.at),
    )
    words = {"partial_exit": "The strategy asked to close a part of it."}
    return [
        _Told(one.created_at, "Exit alert", words.get(one.verb, "The strategy asked to close it."))
        for one in asked.order_by("id")
    ]


def _told_of_deals(position: Position, *, digits: int | None, as_of: AsOf) -> list[_Told]:
    deals = sorted(
        deal_list_of_position(
            account_id=position.account_id,
            position_ticket=position.position_ticket,
            recorded_until=as_of.at,
        ),
        key=lambda deal: (deal.time_msc, deal.ticket),
    )
    posted = set(
        DealPosting.objects.filter(deal__in=deals, entry__recorded_at__lte=as_of.at).values_list(
            "deal_id", flat=True
        )
    )
    currency = position.account.currency
    return [
        _told_of_deal(deal, currency, digits=digits, is_posted=deal.pk in posted) for deal in deals
    ]


def _told_of_deal(deal: Deal, currency: str, *, digits: int | None, is_posted: bool) -> _Told:
    title = _DEAL_TITLES.get(deal.entry, "Booked") + _DEAL_REASONS.get(deal.reason, "")
    text = f"Broker's deal: {deal.kind} {plain_number(deal.volume_lots)} lots"
    text += f" at {price_text(deal.price, digits)}."
    costs = deal.swap + deal.commission + deal.fee
    ledger = "posted, lines sum to zero" if is_posted else "not posted yet"
    facts = [("Price result", f"{signed_exact(deal.profit)} {currency}")] if deal.profit else []
    facts += [("Costs", f"{signed_exact(costs)} {currency}")] if costs else []
    return _Told(deal.at, title, text, (*facts, ("Ledger entry", ledger)))


def _told_of_awards(position: Position, *, as_of: AsOf) -> list[_Told]:
    """What stood for this very result at that moment; what a former one had earned is left out."""
    awards = PositionAward.objects.select_related("token", "rule").filter(
        position=position, at__lte=as_of.at
    )
    standing = awards.exclude(entry__reversed_by__recorded_at__lte=as_of.at)
    newest: dict[str, PositionAward] = {}
    for one in standing.order_by("fold_revision"):
        newest[one.token.code] = one
    accrued = newest.get("DCT")
    if accrued is None or accrued.amount != position.net_of_ours:
        return [_Told(as_of.at, "Not posted yet", "The units of this result wait for the ledger.")]
    currency = position.account.currency
    return [_told_of_award(one, currency) for one in sorted(newest.values(), key=lambda o: o.pk)]


def _told_of_award(award: PositionAward, currency: str) -> _Told:
    title = policy.UNIT_TITLES.get(award.token.code, award.token.name)
    rule = ("Rule", f"version {award.rule.version}")
    if award.entry_id is None:
        return _Told(award.at, title, f"Nothing posted: {award.reason}.", (rule,))
    unit = currency if award.token.code == "DCT" else award.token.code
    amount = signed_exact(award.amount)
    return _Told(award.at, title, f"Posted to the ledger: {amount} {unit}.", (rule,))
