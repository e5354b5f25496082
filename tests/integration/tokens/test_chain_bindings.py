"""A token is bound as two people want it; a live book to a true chain alone."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from tests.builders.chain import (
    live_bound,
    live_payload,
    paper_bound,
)
from tests.builders.people import staff_make
from tests.builders.second_person import confirm, request_confirmed
from tokens.errors import AddressInvalid, BindingInvalid
from tokens.models import ChainBinding
from tokens.selectors.chain import chain_rows
from tokens.services.bindings import (
    binding_ask,
    binding_carry_out,
    binding_check,
    loopback_bind,
)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "facts",
    [
        {
            "network": "loopback",
            "node_url": "http://127.0.0.1:9",
            "index_url": "http://127.0.0.1:9",
        },
        {"network": "ton_test"},
        {"node_url": "http://node.example/api/v2"},
        {"index_url": "https://127.0.0.1:9/api/v3"},
        {"index_url": "https://localhost/api/v3"},
    ],
)
def test_a_live_book_is_bound_to_no_loopback_server_and_no_test_network(facts):
    payload = live_payload(**facts)
    with pytest.raises(BindingInvalid):
        binding_check(payload)
    with pytest.raises(IntegrityError), transaction.atomic():
        live_bound(**facts)


@pytest.mark.django_db
def test_a_binding_is_what_two_people_want_and_only_jettons_are_bound():
    asker = f"user:{staff_make('ops').pk}"
    told = {
        "token_code": "DCT",
        "book": "paper",
        "network": "ton_test",
        "node_url": "https://node.example/api/v2/",
        "index_url": "https://index.example/api/v3",
        "master": "0:" + "aa" * 32,
        "owner": "0:" + "bb" * 32,
        "opening": (Decimal(100), Decimal(90)),
        "reason": "vote 9",
        "actor": asker,
    }
    for wrong, error in (
        ({"token_code": "DAI"}, BindingInvalid),
        ({"master": told["master"][:-1]}, AddressInvalid),
        ({"opening": (Decimal(100), Decimal(101))}, BindingInvalid),
        ({"opening": (Decimal("1e-10"), Decimal(0))}, BindingInvalid),
        ({"node_url": "https://key:word@node.example"}, BindingInvalid),
        ({"network": "loopback"}, BindingInvalid),
    ):
        with pytest.raises(error), transaction.atomic():
            binding_ask(**(told | wrong))
    assert confirm(binding_ask(**told)).state == "done"
    bound = ChainBinding.objects.get()
    assert (bound.state, bound.node_url) == ("unknown", "https://node.example/api/v2")
    with pytest.raises(BindingInvalid, match="already"), transaction.atomic():
        binding_ask(**told)


@pytest.mark.django_db
@pytest.mark.parametrize("changed", [{"owner": "0:" + "cc" * 32}, {"opening_supply": "1"}])
def test_the_table_refuses_a_binding_that_differs_from_what_two_people_want(changed):
    payload = live_payload()
    request = request_confirmed("chain.bind", **(payload | changed))
    with pytest.raises(IntegrityError, match="second person"), transaction.atomic():
        binding_carry_out(payload, request)


@pytest.mark.django_db
def test_the_loopback_server_is_followed_to_another_port_and_replaces_no_chain():
    bound = paper_bound()
    loopback_bind(
        token_code="DCT",
        base_url="http://127.0.0.1:10",
        master=bound.master,
        owner=bound.owner,
        opening=0,
        actor="system",
    )
    bound.refresh_from_db()
    assert bound.node_url == "http://127.0.0.1:10/api/v2"
    (row,) = chain_rows(book="paper")
    assert (row.is_loopback, row.is_ready, row.supply) == (True, False, None)
