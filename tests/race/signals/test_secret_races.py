"""A form that is sent many times at once issues one secret."""

from typing import Any

from signals.errors import SecretListChanged
from signals.models import StrategySecret
from signals.services.secrets import secret_issue_once, secret_rotate
from tests.builders.signals import strategy_built


def test_a_form_sent_eight_times_at_once_issues_one_secret(committed_db, in_threads) -> None:
    built = strategy_built()
    newest_id = StrategySecret.objects.get().id

    def send(number: int) -> Any:
        fields = {"strategy_id": built.strategy.id, "newest_id": newest_id, "actor": "user:1"}
        try:
            if number % 2:
                return secret_issue_once(**fields)
            return secret_rotate(**fields, secret_id=newest_id, overlap_seconds=3600)
        except SecretListChanged:
            return None

    issued = [one for one in in_threads(8, send) if one is not None]
    assert len(issued) == 1
    assert StrategySecret.objects.count() == 2
