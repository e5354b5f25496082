"""Intake: store one delivery with everything that follows from it, in one round trip."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from fusion_project.events import names
from fusion_project.events.doorbell import ring_on_commit
from fusion_project.events.registry import handlers_of
from fusion_project.text.canonical import canonical_json_of_texts
from signals.dialects.base import Reading
from signals.intake.duplicates import carries_identity, intent_key
from signals.intake.peers import limit_key
from signals.intake.provenance import FRESH, grade_of, provenance_text
from signals.intents.legs import Leg
from signals.intents.symbols import instrument_of

SAMPLE_BYTES_MAX: Final = 1024
_ALWAYS_HANDLED: Final = (names.ALERT_RECEIVED, names.ALERT_REFUSED)
_LOWERING_HANDLED: Final = (names.DECISION_APPROVED, names.DECISION_SUPERSEDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFacts:
    """One authenticated HTTP try. `body` has its credentials blanked, the hash does not."""

    strategy_id: int
    secret_id: int | None
    body: bytes
    body_sha256: str
    content_type: str
    peer: str
    factors: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a delivery. `verdict`: accepted, duplicate, refused, unreadable or outdated.

    Outdated: the strategy changed meanwhile and nothing was stored; look it up and try again.
    """

    verdict: str
    rule: str
    delivery_id: int | None
    alert_id: int | None
    trace_id: str | None


def body_sha256(raw: bytes) -> str:
    """Return the hash that the same-bytes rule compares."""
    return hashlib.sha256(raw).hexdigest()


def alert_accept(
    *,
    facts: DeliveryFacts,
    strategy_version: int,
    reading: Reading,
    has_identity: bool | None = None,
) -> Receipt:
    """Store a readable alert: delivery, duplicate rules, alert, decisions of its legs, events.

    `has_identity`: whether its bytes hold an id or a time, where the reading has them from headers.
    """
    intent, form = reading.intent, reading.intent.to_dict()
    handled = _ALWAYS_HANDLED + (_LOWERING_HANDLED if intent.lowers_risk else ())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT verdict, rule, delivery_id, alert_id, trace_id FROM signals_accept(ROW("
            "%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s"
            ")::signals_delivery_in)",
            [
                facts.strategy_id,
                strategy_version,
                facts.secret_id,
                facts.body,
                facts.body_sha256,
                facts.content_type,
                facts.peer,
                provenance_text(facts.factors),
                grade_of(facts.factors | {FRESH}),
                grade_of(facts.factors),
                reading.dialect,
                canonical_json_of_texts(form),
                intent_key(intent, id_is_deterministic=reading.id_is_deterministic),
                _carries_identity(reading, has_identity),
                reading.signalled_at,
                reading.sent_at,
                _legs_json(intent.legs, form["legs"]),
                canonical_json_of_texts({name: handlers_of(name) for name in handled}),
                reading.entry_rule,
                reading.id_is_unique,
            ],
        )
        receipt = Receipt(*cursor.fetchone())
    if receipt.verdict == "accepted":
        _ring(names.ALERT_RECEIVED)
        if intent.lowers_risk:
            _ring(*_LOWERING_HANDLED)
    elif receipt.verdict == "refused":
        _ring(names.ALERT_REFUSED)
    return receipt


def delivery_refuse(
    *, facts: DeliveryFacts, code: str, detail: str, lowers_risk: bool | None = None
) -> Receipt:
    """Keep an authenticated delivery that cannot be read, with the reason.

    `lowers_risk`: whether it asked for less risk, None where nobody knows.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT delivery_id, trace_id FROM signals_refuse("
            "%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                facts.strategy_id,
                facts.secret_id,
                facts.body,
                facts.body_sha256,
                facts.content_type,
                facts.peer,
                provenance_text(facts.factors),
                grade_of(facts.factors),
                code,
                _plain(detail),
                lowers_risk,
                handlers_of(names.ALERT_REFUSED),
            ],
        )
        delivery_id, trace_id = cursor.fetchone()
    _ring(names.ALERT_REFUSED)
    return Receipt("unreadable", code, delivery_id, None, trace_id)


def unknown_caller_count(
    *, body_start: bytes, size_bytes: int, content_type: str, peer: str, count: int, limit: int
) -> int:
    """Count `count` requests without a valid secret; return how many seconds the peer must wait.

    0 where the peer is within its limit a minute. The first hundred of a minute leave 1 KiB each.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT signals_unknown_caller(%s, %s, %s, %s, %s, %s, %s)",
            [
                body_start[:SAMPLE_BYTES_MAX],
                size_bytes,
                content_type,
                peer,
                f"hook:{limit_key(peer)}",
                count,
                limit,
            ],
        )
        return int(cursor.fetchone()[0])


def _carries_identity(reading: Reading, told: bool | None) -> bool:
    return carries_identity(reading.intent, reading.sent_at) if told is None else told


def _plain(text: str) -> str:
    """Postgres text knows neither NUL nor half a surrogate pair."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def _legs_json(legs: Iterable[Leg], forms: Iterable[dict[str, Any]]) -> str:
    rows = [_leg_row(leg, form) for leg, form in zip(legs, forms, strict=True)]
    return canonical_json_of_texts(rows)


def _leg_row(leg: Leg, form: dict[str, Any]) -> dict[str, str]:
    return {
        "event": leg.verb,
        "side": leg.side,
        "instrument": instrument_of(leg.symbol_raw) if leg.symbol_raw else "",
        "leg": canonical_json_of_texts(form),
    }


def _ring(*event_names: str) -> None:
    for name in event_names:
        ring_on_commit(handlers_of(name))
