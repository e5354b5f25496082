"""What approving an entry would order on each account: the judgement of staging, asked before.

From the account's last heartbeat and without its lock; staging judges and counts again. Kept with
the decision (`preview_content`), it binds what may be ordered of it.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from execution.models import BrokerAccount, Subscription
from execution.risk.facts import EntryFacts
from execution.risk.planning import EntryPrices, entry_prices, entry_size
from execution.risk.rules import Judgement, Moment, judge
from execution.rules.prices import PriceRefused
from execution.rules.sizing import SIZE_CUT_REASONS, Sized
from execution.selectors.entry_facts import EntryAsked, entry_facts
from execution.selectors.trades import is_reversal_entry
from fusion_project.events.clock import now
from signals.models import Decision, Preview


@dataclass(frozen=True, slots=True)
class EntryPreview:
    """One account's judgement; prices are None where it refuses.

    So is the size, but where the size itself is refused: then it is 0 and tells what cut it.
    """

    account: BrokerAccount
    facts: EntryFacts
    judgement: Judgement
    prices: EntryPrices | None = None
    size: Sized | None = None


def entry_previews(decision: Decision) -> list[EntryPreview]:
    """One preview for each account that follows the decision's strategy, in order of names."""
    alert = decision.alert
    return entry_previews_unsent(
        decision, grade=alert.grade, env=alert.env, is_reversal=is_reversal_entry(decision)
    )


def entry_previews_unsent(
    decision: Decision, *, grade: str, env: str, is_reversal: bool
) -> list[EntryPreview]:
    """As `entry_previews`, for a decision that is in no table.

    `grade` and `env` are '' where they are not known; `is_reversal` tells that a leg before it
    closes something.
    """
    kept = lots_kept(decision) if decision.pk else None
    asked = [
        EntryAsked(
            decision,
            account,
            grade=grade,
            env=env,
            waits_for_flat=is_reversal,
            shown="" if kept is None else kept.get(account.id),
        )
        for account in _followers(decision)
    ]
    facts = entry_facts(asked, at=now())
    return [
        entry_preview(one.account, known, Moment.PREVIEW)
        for one, known in zip(asked, facts, strict=True)
    ]


def _followers(decision: Decision) -> Iterable[BrokerAccount]:
    rows = Subscription.objects.filter(strategy=decision.strategy_id, is_active=True)
    return [one.account for one in rows.select_related("account").order_by("account__name")]


def entry_preview(account: BrokerAccount, facts: EntryFacts, moment: Moment) -> EntryPreview:
    """Judge the entry as of this moment, with prices and size as far as it has them.

    What is refused for a reason that may pass is sized by what is known now: that bounds it, and
    it is sized anew when the reason has passed.
    """
    judgement = judge(facts, moment)
    if judgement.refusal in SIZE_CUT_REASONS:
        return EntryPreview(account, facts, judgement, size=entry_size(facts))
    if judgement.may_pass:
        return _sized_for_now(account, facts, judgement)
    if judgement.refusal:
        return EntryPreview(account, facts, judgement)
    return EntryPreview(account, facts, judgement, entry_prices(facts), entry_size(facts))


def _sized_for_now(account: BrokerAccount, facts: EntryFacts, judgement: Judgement) -> EntryPreview:
    try:
        prices, size = entry_prices(facts), entry_size(facts)
    except PriceRefused:
        return EntryPreview(account, facts, judgement)
    if not size.lots:
        return EntryPreview(account, facts, judgement, size=size)
    return EntryPreview(account, facts, judgement, prices, size)


def preview_content(previews: Iterable[EntryPreview]) -> dict[str, Any]:
    """Return what is kept of previews: by account, the most lots or why there are none."""
    return {"accounts": {str(one.account.id): _content(one) for one in previews}}


def _content(preview: EntryPreview) -> dict[str, Any]:
    facts, prices, size = preview.facts, preview.prices, preview.size
    quote = facts.desk.quote
    told: dict[str, Any] = {
        "account": preview.account.name,
        "refusal": preview.judgement.refusal,
        "words": preview.judgement.words,
        "equity": facts.room.equity,
        "quote_at": quote.at if quote else None,
    }
    if prices is None or size is None:
        return {**told, "lots": None}
    return {
        **told,
        "lots": size.lots,
        "price": prices.base,
        "sl": prices.sl,
        "tp": prices.tp,
        "risk_money": size.risk_money,
    }


def lots_kept(decision: Decision) -> dict[int, Decimal] | None:
    """Return the lots that the decision's kept preview shows by account; None where it has none."""
    kept = Preview.objects.filter(decision=decision).first()
    if kept is None:
        return None
    accounts: dict[str, dict[str, Any]] = json.loads(kept.content)["accounts"]
    return {
        int(account_id): Decimal(one["lots"])
        for account_id, one in accounts.items()
        if one["lots"] is not None
    }


def lots_shown(decision: Decision) -> dict[int, Decimal] | None:
    """Return what binds staging: None where an automatic decision has no preview yet.

    One that people approved has one, or orders nothing.
    """
    kept = lots_kept(decision)
    return {} if kept is None and decision.reviews_needed else kept
