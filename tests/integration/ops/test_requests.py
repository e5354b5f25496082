"""The page of what needs two people: in words, confirmed by a question, by another person."""

import pytest

from fusion_project.second_person.models import Request
from tests.builders.pages import client_of, staff_make
from tests.second_person_probe import probe

pytestmark = pytest.mark.django_db
__all__ = ("probe",)


@pytest.fixture
def asked(probe):
    return probe.ask(reason="the feed is back")


def test_a_request_is_shown_in_words_and_confirmed_by_another(cast, asked, run_handlers) -> None:
    page = cast["ops"].get("/ops/requests/").content.decode()
    assert "Effect 1." in page
    assert "the feed is back" in page
    address = f"/ops/requests/{asked.pk}/confirm"
    question = cast["reviewer"].get(address).content.decode()
    assert asked.payload_sha256 in question
    cast["reviewer"].post(address, {"payload_sha256": asked.payload_sha256})
    run_handlers()
    answer = cast["reviewer"].get(f"/ops/requests/{asked.pk}/").content.decode()
    assert "done with 1" in answer


def test_who_asked_gets_no_button_and_no_confirmation(asked) -> None:
    anna = client_of_actor(asked.requester)
    page = anna.get(f"/ops/requests/{asked.pk}/").content.decode()
    assert "another person confirms" in page
    assert "Confirm…" not in page
    address = f"/ops/requests/{asked.pk}/confirm"
    assert anna.get(address).status_code == 302
    answer = anna.post(address, {"payload_sha256": asked.payload_sha256}, follow=True)
    assert b"Another person confirms what you asked for" in answer.content
    assert Request.objects.get().state == "asked"


def test_what_was_not_shown_is_not_confirmed(ops, asked) -> None:
    ops.post(f"/ops/requests/{asked.pk}/confirm", {"payload_sha256": "0" * 64})
    assert Request.objects.get().state == "asked"


def test_it_is_withdrawn_by_a_question_with_a_reason(ops, asked) -> None:
    address = f"/ops/requests/{asked.pk}/withdraw"
    assert b"Why?" in ops.get(address).content
    ops.post(address, {"reason": "not now"})
    row = Request.objects.get()
    assert (row.state, row.outcome) == ("withdrawn", "not now")
    assert b"withdrawn already" in ops.get(address, follow=True).content


def test_a_viewer_reads_and_decides_nothing(viewer, auditor, asked) -> None:
    assert viewer.get("/ops/requests/").status_code == 200
    for verb in ("confirm", "withdraw"):
        assert viewer.post(f"/ops/requests/{asked.pk}/{verb}").status_code == 403
        assert auditor.post(f"/ops/requests/{asked.pk}/{verb}").status_code == 403
    assert viewer.get(f"/ops/requests/{asked.pk + 1}/").status_code == 404


def client_of_actor(actor: str):
    from django.contrib.auth import get_user_model

    return client_of(get_user_model().objects.get(pk=actor.partition(":")[2]))


def test_staff_without_a_role_sees_nothing() -> None:
    assert client_of(staff_make()).get("/ops/requests/").status_code == 403
