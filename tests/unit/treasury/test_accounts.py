"""Account codes that the database's form and two foreign programs accept."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treasury.models import ACCOUNT_CODE_FORM, ACCOUNT_ROOTS
from treasury.rules.accounts import account_kind, broker_cash, broker_part


@given(st.text(min_size=1, max_size=64), st.text(min_size=1, max_size=32))
def test_any_server_and_login_give_a_legal_code_that_fits(server, login):
    code = broker_cash(server, login)
    assert re.fullmatch(ACCOUNT_CODE_FORM.strip("^$"), code)
    assert len(code) <= 160


def test_a_plain_server_stays_readable():
    assert broker_cash("Demo-Server", "5001") == "Assets:Broker:Demo-Server-5001:Cash"


@pytest.mark.parametrize(
    ("one", "other"),
    [(("A.B", "1"), ("A-B", "1")), (("A B", "1"), ("A.B", "1")), (("demo", "1"), ("Demo", "1"))],
)
def test_servers_that_differ_only_in_odd_characters_stay_apart(one, other):
    assert broker_part(*one) != broker_part(*other)


def test_the_kind_follows_from_the_root():
    assert {account_kind(f"{root}:X") for root in ACCOUNT_ROOTS.values()} == set(ACCOUNT_ROOTS)
