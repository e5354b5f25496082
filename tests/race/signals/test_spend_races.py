"""Many ask at once: together they put by no more than the day may cost."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from fusion_project.events.clock import now
from signals.models import LobeSpend
from signals.services.spending import spend_settle, spend_take

pytestmark = pytest.mark.usefixtures("committed_db")

CAP, ONE = Decimal("1.00"), Decimal("0.07")


def take(number: int = 0) -> Any:
    return spend_take(lobe="grok", usd=ONE, cap=CAP)


def test_of_forty_at_once_only_so_many_pass_as_the_day_has_room_for(in_threads: Any) -> None:
    days = in_threads(40, take)
    assert sum(day is not None for day in days) == 14
    assert LobeSpend.objects.get().usd == 14 * ONE


def test_what_was_not_spent_makes_room_again_however_many_settle(in_threads: Any) -> None:
    def call(number: int) -> None:
        for _ in range(5):
            if (day := take()) is not None:
                assert LobeSpend.objects.get(lobe="grok", day=day).usd <= CAP
                spend_settle(lobe="grok", day=day, taken=ONE, spent=Decimal("0.001"))

    in_threads(8, call)
    spent = LobeSpend.objects.get().usd
    assert spent <= 40 * Decimal("0.001")
    assert spent % Decimal("0.001") == 0


def test_each_lobe_and_each_day_has_its_own_room_and_none_is_taken_away(clock: Any) -> None:
    assert spend_take(lobe="grok", usd=CAP, cap=CAP) == now().date()
    assert take() is None
    assert spend_take(lobe="deepseek", usd=ONE, cap=CAP) is not None
    clock.advance(days=1)
    assert take() == now().date()
    assert spend_take(lobe="other", usd=CAP + 1, cap=CAP) is None
    first = LobeSpend.objects.filter(day=now().date() - timedelta(days=1)).first()
    assert first is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        LobeSpend.objects.filter(pk=first.pk).update(usd=-1)
