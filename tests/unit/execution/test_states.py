"""The table of legal order moves."""

from execution.rules import states


def test_every_end_is_reachable():
    # Staging writes either an order to send or the fact that it refused to.
    seen, front = {"staged", "rejected"}, ["staged", "rejected"]
    while front:
        for new in states.ORDER_EDGES[front.pop()] - seen:
            seen.add(new)
            front.append(new)
    assert seen == set(states.ORDER_EDGES)
    assert frozenset({"filled", "done", "rejected", "cancelled", "expired"}) == states.ORDER_ENDS


def test_only_a_staged_order_is_leased():
    assert states.sources_of("leased") == {"staged"}


def test_a_cancelled_wish_is_never_handed_out_again():
    assert "staged" not in states.ORDER_EDGES["cancel_requested"]


def test_an_unknown_order_may_be_found_filled_or_never_sent():
    assert "filled" in states.ORDER_EDGES["unknown"]
    assert "staged" in states.ORDER_EDGES["unknown"]


def test_an_unknown_order_is_never_leased_without_being_looked_up():
    assert "leased" not in states.ORDER_EDGES["unknown"]


def test_what_is_over_is_moved_by_what_comes_late_alone():
    for new in states.ORDER_EDGES:
        assert not states.sources_of(new) & states.ORDER_ENDS
    assert states.ORDER_ENDS - {"filled"} == states.sources_of("filled", late=True) & (
        states.ORDER_ENDS
    )


def test_an_order_that_is_over_is_never_handed_out_again():
    for end in states.ORDER_ENDS:
        assert not states.ORDER_EDGES[end] & {"staged", "leased"}
