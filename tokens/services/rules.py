"""Changing a token's rule: a further version, from now on or later, as two people want it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import Max

from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from fusion_project.second_person.models import Payload, Request
from fusion_project.second_person.services import request_ask
from tokens.errors import RuleBackdated, TokenUnknown
from tokens.models import RuleVersion, Token
from tokens.rules.earning import SHARES, parameters_check
from tokens.rules.posting import DCT
from treasury.models import HOUSE
from treasury.selectors.policies import policy_get
from treasury.services.policies import version_store

RULE_CHANGE: Final = "rule.change"


def rule_ask(
    *,
    token_code: str,
    parameters: Mapping[str, object],
    valid_from: datetime | None,
    reason: str,
    actor: str,
) -> Request:
    """Ask a second person for the next version of a token's rule.

    `valid_from` None: as soon as it is confirmed. Raises as `rule_check` and `request_ask`.
    """
    payload = {
        "token": token_code,
        "parameters": dict(parameters),
        "valid_from": valid_from.isoformat() if valid_from else None,
    }
    subject = f"rule of {token_code}"
    return request_ask(
        kind=RULE_CHANGE, subject=subject, payload=payload, reason=reason, actor=actor
    )


def rule_check(payload: Payload) -> None:
    """Raises TokenUnknown, RuleParametersInvalid, RuleBackdated."""
    code, valid_from = payload["token"], _valid_from(payload)
    if not Token.objects.filter(code=code).exists():
        raise TokenUnknown(f"no token {code}")
    parameters_check(code, payload["parameters"])
    if valid_from is not None and valid_from < now():
        raise RuleBackdated(f"expected a time from now on, was {valid_from.isoformat()}")


def rule_words(payload: Payload) -> str:
    """In one sentence what will hold and what held before."""
    wanted = payload["parameters"]
    newest = RuleVersion.objects.filter(token__code=payload["token"]).order_by("-version").first()
    held = newest.parameters if newest else {}
    told = [
        f"{name} {value}" + ("" if held.get(name) == value else f" (was {held.get(name)})")
        for name, value in sorted(wanted.items())
    ]
    since = payload["valid_from"] or "its confirmation"
    return f"The rule of {payload['token']} from {since} on: {', '.join(told)}."


@transaction.atomic
def rule_publish(payload: Payload, request: Request) -> RuleVersion:
    """Store the version of a token's rule that two people want, and record it.

    Raises as `rule_check`; the table refuses what the request does not ask for.
    """
    _turn_take(payload["token"])
    rule_check(payload)
    token = Token.objects.get(code=payload["token"])
    moment = now()
    last = token.rules.aggregate(last=Max("version"))["last"] or 0
    rule = RuleVersion.objects.create(
        token=token,
        version=last + 1,
        parameters=payload["parameters"],
        valid_from=_valid_from(payload) or moment,
        recorded_at=moment,
        recorded_by=request.requester,
        request=request,
    )
    if token.code == DCT:
        _house_follows(rule, request)
    record(
        names.POLICY_CHANGED,
        subject=subject_of(RuleVersion, rule.pk),
        trace_id="",
        actor=request.requester,
        detail={"token": token.code, "version": rule.version, "valid_from": rule.valid_from},
    )
    return rule


def _house_follows(rule: RuleVersion, request: Request) -> None:
    """The rule of DCT is how the house's results are split, in distributions too."""
    version_store(
        policy=policy_get(HOUSE),
        bps={share: rule.parameters[f"{share}_bps"] for share in SHARES},
        valid_from=rule.valid_from,
        request=request,
    )


def rule_carry_out(payload: Payload, request: Request) -> str:
    """Publish it."""
    return f"version {rule_publish(payload, request).version} is stored"


def _valid_from(payload: Payload) -> datetime | None:
    told = payload["valid_from"]
    return datetime.fromisoformat(told) if told else None


def _turn_take(token_code: str) -> None:
    """Versions of one rule are numbered without a gap or a clash; tokens never change."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"tokens.rule:{token_code}"]
        )
