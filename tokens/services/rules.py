"""Changing a token's rule: a further version, valid from now on or later."""

from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max

from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from tokens.errors import RuleBackdated, TokenUnknown
from tokens.models import RuleVersion, Token
from tokens.rules.earning import parameters_check


@transaction.atomic
def rule_publish(
    *, token_code: str, parameters: Mapping[str, object], valid_from: datetime, actor: str
) -> RuleVersion:
    """Store the next version of a token's rule and record it.

    Raises TokenUnknown, RuleParametersInvalid, RuleBackdated.
    """
    _turn_take(token_code)
    token = Token.objects.filter(code=token_code).first()
    if token is None:
        raise TokenUnknown(f"no token {token_code}")
    parameters_check(token_code, parameters)
    moment = now()
    if valid_from < moment:
        raise RuleBackdated(f"expected a time from now on, was {valid_from.isoformat()}")
    last = token.rules.aggregate(last=Max("version"))["last"] or 0
    rule = RuleVersion.objects.create(
        token=token,
        version=last + 1,
        parameters=dict(parameters),
        valid_from=valid_from,
        recorded_at=moment,
        recorded_by=actor,
    )
    record(
        names.POLICY_CHANGED,
        subject=subject_of(RuleVersion, rule.pk),
        trace_id="",
        actor=actor,
        detail={"token": token_code, "version": rule.version, "valid_from": valid_from},
    )
    return rule


def _turn_take(token_code: str) -> None:
    """Versions of one rule are numbered without a gap or a clash; tokens never change."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"tokens.rule:{token_code}"]
        )
