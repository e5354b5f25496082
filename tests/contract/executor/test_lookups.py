"""What became of an order: `never_sent` only from a journal that must know."""

from tests.contract.executor.rig import Rig
from tests.contract.executor.server import LOST


def test_an_order_that_never_came_is_never_sent(rig: Rig) -> None:
    """Its lease is younger than the journal: the answer that handed it out was lost."""
    entry = rig.server.hand_out()
    entry.is_served = False
    rig.server.desire("lookup", entry)
    rig.until(lambda: "never_sent" in entry.told)
    rig.server.desired.clear()
    entry.hand_out_again()
    rig.until(lambda: "done" in entry.told)
    assert len(rig.fills(entry.id)) == 1


def test_a_kept_order_whose_lease_is_lost_is_never_sent_and_never_goes_out_under_it(
    rig: Rig,
) -> None:
    entry = rig.server.hand_out()
    entry.is_permitted = False
    rig.until(lambda: "ack" in entry.told)
    rig.server.desire("lookup", entry)
    rig.until(lambda: "never_sent" in entry.told)
    rig.server.desired.clear()
    entry.reports.clear()
    entry.is_permitted = True
    rig.seconds(6)
    assert rig.fills(entry.id) == []
    entry.hand_out_again()
    rig.until(lambda: "done" in entry.told)
    assert len(rig.fills(entry.id)) == 1


def test_a_restart_with_its_journal_says_what_was_never_sent(rig: Rig) -> None:
    entry = rig.server.hand_out()
    entry.is_permitted = False
    rig.until(lambda: "ack" in entry.told)
    rig.restart()
    rig.server.desire("lookup", entry)
    rig.until(lambda: "never_sent" in entry.told)
    assert rig.fills(entry.id) == []


def test_without_its_journal_it_calls_nothing_never_sent(rig: Rig) -> None:
    """It was acknowledged and not sent, which the one before knew."""
    entry = rig.server.hand_out()
    entry.is_permitted = False
    rig.until(lambda: "ack" in entry.told)
    rig.restart(without_journal=True)
    rig.server.desire("lookup", entry)
    rig.until(lambda: "lookup_absent" in entry.told)
    rig.seconds(15)
    assert "never_sent" not in entry.told
    assert rig.fills(entry.id) == []


def test_without_its_journal_and_its_history_it_trades_nothing_twice(rig: Rig) -> None:
    """The broker's history comes late; the order is served again under its fence."""
    entry = rig.server.hand_out()
    rig.die_at("send", "after")
    rig.until(lambda: not rig.is_alive)
    rig.hide_history(60)
    rig.restart(without_journal=True)
    entry.is_served = True
    rig.server.desire("lookup", entry)
    rig.seconds(20)
    assert "never_sent" not in entry.told
    rig.until(lambda: "done" in entry.told, 120)
    assert len(rig.fills(entry.id)) == 1


def test_a_lost_journal_is_asked_for_no_lease_that_comes_later(rig: Rig) -> None:
    """What is handed out anew, by a person's word, under a fence that it has never seen is sent."""
    entry = rig.server.hand_out()
    entry.is_permitted = False
    rig.until(lambda: "ack" in entry.told)
    rig.restart(without_journal=True)
    entry.hand_out_again()
    entry.is_permitted = True
    rig.until(lambda: "done" in entry.told)
    assert len(rig.fills(entry.id)) == 1


def test_an_order_of_which_the_broker_says_nothing_certain_is_not_sent_again(rig: Rig) -> None:
    rig.refuse("open", 10012)
    entry = rig.server.hand_out()
    rig.until(lambda: "unknown" in entry.told)
    rig.server.desire("lookup", entry)
    rig.until(lambda: "lookup_absent" in entry.told)
    rig.seconds(20)
    assert rig.fills(entry.id) == []
    assert not {"never_sent", "rejected"} & set(entry.told)


def test_an_order_that_was_done_although_nobody_said_so_is_found(rig: Rig) -> None:
    rig.leave_unsure("open", 10012)
    entry = rig.server.hand_out()
    rig.until(lambda: "done" in entry.told)
    rig.seconds(10)
    assert len(rig.fills(entry.id)) == 1


def test_what_ended_is_said_again_when_it_is_asked_for(rig: Rig) -> None:
    rig.refuse("open", 10019)
    entry = rig.server.hand_out()
    rig.until(lambda: "rejected" in entry.told)
    entry.reports.clear()
    rig.server.desire("lookup", entry)
    rig.until(lambda: entry.told)
    assert entry.told == ["rejected"]


def test_the_lost_answer_to_an_acknowledgement_changes_nothing(rig: Rig) -> None:
    rig.server.bend("reports", LOST, times=2)
    entry = rig.server.hand_out()
    rig.until(lambda: "done" in entry.told)
    assert len(rig.fills(entry.id)) == 1


def test_a_journal_from_a_backup_trades_nothing_twice_and_reuses_no_number(rig: Rig) -> None:
    """It holds an order as not sent yet, which was sent after the copy was made."""
    entry = rig.server.hand_out()
    entry.is_permitted = False
    rig.until(lambda: "ack" in entry.told)
    rig.kill()
    rig.journal_keep()
    rig.seconds(16)
    rig.start()
    rig.seconds(rig.warm_up)
    entry.hand_out_again()
    entry.is_permitted = True
    rig.until(lambda: "done" in entry.told)
    rig.money("balance", "5")
    rig.seconds(6)
    rig.kill()
    rig.journal_restore()
    entry.reports.clear()
    rig.server.desire("lookup", entry)
    rig.seconds(16)
    rig.start()
    rig.until(lambda: entry.told, 120)
    rig.seconds(10)
    assert "never_sent" not in entry.told
    assert len(rig.fills(entry.id)) == 1
    assert {one.ticket for one in rig.deals()} == set(rig.server.deals())
