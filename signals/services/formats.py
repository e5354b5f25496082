"""Formats that a strategy's people teach: kept in its policy, tried by their own examples."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from signals.dialects.format_checks import FormatWrong, form_check
from signals.dialects.registry import stored_body
from signals.dialects.taught import TaughtFormat, format_of
from signals.errors import PolicyInvalid
from signals.intake.parsing import Unreadable, read_content
from signals.models import Strategy
from signals.services.settling import strategy_locked
from signals.services.strategies import strategy_policy_change


@transaction.atomic
def format_teach(*, slug: str, document: Any, actor: str) -> Strategy:
    """Keep a format by a new version of the policy; one of the same name is followed by it.

    What its former examples asked for they must ask for still; credentials in them are blanked.
    Raises StrategyNotFound, PolicyInvalid.
    """
    strategy = strategy_locked(slug)
    document = _blanked(strategy, document)
    name = document["name"]
    former = next((one for one in strategy.policy.formats if one["name"] == name), None)
    if former is not None:
        _check_kept(former["examples"], document.get("examples"))
    others = [one for one in strategy.policy.formats if one["name"] != name]
    formats = [*others, document]
    return strategy_policy_change(strategy_id=strategy.pk, actor=actor, formats=formats)


@transaction.atomic
def format_forget(*, slug: str, name: str, actor: str) -> Strategy:
    """Leave a format: its messages are read by the dialects again.

    Raises StrategyNotFound, PolicyInvalid.
    """
    strategy = strategy_locked(slug)
    formats = [one for one in strategy.policy.formats if one["name"] != name]
    if len(formats) == len(strategy.policy.formats):
        raise PolicyInvalid(f"There is no format {name!r}.", field="formats")
    return strategy_policy_change(strategy_id=strategy.pk, actor=actor, formats=formats)


def _blanked(strategy: Strategy, document: Any) -> dict[str, Any]:
    """The document with its examples as a delivery would be kept."""
    try:
        form_check(document)
    except FormatWrong as error:
        raise PolicyInvalid(str(error), field="formats") from error
    own = format_of(document)
    digests = list(strategy.secrets.values_list("sha256", flat=True))
    examples = [
        {**one, "body": _body_blanked(one["body"], own, digests)} for one in document["examples"]
    ]
    return {**document, "examples": examples}


def _body_blanked(body: str, own: TaughtFormat, digests: list[str]) -> str:
    raw = body.encode("utf-8", "surrogatepass")
    try:
        content = read_content(raw)
    except Unreadable:
        content = None
    kept = stored_body(raw, content, (), digests=digests, formats=[own])
    return kept.decode("utf-8", "surrogatepass")


def _check_kept(former: list[dict[str, str]], examples: list[dict[str, str]]) -> None:
    gone = next((one for one in former if one not in examples), None)
    if gone is not None:
        words = f"The example {gone['body'][:60]!r} must stay and ask for {gone['asks']}."
        raise PolicyInvalid(words, field="formats")
