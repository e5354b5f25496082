"""The dry run as a page: each line, what stands in the way, and the form that proposes it."""

import pytest

from fusion_project.second_person.models import Request
from tests.builders.chain import paper_bound
from tests.builders.distributing import account_earning
from tests.builders.pages import client_of, staff_make
from tests.builders.second_person import confirm
from treasury.models import Distribution, Entry

pytestmark = pytest.mark.usefixtures("committed_db")

PAGE = "/ops/ledger/distribution?book=paper&policy=house"
PROPOSE = "/ops/ledger/distribution/propose?book=paper&policy=house"


@pytest.fixture(autouse=True)
def patience(settings) -> None:
    """The page asks the ledger in full; how fast a loaded machine answers is not asked here."""
    settings.REQUEST_DATABASE_DEADLINE_SECONDS = 30


def text_of(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_shows_each_line_and_proposes_what_a_second_person_then_confirms():
    account_earning("100.57")
    ops = client_of(staff_make("ops"))
    page = text_of(ops, PAGE)
    for words in (
        "Nothing stands in the way",
        "Liabilities:Pool:House:Burn:USD",
        "−20.11",
        PROPOSE,
    ):
        assert words.replace("&", "&amp;") in page
    assert not Request.objects.exists()
    question = text_of(ops, PROPOSE)
    assert "Liabilities:Pool:House:Reward:USD" in question
    answer = ops.post(PROPOSE, {"reason": "month"})
    request = Request.objects.get(kind="distribution.make")
    assert answer.url == f"/ops/requests/{request.pk}/"
    assert "Liabilities:Pool:House:Burn:USD -20.11" in text_of(ops, answer.url)
    assert not Distribution.objects.exists()
    assert confirm(request).state == "done"
    ledger = text_of(ops, "/ops/ledger/?book=paper")
    assert f"/admin/treasury/entry/{Distribution.objects.get().entry_id}/change/" in ledger
    assert f"/ops/requests/{request.pk}/" in ledger


def test_what_stands_in_the_way_is_shown_and_nothing_can_be_proposed_meanwhile():
    account_earning("100")
    paper_bound()
    ops = client_of(staff_make("ops"))
    page = text_of(ops, PAGE)
    assert "DCT is unknown: not read yet" in page
    assert PROPOSE.replace("&", "&amp;") not in page
    assert ops.get(PROPOSE).url == PAGE
    answer = ops.post(PROPOSE, {"reason": "month"}, follow=True)
    assert "Nothing done: DCT is unknown" in answer.content.decode()
    assert not Request.objects.exists()


def test_without_a_reason_or_without_results_nothing_is_asked():
    ops = client_of(staff_make("ops"))
    assert "no entry of the paper book is sealed yet" in text_of(ops, PAGE)
    account_earning("100")
    answer = ops.post(PROPOSE, {"reason": " "}, follow=True)
    assert "Say why it is wanted" in answer.content.decode()
    page = text_of(ops, PAGE.replace("house", "subscription"))
    assert "Nothing is to be paid" in page
    assert "no account and no stream is under the policy" in page
    assert not Request.objects.exists()
    assert not Entry.objects.filter(kind="distribution").exists()


def test_an_auditor_reads_it_and_is_told_who_proposes():
    account_earning("100")
    auditor = client_of(staff_make("auditor"))
    page = text_of(auditor, PAGE)
    assert "Proposing needs the role “ops”" in page
    assert PROPOSE.replace("&", "&amp;") not in page
    assert auditor.post(PROPOSE, {"reason": "month"}).status_code == 403
    assert not Request.objects.exists()


@pytest.mark.parametrize("wrong", ["?book=both", "?policy=none", "?book=paper&policy="])
def test_an_odd_book_or_policy_has_no_page(wrong):
    ops = client_of(staff_make("ops"))
    for address in ("/ops/ledger/distribution", "/ops/ledger/distribution/propose"):
        assert ops.get(f"{address}{wrong}").status_code == 404
