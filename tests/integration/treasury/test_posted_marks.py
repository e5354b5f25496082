"""A mark lets a reader go on behind what is posted, and never passes a deal that is not."""

import pytest
from django.db import IntegrityError, transaction

from execution.models import Deal
from fusion_project.incidents.models import Incident
from tests.builders.treasury import broker_account_make, deal_make
from treasury.models import PostedMark
from treasury.periodic import check_completeness
from treasury.selectors.completeness import deals_not_in_the_ledger, deals_without_posting
from treasury.services.checkpoints import posted_mark_raise
from treasury.services.deals import deals_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return broker_account_make()


def mark_of(account) -> int | None:
    return PostedMark.objects.filter(account=account).values_list("deal_id", flat=True).first()


def post(*deals: Deal) -> None:
    deals_post(deal_ids=[deal.pk for deal in deals])


def test_it_rises_to_the_last_deal_before_the_first_without_a_posting(account):
    first, second, third = (deal_make(account) for _ in range(3))
    posted_mark_raise(account=account)
    assert mark_of(account) is None
    post(first, third)
    posted_mark_raise(account=account)
    assert mark_of(account) == first.pk
    post(second)
    posted_mark_raise(account=account)
    assert mark_of(account) == third.pk


def test_a_deal_of_another_account_holds_up_nobody(account):
    deal_make(broker_account_make())
    post(mine := deal_make(account))
    posted_mark_raise(account=account)
    assert mark_of(account) == mine.pk


def test_what_is_not_posted_behind_the_mark_is_seen_and_what_is_quarantined_before_it(account):
    held = deal_make(account, kind="unknown", entry="")
    post(held, deal_make(account))
    posted_mark_raise(account=account)
    late = deal_make(account)
    assert mark_of(account) == held.pk + 1
    assert deals_not_in_the_ledger(account=account, limit=9) == [held, late]
    assert deals_without_posting(older_than_seconds=-1, limit=9) == [late]


def test_the_table_refuses_a_mark_that_passes_a_deal_without_a_posting(account):
    first, second = deal_make(account), deal_make(account)
    post(first)
    posted_mark_raise(account=account)
    with pytest.raises(IntegrityError, match="does not pass"), transaction.atomic():
        PostedMark.objects.filter(account=account).update(deal=second)
    other = broker_account_make()
    foreign = deal_make(other)
    with pytest.raises(IntegrityError, match="does not pass"), transaction.atomic():
        PostedMark.objects.create(account=other, deal=foreign)


def test_the_table_refuses_a_mark_that_falls(account):
    first, second = deal_make(account), deal_make(account)
    post(first, second)
    posted_mark_raise(account=account)
    with pytest.raises(IntegrityError, match="does not pass"), transaction.atomic():
        PostedMark.objects.filter(account=account).update(deal=first)


def test_the_watch_over_completeness_raises_the_marks(account):
    post(deal := deal_make(account))
    check_completeness()
    assert mark_of(account) == deal.pk
    assert not Incident.objects.exists()
