"""Many tries at the same moment are as many as one after the other."""

import pytest

from tests.builders.pages import staff_make
from tests.builders.sign_in import HASHERS, PASSWORD, CountedHasher, sign_in

THREADS = 16


@pytest.fixture
def person(committed_db, settings):
    settings.PASSWORD_HASHERS = HASHERS
    # All of them hash at once, on however slow a machine.
    settings.REQUEST_DATABASE_DEADLINE_SECONDS = 60.0
    user = staff_make("viewer", password=PASSWORD)
    CountedHasher.count = 0
    return user


def test_parallel_tries_of_one_name_do_not_pass_the_limit(person, in_threads):
    answers = in_threads(THREADS, lambda number: sign_in(person.username).status_code)
    assert answers == [200] * THREADS
    assert CountedHasher.count <= 5
    assert sign_in(person.username, PASSWORD).status_code == 200


def test_parallel_tries_of_many_names_do_not_pass_the_limit_of_an_address(
    person, in_threads, settings
):
    settings.SIGN_IN_ADDRESS_FAILURES_MAX = 6
    answers = in_threads(THREADS, lambda number: sign_in(f"name-{number}").status_code)
    assert answers == [200] * THREADS
    assert CountedHasher.count <= 6


def test_parallel_tries_from_many_addresses_do_not_pass_the_limit_of_a_name(
    person, in_threads, settings
):
    settings.SIGN_IN_USER_FAILURES_MAX = 6

    def one(number: int) -> int:
        return sign_in(person.username, REMOTE_ADDR=f"203.0.113.{number}").status_code

    assert in_threads(THREADS, one) == [200] * THREADS
    assert CountedHasher.count <= 6
