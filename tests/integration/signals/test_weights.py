"""Weights of lobes: appended, never overwritten; the newest counts."""

from __future__ import annotations

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from signals.errors import WeightInvalid
from signals.models import LobeWeight
from signals.selectors.weights import weights_current
from signals.services.weights import lobe_weight_set

pytestmark = pytest.mark.django_db


def weight_set(weight: str, lobe: str = "track_record", lobe_version: str = "1") -> LobeWeight:
    return lobe_weight_set(
        lobe=lobe, lobe_version=lobe_version, weight=Decimal(weight), actor="user:1"
    )


def test_the_newest_weight_of_each_lobe_version_counts_and_the_former_ones_stay() -> None:
    weight_set("0.5")
    weight_set("0.25")
    weight_set("0.75", lobe_version="2")
    assert weights_current() == {
        ("track_record", "1"): Decimal("0.25"),
        ("track_record", "2"): Decimal("0.75"),
    }
    first, second = LobeWeight.objects.filter(lobe_version="1").order_by("version")
    assert (first.version, first.weight, second.version) == (1, Decimal("0.5"), 2)


@pytest.mark.parametrize("weight", ["-0.1", "1.1"])
def test_a_weight_outside_its_range_is_refused(weight: str) -> None:
    with pytest.raises(WeightInvalid):
        weight_set(weight)
    assert not LobeWeight.objects.exists()


def test_the_command_sets_a_weight_and_lists_what_was_set() -> None:
    out = StringIO()
    call_command("lobe_weight", "base_rate", "1", "0.5", stdout=out)
    call_command("lobe_weight", "base_rate", "1", "0", stdout=out)
    told = out.getvalue().splitlines()[-2:]
    assert [line.split("\t")[:2] for line in told] == [["base_rate 1", "0"], ["base_rate 1", "0.5"]]
    for odd in ("much", "2"):
        with pytest.raises(CommandError):
            call_command("lobe_weight", "base_rate", "1", odd, stdout=out)
    with pytest.raises(CommandError, match="Name the lobe"):
        call_command("lobe_weight", "base_rate", stdout=out)
