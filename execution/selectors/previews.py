"""What approving an entry would order on each account: the judgement of staging, asked before.

From the account's last heartbeat and without its lock; staging judges and counts again.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from execution.models import BrokerAccount, Subscription
from execution.risk.facts import EntryFacts
from execution.risk.planning import EntryPrices, entry_prices, entry_size
from execution.risk.rules import Judgement, Moment, judge
from execution.rules.sizing import SIZE_CUT_REASONS, Sized
from execution.selectors.entry_facts import EntryAsked, entry_facts
from execution.selectors.trades import is_reversal_entry
from fusion_project.events.clock import now
from signals.models import Decision


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
    asked = [
        EntryAsked(decision, account, grade=grade, env=env, waits_for_flat=is_reversal)
        for account in _followers(decision)
    ]
    facts = entry_facts(asked, at=now())
    return [_preview(one.account, known) for one, known in zip(asked, facts, strict=True)]


def _followers(decision: Decision) -> Iterable[BrokerAccount]:
    rows = Subscription.objects.filter(strategy=decision.strategy_id, is_active=True)
    return [one.account for one in rows.select_related("account").order_by("account__name")]


def _preview(account: BrokerAccount, facts: EntryFacts) -> EntryPreview:
    judgement = judge(facts, Moment.PREVIEW)
    if judgement.refusal in SIZE_CUT_REASONS:
        return EntryPreview(account, facts, judgement, size=entry_size(facts))
    if judgement.refusal:
        return EntryPreview(account, facts, judgement)
    return EntryPreview(account, facts, judgement, entry_prices(facts), entry_size(facts))
