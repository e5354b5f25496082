"""Every deal of the account is told, whoever made it; positions go by their identifiers."""

from collections.abc import Callable
from decimal import Decimal

from tests.contract.executor.rig import Rig


def agree(rig: Rig) -> None:
    """The server knows exactly the broker's deals."""
    told = rig.server.deals()
    assert {one.ticket for one in rig.deals()} == set(told)
    for one in rig.deals():
        assert (str(told[one.ticket].magic), told[one.ticket].price) == (one.magic, one.price)


def test_a_deal_by_hand_is_told_as_nobodys(rig: Rig) -> None:
    rig.by_hand("sell", "0.20")
    rig.until(lambda: len(rig.server.deals()) == 2)
    agree(rig)
    (deal,) = [one for one in rig.server.deals().values() if one.kind == "sell"]
    assert (deal.magic, deal.entry, deal.volume_lots) == (0, "in", Decimal("0.20"))


def test_money_that_no_trade_made_is_told_in_the_brokers_words(rig: Rig) -> None:
    for kind, amount in (("balance", "500"), ("charge", "-3.20"), ("correction", "0.01")):
        rig.money(kind, amount)
    rig.until(lambda: len(rig.server.deals()) == 4)
    agree(rig)
    told = {one.kind: one.profit for one in rig.server.deals().values()}
    assert (told["charge"], told["correction"]) == (Decimal("-3.20"), Decimal("0.01"))


def test_a_stop_that_is_hit_is_told_with_its_reason_and_its_entrys_number(rig: Rig) -> None:
    entry = rig.server.hand_out()
    rig.until(lambda: "done" in entry.told)
    (held,) = rig.positions()
    rig.price("1.08900")
    rig.until(lambda: not rig.positions() and len(rig.server.deals()) == 3)
    (out,) = [one for one in rig.server.deals().values() if one.entry == "out"]
    assert (out.reason, out.magic, str(out.position_ticket)) == ("sl", entry.id, held.id)
    agree(rig)


def test_what_happened_while_it_was_dead_is_told_when_it_lives(rig: Rig) -> None:
    entry = rig.server.hand_out()
    rig.until(lambda: "done" in entry.told)
    rig.kill()
    rig.by_hand("buy", "0.05")
    rig.price("1.08900")
    rig.restart()
    rig.until(lambda: len(rig.server.deals()) == 4)
    agree(rig)


def test_a_lost_journal_tells_all_deals_again_and_none_is_missing(rig: Rig) -> None:
    entry = rig.server.hand_out()
    rig.until(lambda: "done" in entry.told)
    rig.restart(without_journal=True)
    rig.money("balance", "5")
    rig.until(lambda: len(rig.server.deals()) == 3)
    agree(rig)


def test_a_netting_position_is_closed_by_its_identifier_after_a_reversal(
    rig_make: Callable[..., Rig],
) -> None:
    rig = rig_make(margin_mode="netting")
    entry = rig.server.hand_out()
    rig.until(lambda: "done" in entry.told)
    (held,) = rig.positions()
    turn = rig.server.hand_out(side="sell", volume_lots="0.30", sl="1.11000")
    rig.until(lambda: "done" in turn.told)
    (after,) = rig.positions()
    assert (after.id, after.side, after.lots) == (held.id, "sell", Decimal("0.20"))
    leave = rig.server.hand_out(event="exit", side="buy", position_ticket=held.id, sl=None)
    rig.until(lambda: "done" in leave.told)
    assert rig.positions() == []
    entries = [one.entry for one in rig.server.deals().values() if one.entry]
    assert entries == ["in", "inout", "out"]
    agree(rig)


def test_entries_of_a_netting_account_are_merged_and_told(rig_make: Callable[..., Rig]) -> None:
    rig = rig_make(margin_mode="netting")
    for _ in range(2):
        entry = rig.server.hand_out()
        rig.until(lambda order=entry: "done" in order.told)
    (held,) = rig.positions()
    assert held.lots == Decimal("0.20")
    tickets = {str(one.position_ticket) for one in rig.server.deals().values() if one.entry}
    assert tickets == {held.id}


def test_a_heartbeat_shows_the_account_as_the_broker_has_it(rig: Rig) -> None:
    entry = rig.server.hand_out(tp="1.20000")
    resting = rig.server.hand_out(order_type="limit", limit_price="1.05000", sl="1.04000")
    rig.until(lambda: "done" in entry.told and "working" in resting.told)
    rig.seconds(6)
    beat = rig.server.heard("heartbeat")[-1]
    (held,), (position,), (pending,) = rig.positions(), beat["positions"], beat["pendings"]
    assert (position["position_ticket"], Decimal(position["sl"])) == (held.id, held.sl)
    assert (pending["magic"], pending["kind"]) == (str(resting.id), "buy_limit")
    assert beat["watermark"]["ticket"] == rig.deals()[-1].ticket
    assert Decimal(beat["equity"]) == Decimal(beat["balance"]) + Decimal(beat["floating"])
    (quote,) = [one for one in beat["quotes"] if one["symbol"] == "EURUSD"]
    assert (Decimal(quote["bid"]), Decimal(quote["ask"])) == (Decimal("1.1"), Decimal("1.1001"))


def test_heartbeats_go_up_by_one_within_a_run(rig: Rig) -> None:
    rig.seconds(15)
    numbers = [one["number"] for one in rig.server.heard("heartbeat")]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 2
