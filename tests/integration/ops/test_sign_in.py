"""Wrong passwords are counted by name and address; a lock reads like a wrong password."""

import re
from io import StringIO

import pytest
from axes.models import AccessAttempt
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fusion_project.events import names
from fusion_project.events.models import Event
from tests.builders.pages import staff_make
from tests.builders.sign_in import HASHERS, PASSWORD, CountedHasher, sign_in

pytestmark = pytest.mark.django_db
LOCKED = "There were too many tries. Try again after "


@pytest.fixture(autouse=True)
def counted(settings):
    settings.PASSWORD_HASHERS = HASHERS
    settings.REQUEST_DATABASE_DEADLINE_SECONDS = 60.0  # of slow machines other tests tell
    CountedHasher.count = 0


@pytest.fixture
def person(counted):
    return staff_make("viewer", password=PASSWORD)


def refusals() -> list[Event]:
    return list(Event.objects.filter(name=names.SESSION_REFUSED).order_by("id"))


def page_of(answer) -> str:
    text = re.sub(r'(csrfmiddlewaretoken" value=")[^"]+', r"\1", answer.content.decode())
    return re.sub(r'(name="username" value=")[^"]+', r"\1", text)


def lock(name: str, **meta: str) -> None:
    for _ in range(5):
        sign_in(name, **meta)


def test_after_a_hundred_wrong_passwords_the_right_one_waits_and_few_are_recorded(person, clock):
    name = person.username
    for _ in range(100):
        assert sign_in(name).status_code == 200
    answer = sign_in(name, PASSWORD)
    assert answer.status_code == 200
    assert LOCKED in answer.content.decode()
    clock.advance(seconds=901)
    assert sign_in(name, PASSWORD).status_code == 302
    told = refusals()
    assert [event.detail for event in told] == [
        *['{"address":"127.0.0.1","locked":false}'] * 4,
        '{"address":"127.0.0.1","locked":true}',
    ]
    assert {event.subject for event in told} == {f"auth.user:{person.pk}"}


def test_while_it_is_locked_no_password_is_compared_and_the_lock_is_not_prolonged(person, clock):
    lock(person.username)
    CountedHasher.count = 0
    for _ in range(10):
        clock.advance(seconds=80)
        sign_in(person.username, PASSWORD)
    assert CountedHasher.count == 0
    clock.advance(seconds=101)
    assert sign_in(person.username, PASSWORD).status_code == 302


def test_a_lock_reads_like_a_wrong_password_with_one_sentence_more(person):
    wrong = page_of(sign_in(person.username))
    lock(person.username)
    locked = sign_in(person.username, PASSWORD)
    assert locked.status_code == 200
    sentence = rf'<p class="errornote">\s*{LOCKED}[0-9:]{{8}} UTC\.\s*</p>'
    without, count = re.subn(sentence, "", page_of(locked))
    assert count == 1
    assert without.split() == wrong.split()


def test_a_name_that_nobody_has_gets_the_same_answer_for_the_same_work(person):
    seen = []
    for name in (person.username, "nobody-here"):
        work = []
        for _ in range(7):
            before = CountedHasher.count
            with CaptureQueriesContext(connection) as queries:
                page = page_of(sign_in(name))
            work.append(
                (CountedHasher.count - before, len(queries), re.sub(r"\d\d:\d\d:\d\d", "", page))
            )
        seen.append(work)
    assert seen[0] == seen[1]
    assert {event.subject for event in refusals()} == {
        f"auth.user:{person.pk}",
        "auth.user:unknown",
    }
    assert not Event.objects.filter(detail__contains="nobody-here").exists()


def test_from_another_address_the_person_comes_in(person):
    lock(person.username, REMOTE_ADDR="203.0.113.7")
    assert sign_in(person.username, PASSWORD, REMOTE_ADDR="203.0.113.7").status_code == 200
    assert sign_in(person.username, PASSWORD, REMOTE_ADDR="203.0.113.8").status_code == 302


def test_one_address_cannot_go_on_under_other_names(person, settings):
    for number in range(settings.SIGN_IN_ADDRESS_FAILURES_MAX):
        sign_in(f"name-{number}")
    CountedHasher.count = 0
    assert LOCKED in sign_in(person.username, PASSWORD).content.decode()
    assert CountedHasher.count == 0


def test_many_addresses_together_do_not_pass_the_limit_of_a_name(person, settings):
    settings.SIGN_IN_USER_FAILURES_MAX = 10
    for number in range(15):
        sign_in(person.username, REMOTE_ADDR=f"203.0.113.{number}")
    assert CountedHasher.count - 1 == 10  # one made the user
    assert LOCKED in sign_in(person.username, PASSWORD).content.decode()


def test_addresses_of_one_ipv6_network_count_as_one(person):
    for number in range(5):
        sign_in(person.username, REMOTE_ADDR=f"2001:db8:0:7::{number + 1}")
    answer = sign_in(person.username, PASSWORD, REMOTE_ADDR="2001:db8:0:7:ffff::1")
    assert answer.status_code == 200
    assert sign_in(person.username, PASSWORD, REMOTE_ADDR="2001:db8:0:8::1").status_code == 302


def test_a_forwarding_header_dodges_nothing_without_a_proxy_of_ours(person):
    for number in range(5):
        sign_in(person.username, HTTP_X_FORWARDED_FOR=f"198.51.100.{number}")
    dodged = sign_in(person.username, PASSWORD, HTTP_X_FORWARDED_FOR="198.51.100.77")
    assert dodged.status_code == 200


def test_behind_our_proxy_only_what_it_wrote_itself_counts(person, settings):
    settings.TRUSTED_PROXY_COUNT = 1
    victim, attacker = "198.51.100.1", "203.0.113.9"
    for number in range(5):
        forged = f"{victim}, 198.51.100.{number}, {attacker}"
        sign_in(person.username, HTTP_X_FORWARDED_FOR=forged)
    again = sign_in(person.username, PASSWORD, HTTP_X_FORWARDED_FOR=f"10.1.1.1, {attacker}")
    assert again.status_code == 200
    own = sign_in(person.username, PASSWORD, HTTP_X_FORWARDED_FOR=victim)
    assert own.status_code == 302


def test_success_takes_back_the_tries_of_that_name_alone(settings):
    settings.SIGN_IN_ADDRESS_FAILURES_MAX = 8
    attacker = staff_make(password=PASSWORD)
    for number in range(8):
        sign_in(f"name-{number % 3}")
        sign_in(attacker.username, PASSWORD)
    assert LOCKED in sign_in(attacker.username, PASSWORD).content.decode()


def test_after_a_success_earlier_slips_do_not_count(person):
    for _ in range(3):
        for _ in range(4):
            sign_in(person.username)
        assert sign_in(person.username, PASSWORD).status_code == 302


def test_nobody_fills_the_disk_with_names_and_browsers(settings):
    for number in range(100):
        answer = sign_in(f"{number:03}" * 1_000, HTTP_USER_AGENT=f"browser {number}")
        assert answer.status_code == 200
    assert AccessAttempt.objects.count() == settings.SIGN_IN_ADDRESS_FAILURES_MAX
    assert len(refusals()) <= 10


def test_old_tries_are_forgotten(person, clock):
    lock("somebody")
    clock.advance(seconds=901)
    sign_in(person.username)
    assert list(AccessAttempt.objects.values_list("username", flat=True)) == [person.username]


@pytest.mark.parametrize("command", ["axes_reset_username", "axes_reset_ip"])
def test_a_lock_is_lifted_by_hand(person, command):
    lock(person.username)
    about = person.username if command == "axes_reset_username" else "127.0.0.1"
    call_command(command, about, stdout=StringIO())
    assert sign_in(person.username, PASSWORD).status_code == 302


@pytest.mark.parametrize("old", ["", "wrong"])
def test_a_new_password_that_is_the_one_so_far_tells_nothing_to_whom_knows_it_not(person, old):
    """An open session is no way to guess the password as often as one likes."""
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    CountedHasher.count = 0

    def page(guess: str) -> str:
        form = {"old_password": old, "new_password1": guess, "new_password2": guess}
        return client.post("/admin/password_change/", form).content.decode()

    assert "the password that you have" not in page(PASSWORD)
    lock(person.username)
    compared = CountedHasher.count
    assert "the password that you have" not in page(PASSWORD)
    assert CountedHasher.count == compared
