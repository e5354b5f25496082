"""Inputs for the tokens' pure rules."""

from decimal import Decimal
from importlib import import_module
from typing import Any, cast

import factory

from tests.factories.treasury import MOMENT, TRACE
from tokens.rules.earning import Quality
from tokens.rules.posting import ClosedPosition

_SEEDED = {row["code"]: row for row in import_module("tokens.migrations.0002_seed").TOKENS}
DAI_PARAMETERS = _SEEDED["DAI"]["parameters"]
DA_PARAMETERS = _SEEDED["DA"]["parameters"]
DCT_PARAMETERS = _SEEDED["DCT"]["parameters"]


class QualityFactory(factory.Factory):
    class Meta:
        model = Quality

    p_final = Decimal("0.6")
    net = Decimal("10")
    entry_slippage_bps = Decimal("0.5")
    exit_slippage_bps = Decimal("0.5")
    ack_latency_ms = 500


class ClosedPositionFactory(factory.Factory):
    class Meta:
        model = ClosedPosition

    source = "execution.position:5"
    account_id = 3
    position_ticket = 77
    fold_revision = 2
    book = "paper"
    currency = "USD"
    currency_scale = 8
    trace_id = TRACE
    closed_at = MOMENT
    quality = factory.SubFactory(QualityFactory)


def quality(**facts: Any) -> Quality:
    """The factory's product, typed."""
    return cast(Quality, QualityFactory(**facts))


def closed_position(**facts: Any) -> ClosedPosition:
    """The factory's product, typed."""
    return cast(ClosedPosition, ClosedPositionFactory(**facts))
