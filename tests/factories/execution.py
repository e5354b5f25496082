"""Inputs of execution's tests: accounts, symbols, reports and deals as rows."""

import hashlib
from decimal import Decimal
from typing import Any

import factory

from execution import models
from fusion_project.events.clock import now
from tests.builders.second_person import request_confirmed

EURUSD_SHEET: dict[str, Any] = {
    "digits": 5,
    "tick_size": Decimal("0.00001"),
    "tick_value": Decimal(1),
    "contract_size": Decimal(100_000),
    "lot_min": Decimal("0.01"),
    "lot_step": Decimal("0.01"),
    "lot_max": Decimal(100),
}


class BrokerAccountFactory(factory.django.DjangoModelFactory):
    """A paper account with 10 000 and no executor yet."""

    class Meta:
        model = models.BrokerAccount

    name = factory.Sequence(lambda n: f"Paper {n}")
    book = "paper"
    server = "Paper-Server"
    login = factory.Sequence(lambda n: str(500_000 + n))
    currency = "USD"
    # The table takes a live one from two people alone.
    request = factory.LazyAttribute(
        lambda made: request_confirmed("account.create") if made.book == "live" else None
    )
    balance = Decimal(10_000)
    equity = Decimal(10_000)
    created_at = factory.LazyFunction(now)


class SymbolMapFactory(factory.django.DjangoModelFactory):
    """EURUSD, confirmed, with its contract sheet."""

    class Meta:
        model = models.SymbolMap
        skip_postgeneration_save = True

    account = factory.SubFactory(BrokerAccountFactory)
    instrument = "EURUSD"
    broker_symbol = factory.SelfAttribute("instrument")
    digits = EURUSD_SHEET["digits"]
    tick_size = EURUSD_SHEET["tick_size"]
    tick_value = EURUSD_SHEET["tick_value"]
    contract_size = EURUSD_SHEET["contract_size"]
    lot_min = EURUSD_SHEET["lot_min"]
    lot_step = EURUSD_SHEET["lot_step"]
    lot_max = EURUSD_SHEET["lot_max"]

    @factory.post_generation
    def is_confirmed(self, create: bool, is_confirmed: bool | None, **kwargs: Any) -> None:
        if is_confirmed is False:
            return
        said = {"instrument": self.instrument, "broker_symbol": self.broker_symbol}
        self.confirmation = models.SymbolConfirmation.objects.create(
            symbol_map=self, at=now(), actor="user:1", **said
        )
        models.SymbolMap.objects.filter(id=self.id).update(confirmation=self.confirmation)


class ReportFactory(factory.django.DjangoModelFactory):
    """A stored deal report without an order."""

    class Meta:
        model = models.Report

    account = factory.SubFactory(BrokerAccountFactory)
    report_id = factory.Sequence(lambda n: f"report-{n}")
    seq = factory.Sequence(lambda n: n + 1)
    instance = "ea-1"
    kind = "deal"
    raw = "{}"
    raw_sha256 = factory.LazyAttribute(lambda o: hashlib.sha256(o.raw.encode()).hexdigest())
    trace_id = "a" * 32
    received_at = factory.LazyFunction(now)


class DealFactory(factory.django.DjangoModelFactory):
    """A deal row as another app meets it; tests of execution record deals by the service."""

    class Meta:
        model = models.Deal

    report = factory.SubFactory(ReportFactory)
    account = factory.SelfAttribute("report.account")
    ticket = factory.Sequence(lambda n: 9_000 + n)
    position_ticket = 7_000
    kind = "buy"
    entry = "in"
    symbol = "EURUSD"
    instrument = "EURUSD"
    volume_lots = Decimal("0.10")
    price = Decimal("1.10000")
    time_msc = factory.Sequence(lambda n: 1_760_000_000_000 + n * 1_000)
    at = factory.LazyFunction(now)
    content_sha256 = "0" * 64
    trace_id = factory.SelfAttribute("report.trace_id")
    recorded_at = factory.LazyFunction(now)
