"""Closed trades for the public: the list, one trade, and the story of how it came to be."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet

from execution.models import Deal, Position
from fusion_project.community import policy
from fusion_project.community.selectors.figures import closed_positions
from fusion_project.formats import chance, exact_number, plain_number, seconds_between, signed
from tokens.models import PositionAward
from treasury.models import DealPosting


@dataclass(frozen=True, slots=True)
class Trade:
    """One closed position, without the account it stood on."""

    id: int
    book: str
    instrument: str
    side: str
    lots: Decimal
    price_open: Decimal
    price_close: Decimal | None
    opened_at: datetime
    closed_at: datetime
    held_seconds: Decimal
    profit: Decimal
    costs: Decimal
    net: Decimal
    currency: str


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


def trade_list(*, book: str, until: datetime) -> list[Trade]:
    """The latest closed trades of a book."""
    rows = closed_positions(book=book, until=until).select_related("account")
    return [_trade(one) for one in rows.order_by("-closed_at", "-id")[: policy.TRADES_SHOWN]]


def trade_get(*, position_id: int, until: datetime) -> tuple[Trade, list[Step]] | None:
    """One closed trade with its story, or None while it is not public."""
    rows = Position.objects.select_related("account", "decision__alert", "decision__strategy")
    position = rows.filter(id=position_id, closed_at__lte=until).first()
    if position is None:
        return None
    return _trade(position), _story(position)


def _trade(position: Position) -> Trade:
    assert position.closed_at is not None
    return Trade(
        id=position.pk, book=position.account.book, instrument=position.instrument,
        side=position.side, lots=position.volume_closed_lots, price_open=position.price_open,
        price_close=position.price_close, opened_at=position.opened_at,
        closed_at=position.closed_at,
        held_seconds=seconds_between(position.opened_at, position.closed_at),
        profit=position.profit, costs=position.swap + position.commission + position.fee,
        net=position.net, currency=position.account.currency,
    )  # fmt: skip


def _story(position: Position) -> list[Step]:
    told = [*_told_of_decision(position), *_told_of_deals(position), *_told_of_awards(position)]
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
    told = [
        _Told(
            decision.alert.received_at, "Alert",
            f"Strategy {decision.strategy.name} asked to {decision.side} {decision.instrument}.",
        )
    ]  # fmt: skip
    if decision.decided_at is not None and decision.p_final is not None:
        text = f"Approved with a {chance(decision.p_final)} chance of a gain"
        risk = f", risking at most {decision.risk_bps} basis points of equity"
        told.append(_Told(decision.decided_at, "Decision", f"{text}{risk}."))
    return told


def _told_of_deals(position: Position) -> list[_Told]:
    deals = latest_deals(position)
    posted = dict(
        DealPosting.objects.filter(deal__in=deals, entry__isnull=False).values_list(
            "deal_id", "entry__recorded_at"
        )
    )
    currency = position.account.currency
    return [_told_of_deal(deal, currency, is_posted=deal.pk in posted) for deal in deals]


def latest_deals(position: Position) -> QuerySet[Deal]:
    """The deals of a position, each in its last revision."""
    newest = (
        Deal.objects.filter(account=position.account_id, position_ticket=position.position_ticket)
        .order_by("ticket", "-revision").distinct("ticket").values("id")
    )  # fmt: skip
    return Deal.objects.filter(id__in=newest).order_by("time_msc", "ticket")


def _told_of_deal(deal: Deal, currency: str, *, is_posted: bool) -> _Told:
    verb = {"in": "Opened", "out": "Closed", "out_by": "Closed", "inout": "Turned"}
    title = verb.get(deal.entry, "Booked")
    text = f"Broker's deal: {deal.kind} {plain_number(deal.volume_lots)} lots"
    text += f" at {plain_number(deal.price)}."
    costs = deal.swap + deal.commission + deal.fee
    ledger = "posted, lines sum to zero" if is_posted else "not posted yet"
    facts = [("Result", f"{signed(deal.profit)} {currency}")] if deal.profit else []
    facts += [("Costs", f"{signed(costs)} {currency}")] if costs else []
    return _Told(deal.at, title, text, (*facts, ("Ledger entry", ledger)))


def _told_of_awards(position: Position) -> list[_Told]:
    awards = PositionAward.objects.select_related("token", "rule").filter(
        position=position, fold_revision=position.fold_revision
    )
    currency = position.account.currency
    return [_told_of_award(one, currency) for one in awards.order_by("id")]


def _told_of_award(award: PositionAward, currency: str) -> _Told:
    title = policy.UNIT_TITLES.get(award.token.code, award.token.name)
    rule = ("Rule", f"version {award.rule.version}")
    if award.entry_id is None:
        return _Told(award.at, title, f"Nothing posted: {award.reason}.", (rule,))
    unit = currency if award.token.code == "DCT" else award.token.code
    amount = exact_number(award.amount)
    return _Told(award.at, title, f"Posted to the ledger: {amount} {unit}.", (rule,))
