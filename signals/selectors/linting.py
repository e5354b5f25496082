"""What the intake already knows of a message: the former alert it would be a duplicate of."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Final

from django.db import connection
from django.db.models import QuerySet

from signals.dialects.base import Reading
from signals.dialects.settled import settled_of
from signals.dialects.taught import format_of
from signals.intake.duplicates import carries_identity, intent_key
from signals.intents.intent import Intent
from signals.intents.symbols import instrument_of
from signals.lint.judging import LintPolicy
from signals.models import Alert, Decision, Delivery, Strategy
from signals.selectors.strategies import outlook_of

BYTES_WINDOW: Final = timedelta(seconds=30)
RATE_WINDOW: Final = timedelta(minutes=1)


def alert_known(
    *, strategy_id: int, body_sha256: str, reading: Reading, at: datetime
) -> tuple[str, Alert] | None:
    """Return the rule and the earlier alert, in the order of `signals_accept`, or None."""
    alerts = Alert.objects.filter(strategy_id=strategy_id, received_at__lt=at).order_by("-id")
    recent = alerts
    if not carries_identity(reading.intent, reading.sent_at):
        recent = alerts.filter(received_at__gt=at - BYTES_WINDOW)
    rule, found = "same_bytes", recent.filter(body_sha256=body_sha256).first()
    if found is None and reading.intent.sender_id is not None and not reading.id_is_unique:
        rule, found = "same_id", _named_alike(recent, reading)
    if found and not (reading.sent_at is None and _entry_since(reading, found)):
        return rule, found
    return _stored_alike(alerts, reading)


def _named_alike(alerts: QuerySet[Alert], reading: Reading) -> Alert | None:
    """The alert with the same id, which others may bear too, content and time of sending."""
    intent = reading.intent
    for one in alerts.filter(sender_id=intent.sender_id, intent=intent.to_json()):
        kept = Delivery.objects.filter(id=one.delivery_id, received_at=one.received_at).first()
        if kept is not None and kept.sent_at == reading.sent_at:
            return one
    return None


def _stored_alike(alerts: QuerySet[Alert], reading: Reading) -> tuple[str, Alert] | None:
    """The alert that the table holds in place of this one."""
    intent = reading.intent
    if intent.sender_id is not None and reading.id_is_unique:
        found = alerts.filter(sender_id=intent.sender_id, id_is_unique=True).first()
        if found:
            return ("same_id" if found.intent == intent.to_json() else "id_conflict"), found
    key = intent_key(intent, id_is_deterministic=reading.id_is_deterministic)
    found = alerts.filter(intent_key=key).first() if key is not None else None
    if found and (entry := _entry_since(reading, found)):
        anew = hashlib.sha256(f"{key}:{entry}".encode()).hexdigest()
        found = alerts.filter(intent_key=anew).first()
    return ("same_intent", found) if found else None


def _entry_since(reading: Reading, found: Alert) -> int | None:
    """The alert of the newest entry since: after it, what lowers risk is asked for anew."""
    if not reading.intent.lowers_risk:
        return None
    entries = Decision.objects.filter(strategy_id=found.strategy_id, verb="entry")
    newest = entries.filter(alert_id__gt=found.pk).order_by("-alert_id")
    return newest.values_list("alert_id", flat=True).first()


def lint_policy_of(strategy: Strategy) -> LintPolicy:
    """Return what of the strategy the judgement of a message depends on."""
    policy = strategy.policy
    return LintPolicy(
        slug=strategy.slug,
        defaults=policy.defaults,
        dialects=policy.dialects,
        settled=settled_of(policy.members),
        formats=tuple(format_of(one) for one in policy.formats),
        stale_seconds=policy.stale_seconds,
        stop_is_required=policy.stop_is_required,
        outlook=outlook_of(strategy),
    )


def entry_rule_now(*, strategy: Strategy, reading: Reading, at: datetime) -> str:
    """Return the rule about the strategy's state that refuses the entry, or ''.

    Rules about the message's own times stand between these two kinds: `signals.lint.judging`.
    """
    intent = reading.intent
    if not intent.has_entry:
        return ""
    if not strategy.is_active:
        return "strategy_inactive"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT signals_trade_is_closed(%s, %s, %s, %s)",
            [
                strategy.id,
                intent.trade_ref or "",
                intent.bar_time,
                reading.sent_at or reading.signalled_at,
            ],
        )
        (is_closed,) = cursor.fetchone()
    if is_closed:
        return "trade_closed_already"
    recent = Decision.objects.filter(
        strategy=strategy, verb="entry", created_at__gt=at - RATE_WINDOW, created_at__lt=at
    )
    return "rate_limited" if recent.count() >= strategy.policy.entries_per_minute_max else ""


def target_find(*, strategy_id: int, intent: Intent, leg_no: int) -> tuple[str, str]:
    """Return the scope of a leg that opens nothing and the trace of the trade meant, or ''."""
    leg = intent.legs[leg_no]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT scope, target_trace_id FROM signals_target(%s, %s, %s, %s, %s, %s, %s)",
            [
                strategy_id,
                intent.trade_ref or "",
                intent.ref_id or "",
                instrument_of(leg.symbol_raw) if leg.symbol_raw else "",
                leg.side,
                leg.verb,
                any(later.is_entry for later in intent.legs[leg_no + 1 :]),
            ],
        )
        scope, target_trace_id = cursor.fetchone()
    return scope, target_trace_id
