"""Strategies, their versioned policy, and their webhook secrets."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Value
from django.db.models.functions import Least

from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from signals.dialects.base import Refused
from signals.dialects.defaults import defaults_check
from signals.dialects.registry import DIALECT_NAMES
from signals.errors import PolicyInvalid, SecretNotFound, StrategyExists, StrategyNotFound
from signals.intake.signatures import key_text, signing_key
from signals.models import Strategy, StrategySecret

SECRET_BYTES: Final = 24
POLICY: Final = (
    "name",
    "is_active",
    "defaults",
    "dialects",
    "approval",
    "review_seconds",
    "entry_seconds",
    "stale_seconds",
    "entries_per_minute_max",
    "live_grade_min",
    "risk_bps",
    "prior_p",
    "prior_strength",
    "payoff_r",
    "cost_r",
    "margin_r",
)


@dataclass(frozen=True, slots=True)
class IssuedSecret:
    """A new secret, told once: only its hash is stored. `path` is the webhook's path.

    `signing_key` is for senders that sign their headers per Standard Webhooks; see `signatures`.
    """

    id: int
    secret: str
    path: str
    signing_key: str


@transaction.atomic
def strategy_create(*, slug: str, name: str, actor: str, **policy: Any) -> Strategy:
    """Create a strategy; `policy` holds any of `POLICY`. Raises StrategyExists, PolicyInvalid."""
    moment = now()
    strategy = Strategy(slug=slug, name=name, created_at=moment, changed_at=moment)
    _policy_set(strategy, policy)
    if Strategy.objects.filter(slug=slug).exists():
        raise StrategyExists(slug=slug)
    _saved(strategy)
    _record_policy(strategy, actor, {"name": name, **policy})
    return strategy


@transaction.atomic
def strategy_policy_change(*, strategy_id: int, actor: str, **changes: Any) -> Strategy:
    """Change the policy; the version rises and the change is recorded. Decided things stay."""
    strategy = _strategy_lock(strategy_id)
    was_active = strategy.is_active
    _policy_set(strategy, changes)
    strategy.version += 1
    strategy.changed_at = now()
    _saved(strategy)
    if strategy.is_active and not was_active:
        # Entries were refused meanwhile, so nothing is overdue; the next alert counts from itself.
        strategy.expectations.filter(kind="trade").update(due_by=None)
    _record_policy(strategy, actor, changes)
    return strategy


@transaction.atomic
def strategy_secret_issue(
    *, strategy_id: int, actor: str, label: str = "", valid_seconds: int | None = None
) -> IssuedSecret:
    """Issue a further webhook secret of 192 random bits. Others stay valid until revoked."""
    strategy = _strategy_lock(strategy_id)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    moment = now()
    row = StrategySecret.objects.create(
        strategy=strategy,
        label=label,
        sha256=hashlib.sha256(secret.encode()).hexdigest(),
        valid_from=moment,
        valid_until=None if valid_seconds is None else moment + timedelta(seconds=valid_seconds),
        created_at=moment,
    )
    _version_raise(strategy, moment)
    _record_key(names.KEY_ISSUED, strategy, row, actor)
    path = f"/hooks/tradingview/{strategy.slug}/{secret}"
    return IssuedSecret(
        row.id, secret, path, key_text(signing_key(settings.SECRET_KEY, row.sha256))
    )


@transaction.atomic
def strategy_secret_revoke(
    *, strategy_id: int, secret_id: int, actor: str, after_seconds: int = 0
) -> StrategySecret:
    """End a secret now, or after an overlap; an earlier end stays.

    Raises SecretNotFound where it has ended before.
    """
    strategy = _strategy_lock(strategy_id)
    moment = now()
    end = moment + timedelta(seconds=after_seconds)
    live = StrategySecret.objects.filter(id=secret_id, strategy=strategy).exclude(
        valid_until__lte=moment
    )
    if live.update(valid_until=Least("valid_until", Value(end))) != 1:
        raise SecretNotFound(secret_id=secret_id, strategy=strategy.slug)
    row = StrategySecret.objects.get(id=secret_id)
    _version_raise(strategy, moment)
    _record_key(names.KEY_REVOKED, strategy, row, actor)
    return row


def strategy_get(*, slug: str) -> Strategy:
    """Return the strategy or raise StrategyNotFound."""
    strategy = Strategy.objects.filter(slug=slug).first()
    if strategy is None:
        raise StrategyNotFound(slug=slug)
    return strategy


def _strategy_lock(strategy_id: int) -> Strategy:
    # No key is touched, so alerts that arrive meanwhile do not wait for this lock.
    row = Strategy.objects.select_for_update(no_key=True).filter(id=strategy_id).first()
    if row is None:
        raise StrategyNotFound(strategy_id=strategy_id)
    return row


def _policy_set(strategy: Strategy, changes: dict[str, Any]) -> None:
    unknown = sorted(set(changes) - set(POLICY))
    if unknown:
        raise PolicyInvalid(f"There is no policy field {unknown[0]!r}.", field=unknown[0])
    _declarations_check(changes)
    for name, value in changes.items():
        setattr(strategy, name, value)


def _declarations_check(changes: dict[str, Any]) -> None:
    """Refuse what an alert would stumble over only when it comes."""
    defaults, dialects = changes.get("defaults", {}), changes.get("dialects", [])
    if not isinstance(defaults, dict):
        raise PolicyInvalid("The defaults must be an object.", field="defaults")
    try:
        defaults_check(defaults)
    except Refused as error:
        raise PolicyInvalid(error.message, field="defaults") from error
    if not isinstance(dialects, list) or not set(map(str, dialects)) <= set(DIALECT_NAMES):
        known = ", ".join(DIALECT_NAMES)
        raise PolicyInvalid(f"The dialects must be a list of: {known}.", field="dialects")


def _saved(strategy: Strategy) -> None:
    try:
        strategy.clean_fields(exclude=["id"])
        with transaction.atomic():
            strategy.save()
    except ValidationError as error:
        raise PolicyInvalid("; ".join(error.messages), fields=sorted(error.message_dict)) from error
    except IntegrityError as error:
        constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
        if constraint == "signals_strategy_slug":
            raise StrategyExists(slug=strategy.slug) from error
        raise PolicyInvalid(f"The policy breaks the rule {constraint}.", rule=constraint) from error
    strategy.refresh_from_db()


def _version_raise(strategy: Strategy, moment: datetime) -> None:
    Strategy.objects.filter(id=strategy.id).update(version=F("version") + 1, changed_at=moment)


def _record_policy(strategy: Strategy, actor: str, changes: dict[str, Any]) -> None:
    detail = {
        "slug": strategy.slug,
        "version": strategy.version,
        "changes": {name: _plain(value) for name, value in changes.items()},
    }
    subject = subject_of(Strategy, strategy.id)
    record(names.POLICY_CHANGED, subject=subject, trace_id="", actor=actor, detail=detail)


def _record_key(name: str, strategy: Strategy, row: StrategySecret, actor: str) -> None:
    detail: dict[str, object] = {
        "label": row.label,
        "strategy": strategy.slug,
        "valid_until": row.valid_until,
    }
    subject = subject_of(StrategySecret, row.id)
    record(name, subject=subject, trace_id="", actor=actor, detail=detail)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, float | Decimal) else value
