"""Tells signals what each strategy can trade, whenever something that decides it changes."""

from execution.models import Subscription
from execution.selectors.tradable import outlooks
from signals.models import Strategy
from signals.services.tradable import tradable_push


def account_tradable_push(account_id: int) -> None:
    """Tell it of every strategy that the account follows, or has followed."""
    rows = Subscription.objects.filter(account=account_id)
    tradable_push(strategy_ids=set(rows.values_list("strategy_id", flat=True)), compute=outlooks)


def strategy_tradable_push(strategy_id: int) -> None:
    """Tell it of one strategy."""
    tradable_push(strategy_ids=[strategy_id], compute=outlooks)


def tradable_push_all() -> int:
    """Tell it of all, also of strategies that nobody follows; return how many rows changed."""
    every = set(Strategy.objects.values_list("id", flat=True))
    return tradable_push(strategy_ids=every, compute=outlooks)
