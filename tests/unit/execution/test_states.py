"""The table of legal order moves."""

from execution.rules import states


def test_every_end_is_reachable_and_has_no_way_out():
    seen, front = set(states.ORDER_STARTS), list(states.ORDER_STARTS)
    while front:
        for new in states.ORDER_EDGES[front.pop()] - seen:
            seen.add(new)
            front.append(new)
    assert seen == set(states.ORDER_EDGES)
    assert frozenset({"filled", "done", "rejected", "cancelled", "expired"}) == states.ORDER_ENDS


def test_only_a_staged_order_is_leased():
    assert states.sources_of("leased") == {"staged"}


def test_a_cancelled_wish_is_never_handed_out_again():
    assert not states.may_move("cancel_requested", "staged")


def test_an_unknown_order_may_be_found_filled_or_never_sent():
    assert states.may_move("unknown", "filled")
    assert states.may_move("unknown", "staged")


def test_an_unknown_order_is_never_leased_without_being_looked_up():
    assert not states.may_move("unknown", "leased")
