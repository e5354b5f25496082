"""Closed positions → DAI, DA and the DCT accrual: once, by the rule of the day, with refolds."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from fusion_project.events import names
from fusion_project.events.models import Event, Handling
from tests.builders.second_person import request_confirmed
from tests.builders.tokens import position_make, position_refold
from tests.builders.treasury import broker_account_make
from tests.factories.tokens import DCT_PARAMETERS
from tests.factories.treasury import MOMENT
from tokens.models import PositionAward, RuleVersion
from tokens.selectors.supply import accrual_get, supply_list
from tokens.services.positions import position_post
from tokens.services.rules import rule_publish
from treasury.models import Balance, Entry, Line
from treasury.selectors.balances import ledger_is_balanced, trial_balance

pytestmark = pytest.mark.django_db


def post_all(run_handlers) -> None:
    run_handlers.only("tokens.post_position")
    undone = Handling.objects.filter(handler="tokens.post_position", done_at=None)
    assert not undone.exists(), undone.values("last_error")


def supply(code: str, book: str = "paper") -> Decimal:
    found = next(one for one in supply_list(book=book) if one.code == code)
    assert found.issued == found.held
    return found.issued


def test_a_closed_position_gets_its_three_entries_on_its_trace(run_handlers):
    account = broker_account_make()
    position = position_make(account, trace_id="cd" * 16)
    post_all(run_handlers)
    entries = Entry.objects.filter(trace_id="cd" * 16).order_by("id")
    assert [(entry.kind, entry.idem_key) for entry in entries] == [
        ("token.dai", f"tok:{account.pk}:700:1:DAI"),
        ("token.da", f"tok:{account.pk}:700:1:DA"),
        ("token.dct_accrual", f"tok:{account.pk}:700:1:DCT"),
    ]
    events = Event.objects.filter(name=names.ENTRY_POSTED, trace_id="cd" * 16).order_by("id")
    assert ['"kind":"token.dai"' in events[0].detail, events[0].actor] == [
        True,
        "handler:tokens.post_position",
    ]
    assert supply("DAI") == Decimal("0.75")  # no decision, so p counts as 0.5
    assert supply("DA") == 1  # filled at the asked price, acknowledged at once
    assert accrual_get(book="paper", currency="USD") == {"burn": 2, "reward": 3, "retained": 5}
    assert PositionAward.objects.filter(position=position).count() == 3


def test_what_somebody_else_made_in_a_shared_position_accrues_nothing(run_handlers):
    account = broker_account_make()
    position = position_make(account, net=Decimal(30), net_foreign=Decimal(20))
    post_all(run_handlers)
    assert accrual_get(book="paper", currency="USD") == {"burn": 2, "reward": 3, "retained": 5}
    assert PositionAward.objects.filter(position=position).count() == 3


def test_a_loss_takes_back_from_the_accrual_and_still_earns_points(run_handlers):
    account = broker_account_make()
    position_make(account, net=Decimal("10"))
    position_make(account, net=Decimal("-25"), position_ticket=701)
    post_all(run_handlers)
    assert accrual_get(book="paper", currency="USD") == {
        "burn": -3,
        "reward": Decimal("-4.5"),
        "retained": Decimal("-7.5"),
    }
    assert supply("DAI") == Decimal("1.5")


def test_a_result_of_zero_posts_points_and_records_why_nothing_accrued(run_handlers):
    position = position_make(broker_account_make(), net=Decimal(0))
    post_all(run_handlers)
    award = PositionAward.objects.get(position=position, token__code="DCT")
    assert (award.entry, award.amount) == (None, 0)
    assert "zero" in award.reason
    assert set(Entry.objects.values_list("kind", flat=True)) == {"token.dai", "token.da"}


def test_a_position_told_twice_is_posted_once(run_handlers):
    position = position_make(broker_account_make())
    post_all(run_handlers)
    assert position_post(position_id=position.pk) == []
    assert Entry.objects.count() == 3


def test_a_refold_reverses_the_former_entries_and_posts_the_new(run_handlers):
    account = broker_account_make()
    position = position_make(account, net=Decimal(10))
    post_all(run_handlers)
    position_refold(position, net=Decimal(-4))
    post_all(run_handlers)
    assert Entry.objects.filter(kind__endswith=".reversed").count() == 3
    standing = Entry.objects.filter(reverses=None, reversed_by=None).order_by("id")
    assert [entry.idem_key for entry in standing] == [
        f"tok:{account.pk}:700:2:{code}" for code in ("DAI", "DA", "DCT")
    ]
    assert sum(accrual_get(book="paper", currency="USD").values()) == -4
    assert supply("DAI") == Decimal("0.75")
    assert ledger_is_balanced()


def test_folds_handled_late_and_together_end_at_the_last(run_handlers):
    position = position_make(broker_account_make(), net=Decimal(10))
    position_refold(position, net=Decimal(-4))
    position_refold(position, net=Decimal(7))
    post_all(run_handlers)
    assert sum(accrual_get(book="paper", currency="USD").values()) == 7
    assert set(PositionAward.objects.values_list("fold_revision", flat=True)) == {3}


def test_a_position_that_is_open_again_loses_what_it_got(run_handlers):
    position = position_make(broker_account_make())
    post_all(run_handlers)
    position_refold(position, is_closed=False)
    post_all(run_handlers)
    assert supply("DAI") == supply("DA") == 0
    assert sum(accrual_get(book="paper", currency="USD").values()) == 0
    position_refold(position, is_closed=True, net=Decimal(3))
    post_all(run_handlers)
    assert sum(accrual_get(book="paper", currency="USD").values()) == 3


def test_books_and_currencies_stay_apart(run_handlers):
    position_make(broker_account_make())
    position_make(broker_account_make(book="live", currency="EUR"), net=Decimal(100))
    post_all(run_handlers)
    assert supply("DAI", "paper") == supply("DAI", "live") == Decimal("0.75")
    assert accrual_get(book="paper", currency="EUR")["burn"] == 0
    assert accrual_get(book="live", currency="EUR")["burn"] == 20
    assert {row.currency for row in trial_balance(book="live")} == {"DAI", "DA", "EUR"}


def test_the_pool_keeps_its_balance_with_a_floor(run_handlers):
    position_make(broker_account_make())
    post_all(run_handlers)
    pool = Balance.objects.get(account__code="Liabilities:Holders:DAI:Pool")
    assert pool.amount == Decimal("-0.75")
    assert pool.account.floor == 0


def test_points_fit_the_units_nine_decimals(run_handlers):
    account = broker_account_make()
    position_make(account, ack_latency_ms=7, price_requested=Decimal("1.0999999"))
    post_all(run_handlers)
    for line in Line.objects.filter(currency__in=["DAI", "DA"]):
        assert line.amount == line.amount.quantize(Decimal("1e-9"))


def test_slippage_and_latency_lower_the_points(run_handlers):
    account = broker_account_make()
    position_make(account)
    slow = position_make(
        account, position_ticket=701, ack_latency_ms=2_000, price_requested=Decimal("1.0989")
    )
    post_all(run_handlers)
    award = PositionAward.objects.get(position=slow, token__code="DA")
    assert Decimal("0.1") < award.amount < Decimal("0.4")


def test_the_rule_of_the_closing_time_counts(run_handlers, clock):
    clock.set(MOMENT - dt.timedelta(hours=2))
    parameters = {"burn_bps": 10_000, "reward_bps": 0, "retained_bps": 0}
    payload = {"token": "DCT", "parameters": parameters, "valid_from": MOMENT.isoformat()}
    rule_publish(payload, request_confirmed("rule.change", **payload))
    account = broker_account_make()
    before = MOMENT - dt.timedelta(seconds=1)
    position_make(account, closed_at=before)
    position_make(account, position_ticket=701)
    post_all(run_handlers)
    assert accrual_get(book="paper", currency="USD") == {"burn": 12, "reward": 3, "retained": 5}
    versions = PositionAward.objects.filter(token__code="DCT").order_by("position_id")
    assert [award.rule.version for award in versions] == [1, 2]


def test_awards_and_rules_never_change(run_handlers):
    position_make(broker_account_make())
    post_all(run_handlers)
    for rows, change in (
        (PositionAward.objects.all(), {"amount": 5}),
        (RuleVersion.objects.all(), {"parameters": DCT_PARAMETERS}),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.delete()


def test_one_award_per_position_fold_and_token(run_handlers):
    position = position_make(broker_account_make())
    post_all(run_handlers)
    award = PositionAward.objects.filter(position=position, token__code="DAI").get()
    with pytest.raises(IntegrityError, match="tokens_award_once"), transaction.atomic():
        PositionAward.objects.create(
            position=position,
            fold_revision=1,
            token=award.token,
            rule=award.rule,
            amount=0,
            at=award.at,
            reason="again",
        )


def test_an_open_position_gets_nothing():
    position = position_make(broker_account_make(), closed_at=None)
    assert position_post(position_id=position.pk) == []
    assert not Entry.objects.exists()


def test_a_position_opened_by_hand_earns_nothing(run_handlers):
    position_make(broker_account_make(), order=None)
    post_all(run_handlers)
    assert supply("DAI") == supply("DA") == 0
    assert not PositionAward.objects.exists()
    assert not Entry.objects.filter(kind__startswith="token.").exists()
