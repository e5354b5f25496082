"""Strategies, their versioned policy, and their webhook secrets."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
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
from signals.models import Strategy, StrategyPolicy, StrategySecret
from signals.selectors.policies import (
    OF_POLICY,
    OF_STRATEGY,
    POLICY,
    policy_differences,
    policy_value,
)
from signals.services.policy_rules import learning_check, members_check, taught_check
from signals.services.policy_words import POLICY_RULES

SECRET_BYTES: Final = 24


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
def strategy_create(
    *, slug: str, name: str, actor: str, is_drill: bool = False, **policy: Any
) -> Strategy:
    """Create a strategy with the first version of its policy; `policy` holds any of `POLICY`.

    `is_drill`: it sends faults on purpose, and can never be traded. Raises StrategyExists,
    PolicyInvalid.
    """
    moment = now()
    first = StrategyPolicy(id=_policy_id_next(), version=1, valid_from=moment, actor=actor)
    strategy = Strategy(
        slug=slug,
        name=name,
        is_drill=is_drill,
        policy_id=first.id,
        created_at=moment,
        changed_at=moment,
    )
    _policy_set(strategy, first, policy)
    if Strategy.objects.filter(slug=slug).exists():
        raise StrategyExists(f"There is a strategy {slug} already.", slug=slug)
    _insert(strategy)
    first.strategy = strategy
    _insert(first)
    _record_policy(strategy, actor, {"name": name, "is_drill": is_drill, **policy})
    return strategy


@transaction.atomic
def strategy_policy_change(*, strategy_id: int, actor: str, **changes: Any) -> Strategy:
    """Append a version of the policy with these changes, and follow it. Decided things stay.

    The name is changed on the strategy itself. Either way its version rises and the change is
    recorded. Raises StrategyNotFound, PolicyInvalid.
    """
    strategy, moment = _strategy_lock(strategy_id), now()
    former = {part: policy_value(strategy, part) for part in changes if part in POLICY}
    following = _policy_following(strategy.policy, actor, moment)
    _policy_set(strategy, following, changes)
    if policy_differences(strategy.policy, following):
        _insert(following)
        strategy.policy = following
    strategy.version += 1
    strategy.changed_at = moment
    _save(strategy, update_fields=[*OF_STRATEGY, "policy", "version", "changed_at"])
    _record_policy(strategy, actor, changes, former)
    return strategy


@transaction.atomic
def strategy_switch(*, strategy_id: int, is_active: bool) -> bool:
    """Take entries, or refuse them where they are received; exits pass. False where it did so.

    Called by the place that owns the switches, which records who turned it: there is no other way.
    Raises StrategyNotFound.
    """
    strategy = _strategy_lock(strategy_id)
    if strategy.is_active == is_active:
        return False
    strategy.is_active, strategy.changed_at = is_active, now()
    strategy.version += 1
    _save(strategy, update_fields=["is_active", "version", "changed_at"])
    if is_active:
        # Entries were refused meanwhile, so nothing is overdue; the next alert counts from itself.
        strategy.expectations.filter(kind="trade").update(due_by=None)
    return True


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
        raise SecretNotFound(
            f"{strategy.slug} has no secret {secret_id} that still opens.",
            secret_id=secret_id,
            strategy=strategy.slug,
        )
    row = StrategySecret.objects.get(id=secret_id)
    _version_raise(strategy, moment)
    _record_key(names.KEY_REVOKED, strategy, row, actor)
    return row


def strategy_get(*, slug: str) -> Strategy:
    """Return the strategy or raise StrategyNotFound."""
    strategy = Strategy.objects.select_related("policy").filter(slug=slug).first()
    if strategy is None:
        known = ", ".join(Strategy.objects.values_list("slug", flat=True)[:20]) or "none yet"
        raise StrategyNotFound(f"There is no strategy {slug}. Known: {known}.", slug=slug)
    return strategy


def _strategy_lock(strategy_id: int) -> Strategy:
    # No key is touched, so alerts that arrive meanwhile do not wait for this lock.
    row = Strategy.objects.select_for_update(no_key=True).filter(id=strategy_id).first()
    if row is None:
        raise StrategyNotFound(strategy_id=strategy_id)
    return row


def _policy_id_next() -> int:
    """Strategy and policy name each other, so the first policy's number is taken before both."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('signals_strategypolicy', 'id'))")
        return int(cursor.fetchone()[0])


def _policy_following(former: StrategyPolicy, actor: str, moment: datetime) -> StrategyPolicy:
    """Return the next version, saying what the former one says, unsaved."""
    return StrategyPolicy(
        strategy_id=former.strategy_id,
        version=former.version + 1,
        valid_from=moment,
        actor=actor,
        **{part: getattr(former, part) for part in OF_POLICY},
    )


def _policy_set(strategy: Strategy, policy: StrategyPolicy, changes: dict[str, Any]) -> None:
    unknown = sorted(set(changes) - set(POLICY))
    if unknown:
        raise PolicyInvalid(f"There is no policy field {unknown[0]!r}.", field=unknown[0])
    _declarations_check(changes)
    for part, value in changes.items():
        setattr(strategy if part in OF_STRATEGY else policy, part, value)
    learning_check(policy, slug=strategy.slug)


def _declarations_check(changes: dict[str, Any]) -> None:
    """Refuse what an alert would stumble over only when it comes."""
    defaults, dialects = changes.get("defaults", {}), changes.get("dialects", [])
    if not isinstance(defaults, dict):
        raise PolicyInvalid("The defaults must be an object.", field="defaults")
    try:
        defaults_check(defaults)
    except Refused as error:
        raise PolicyInvalid(error.message, field="defaults") from error
    members_check(changes.get("members", {}))
    taught_check(changes.get("formats", []))
    if not isinstance(dialects, list) or not set(map(str, dialects)) <= set(DIALECT_NAMES):
        known = ", ".join(DIALECT_NAMES)
        raise PolicyInvalid(f"The dialects must be a list of: {known}.", field="dialects")


def _insert(row: Strategy | StrategyPolicy) -> None:
    _save(row, force_insert=True)


def _save(
    row: Strategy | StrategyPolicy,
    *,
    force_insert: bool = False,
    update_fields: Sequence[str] | None = None,
) -> None:
    try:
        # Foreign keys are ours, and the first policy's strategy comes before it.
        row.clean_fields(exclude=["id", "policy", "strategy"])
        with transaction.atomic():
            row.save(force_insert=force_insert, update_fields=update_fields)
    except ValidationError as error:
        told = {name: " ".join(words) for name, words in sorted(error.message_dict.items())}
        words = "; ".join(f"{name}: {one}" for name, one in told.items())
        raise PolicyInvalid(words, fields=list(told)) from error
    except IntegrityError as error:
        constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
        if constraint == "signals_strategy_slug":
            slug = getattr(row, "slug", "")
            raise StrategyExists(f"There is a strategy {slug} already.", slug=slug) from error
        words = POLICY_RULES.get(constraint, f"The policy breaks the rule {constraint}.")
        raise PolicyInvalid(words, rule=constraint) from error
    row.refresh_from_db()


def _version_raise(strategy: Strategy, moment: datetime) -> None:
    Strategy.objects.filter(id=strategy.id).update(version=F("version") + 1, changed_at=moment)


def _record_policy(
    strategy: Strategy,
    actor: str,
    changes: dict[str, Any],
    former: dict[str, Any] | None = None,
) -> None:
    """`former`: what each of the changed parts said before; nothing of a strategy that is new."""
    detail = {
        "slug": strategy.slug,
        "version": strategy.policy.version,
        "changes": {name: _plain(value) for name, value in changes.items()},
        "former": {name: _plain(value) for name, value in (former or {}).items()},
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
