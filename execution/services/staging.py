"""Staging: an approved decision becomes one order on each account that follows the strategy.

An entry is judged and sized here under the account's row lock; staging may shrink, never exceed.
"""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from execution.models import BrokerAccount, Order, Subscription
from execution.risk.facts import EntryFacts
from execution.risk.planning import EntryPrices
from execution.risk.rules import Moment
from execution.rules.minors import needs_minor
from execution.rules.prices import DISTANCES, fixed_distance
from execution.rules.sizing import Sized
from execution.rules.trades import CANCEL_VERBS, EXIT_VERBS
from execution.selectors.entry_facts import EntryAsked, entry_facts
from execution.selectors.previews import (
    EntryPreview,
    entry_preview,
    lots_shown,
    preview_content,
)
from execution.selectors.trades import is_reversal_entry
from execution.services.accounts import account_lock
from execution.services.amends import amend_stage
from execution.services.doubts import sheet_doubt_report
from execution.services.exits import cancel_stage, exit_stage
from execution.services.orders import order_event
from execution.services.refusals import order_refuse
from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.registry import NotYet
from fusion_project.events.subjects import subject_of
from fusion_project.text.actors import actor_of_handler
from signals.intents.legs import Leg
from signals.models import Decision
from signals.services.previews import preview_attach

ACTOR = actor_of_handler("execution.stage_orders")


@transaction.atomic
def decision_stage(*, decision_id: int) -> list[Order]:
    """Do on every account what the approved decision asks for; the same call again adds nothing."""
    decision = Decision.objects.select_related("strategy__policy", "alert").get(id=decision_id)
    if decision.state != "approved":
        return []
    if decision.verb == "entry":
        return _entry_stage(decision)
    if decision.verb in EXIT_VERBS:
        return exit_stage(decision=decision, actor=ACTOR)
    if decision.verb in CANCEL_VERBS:
        return cancel_stage(decision=decision, actor=ACTOR)
    return amend_stage(decision=decision, actor=ACTOR)


def _entry_stage(decision: Decision) -> list[Order]:
    """Judge the entry on every account, each under its lock, and write what comes of it.

    What people approved binds it; an automatic decision gets its preview here, before its orders.
    """
    followers = Subscription.objects.filter(strategy_id=decision.strategy_id, is_active=True)
    accounts = followers.order_by("account_id").values_list("account_id", flat=True)
    shown = lots_shown(decision)
    judged = [_judge(decision, account_id, shown) for account_id in accounts]
    if shown is None:
        preview_attach(decision_id=decision.id, content=preview_content(judged))
    orders = []
    for one in judged:
        if _is_there(decision, one.account):
            continue
        if one.judgement.may_pass:
            _await(decision, one)
        else:
            orders.append(_write(decision, one))
    return orders


@transaction.atomic
def entry_stage_awaited(*, decision_id: int, account_id: int, awaited: str) -> Order | None:
    """Stage an entry on the account where a reason that passes stood in the way, or say why not.

    Raises NotYet while such a reason stands and the decision lives. `awaited`: the first of them,
    which is told with the refusal. None where there is nothing to do any more.
    """
    decision = Decision.objects.select_related("strategy__policy", "alert").get(id=decision_id)
    following = Subscription.objects.filter(
        strategy_id=decision.strategy_id, account_id=account_id, is_active=True
    )
    if decision.state != "approved" or not following.exists():
        return None
    judged = _judge(decision, account_id, lots_shown(decision))
    if _is_there(decision, judged.account):
        return None
    if judged.judgement.may_pass:
        raise NotYet(f"account {judged.account.name}: {judged.judgement.refusal}")
    return _write(decision, judged, awaited)


def _await(decision: Decision, judged: EntryPreview) -> None:
    record(
        names.ORDER_AWAITED,
        subject=subject_of(Decision, decision.id),
        trace_id=decision.trace_id,
        actor=ACTOR,
        detail={
            "account_id": judged.account.id,
            "reason": judged.judgement.refusal,
            "words": judged.judgement.words,
        },
    )


def _judge(
    decision: Decision, account_id: int, shown: Mapping[int, Decimal] | None
) -> EntryPreview:
    asked = EntryAsked(
        decision=decision,
        account=account_lock(account_id),
        grade=decision.alert.grade,
        env=decision.alert.env,
        waits_for_flat=is_reversal_entry(decision),
        shown="" if shown is None else shown.get(account_id),
    )
    (facts,) = entry_facts([asked], at=now())
    return entry_preview(asked.account, facts, Moment.STAGING)


def _is_there(decision: Decision, account: BrokerAccount) -> bool:
    return Order.objects.filter(decision=decision, account=account, position_ticket=0).exists()


def _write(decision: Decision, judged: EntryPreview, awaited: str = "") -> Order:
    judgement, symbol = judged.judgement, judged.facts.symbol
    if judgement.refusal == "sheet_in_doubt" and symbol is not None:
        sheet_doubt_report(
            account=judged.account, broker_symbol=symbol.broker_symbol, words=judgement.words
        )
    if judged.prices is None or judged.size is None or judgement.refusal:
        return order_refuse(
            decision=decision,
            account=judged.account,
            reason=judgement.refusal,
            message=judgement.words or (f"it waited: {awaited}" if awaited else ""),
            actor=ACTOR,
        )
    return _entry_write(decision, judged.account, judged.facts, judged.prices, judged.size)


def _entry_write(
    decision: Decision,
    account: BrokerAccount,
    facts: EntryFacts,
    prices: EntryPrices,
    size: Sized,
) -> Order:
    terms = _terms(facts, account.id, decision)
    order = Order.objects.create(
        decision=decision,
        account=account,
        strategy_id=decision.strategy_id,
        instrument=decision.instrument,
        broker_symbol=facts.symbol.broker_symbol if facts.symbol else "",
        trace_id=decision.trace_id,
        trade_ref=decision.trade_ref,
        verb="entry",
        side=decision.side,
        order_type=facts.leg.order_type,
        volume_lots=size.lots,
        **_levels(facts.leg, prices),
        sl=prices.sl,
        tp=prices.tp,
        ref_price=prices.asked,
        risk_money=size.risk_money,
        **terms,
        needs_minor=needs_minor(terms),
        waits_for_flat=facts.waits_for_flat,
        valid_until=decision.valid_until,
        staged_at=facts.at,
    )
    order_event(order, actor=ACTOR, has_stop=order.has_stop)
    return order


def _levels(leg: Leg, prices: EntryPrices) -> dict[str, Decimal | None]:
    """Where it rests: by its own prices, or so far from the market as its plan says."""
    if leg.plan is None or leg.plan.entry_distance is None:
        return {"limit_price": leg.limit_price, "stop_price": leg.stop_price}
    return {f"{leg.order_type}_price": prices.level}


def _spread_points(facts: EntryFacts, of_account: int | None) -> int | None:
    """The smaller of what the plan and the account take, in whole points."""
    plan, symbol = facts.leg.plan, facts.symbol
    if plan is None or plan.spread is None or symbol is None or symbol.scale is None:
        return of_account
    spread = fixed_distance(plan.spread.kind, plan.spread.value, symbol.scale)
    points = int(spread / symbol.scale.point)
    return points if of_account is None else min(points, of_account)


def _planned(facts: EntryFacts, decision: Decision) -> dict[str, Any]:
    """What an executor does after the fill, and before which moment nobody gets the order."""
    plan = facts.leg.plan
    if plan is None:
        return {}
    told = plan.carried_out
    delay = plan.delay
    return {
        "plan": "" if told is None else told.to_json(),
        "not_before": delay and decision.created_at + timedelta(seconds=delay.seconds),
    }


def _terms(facts: EntryFacts, account_id: int, decision: Decision) -> dict[str, Any]:
    """How long it lives, what it may cost beyond the price, and what counts from the fill."""
    leg = facts.leg
    rests = leg.order_type != "market"
    following = Subscription.objects.get(account_id=account_id, strategy_id=decision.strategy_id)
    terms: dict[str, Any] = {
        # A market order does not rest: its time is over with `valid_until`.
        "tif": leg.tif if rests != leg.tif_is_at_once else "",
        "good_until": leg.good_until if rests else None,
        "deviation_points": None if rests else following.deviation_points,
        "spread_points_max": _spread_points(facts, following.spread_points_max),
        **_planned(facts, decision),
    }
    for name, target in (("sl", leg.sl), ("tp", leg.tp)):
        if target is not None and target.kind in DISTANCES:
            terms |= {f"{name}_distance": target.value, f"{name}_unit": target.kind}
    return terms
