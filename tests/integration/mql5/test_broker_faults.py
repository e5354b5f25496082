"""Scripted faults: answers that lie, late history, lost transactions, crashes, clocks."""

import time
from decimal import Decimal
from pathlib import Path

import pytest

from fusion_project.local.market.rules.prices import INSTRUMENTS
from mql5.host.__main__ import main
from mql5.host.broker import Broker, BrokerRefused, sample_symbol
from mql5.host.running import CRASHED, Lockstep, Terminal, run
from tests.integration.mql5.hosting import LIMIT, NEEDS_COMPILER, PROGRAMS, told
from tests.integration.mql5.trading import BUY, START, START_MS, Desk, Traded, second

pytestmark = NEEDS_COMPILER
DONE, PARTIAL, PLACED = 10009, 10010, 10008
CLOSE = "type=sell volume=0.10 position=@0"


@pytest.mark.parametrize("retcode", [10004, 10006, 10011, 10012, 10020, 10021, 10024, 10028, 10031])
def test_a_refusal_by_script_does_nothing(desk: Desk, retcode: int) -> None:
    desk.broker.fault("request", effect="refuse", retcode=retcode, match="deal EURUSD")
    found = desk.run(BUY, BUY)
    assert found.sent() == [retcode, DONE]
    assert len(found.truth.deals) == 1


@pytest.mark.parametrize("retcode", [10012, 10031, 0])
def test_an_answer_may_be_lost_though_the_order_was_executed(desk: Desk, retcode: int) -> None:
    desk.broker.fault("request", effect="execute", retcode=retcode, ms=3000)
    found = desk.run(f"{BUY} magic=6", "do=positions")
    assert found.said[0] == f"sent false {retcode} error 4756 volume 0.00 price 0.00000 deal no"
    assert [one["magic"] for one in found.truth.positions] == ["6"]


def test_an_order_may_be_executed_long_after_its_answer(desk: Desk) -> None:
    desk.broker.fault("request", effect="late", retcode=10012, ms=2500)
    found = desk.run(f"{BUY} magic=6", "do=positions", "do=positions", "do=positions")
    assert found.sent() == [10012]
    assert found.only("positions") == ["positions 0", "positions 0", "positions 1"]
    assert [(one["magic"], one["reason"]) for one in found.truth.deals] == [("6", "expert")]


def test_an_order_may_be_placed_first_and_filled_later(desk: Desk) -> None:
    desk.broker.fault("request", effect="place", ms=1500)
    found = desk.run(BUY, "do=orders", "do=orders", "do=positions", hear=True)
    assert found.sent() == [PLACED]
    assert found.only("orders") == ["orders 1", "orders 0"]
    assert "ORDER_STATE_PLACED" in found.only("order ")[0]
    assert len(found.truth.deals) == 1


def test_a_second_close_beside_a_placed_one_is_refused(desk: Desk) -> None:
    desk.broker.fault("request", effect="place", ms=1500, skip=1)
    found = desk.run(BUY, CLOSE, CLOSE, "do=positions")
    assert found.sent() == [DONE, PLACED, 10039]
    assert found.only("positions") == ["positions 0"]


def test_a_fill_may_be_partial_and_its_price_may_slip(desk: Desk) -> None:
    desk.broker.fault("request", effect="partial", volume=Decimal("0.03"))
    desk.broker.fault("request", effect="slip", points=7)
    found = desk.run(f"{BUY} filling=ioc", BUY)
    assert found.sent() == [PARTIAL, DONE]
    assert [(one["volume"], one["price"]) for one in found.truth.deals] == [
        ("0.03", "1.1001"),
        ("0.1", "1.10017"),
    ]


def test_a_terminal_may_lag_behind_its_own_request(desk: Desk) -> None:
    desk.broker.fault("request", effect="lag", ms=1500, skip=1)
    found = desk.run(BUY, CLOSE, "do=positions", "do=positions")
    assert found.sent() == [DONE, DONE]
    assert found.only("positions") == ["positions 1", "positions 0"]


def test_history_may_be_empty_after_the_start_and_late_with_each_deal(desk: Desk) -> None:
    desk.broker.fault("history", effect="starting", ms=2500, times=1)
    found = desk.run(BUY, "do=history", "do=history", "do=history")
    assert found.only("history") == [
        "history true orders 0 deals 0",
        "history true orders 1 deals 1",
        "history true orders 1 deals 1",
    ]
    desk.open()
    desk.broker.fault("history", effect="late", ms=1500)
    found = desk.run(BUY, "do=history", "do=history")
    assert [one.split()[-1] for one in found.only("history")] == ["0", "1"]


def heard(found: Traded) -> list[str]:
    return [one.split()[1].removeprefix("TRADE_TRANSACTION_") for one in found.only("heard")]


ALL = ["ORDER_ADD", "DEAL_ADD", "ORDER_DELETE", "HISTORY_ADD", "REQUEST"]


def test_a_market_order_is_heard_as_order_deal_history_and_request(desk: Desk) -> None:
    found = desk.run(BUY, "do=positions", hear=True)
    assert heard(found) == ALL
    order = found.truth.deals[0]["order"]
    assert found.only("heard")[1] == (
        f"heard TRADE_TRANSACTION_DEAL_ADD deal yes order {order} position {order} retcode 0"
    )
    assert found.only("heard")[-1].endswith("retcode 10009")


@pytest.mark.parametrize(
    ("effect", "ms", "expected"),
    [
        ("drop", 0, ["ORDER_ADD", "ORDER_DELETE", "HISTORY_ADD", "REQUEST"]),
        (
            "repeat",
            0,
            ["ORDER_ADD", "DEAL_ADD", "DEAL_ADD", "ORDER_DELETE", "HISTORY_ADD", "REQUEST"],
        ),
        ("hold", 300, ["ORDER_ADD", "ORDER_DELETE", "HISTORY_ADD", "REQUEST", "DEAL_ADD"]),
    ],
)
def test_transactions_may_be_dropped_repeated_and_reordered(
    desk: Desk, effect: str, ms: int, expected: list[str]
) -> None:
    desk.broker.fault("transaction", match="deal_add", effect=effect, ms=ms)
    assert heard(desk.run(BUY, "do=positions", hear=True)) == expected


@pytest.mark.parametrize(("when", "deals"), [("before", 0), ("after", 1)])
def test_a_crash_at_sending_leaves_the_brokers_side(desk: Desk, when: str, deals: int) -> None:
    desk.broker.crash("OrderSend", when, match="deal")
    found = desk.run(BUY)
    assert found.code == CRASHED
    assert len(found.truth.deals) == deals
    again = desk.run("do=positions", BUY)
    assert again.code == 0
    assert again.only("positions") == [f"positions {deals}"]


def test_a_crash_strikes_the_nth_call_with_its_words(desk: Desk) -> None:
    desk.broker.crash("FileFlush", "before", nth=2, match="note", torn=3)
    found = desk.run("do=file text=one", "do=file text=second")
    assert found.code == CRASHED
    assert (desk.home / "MQL5" / "Files" / "note.txt").read_bytes() == b"one\r\nsec"


def test_a_crash_may_strike_where_the_program_says_something(desk: Desk) -> None:
    desk.broker.crash("Print", "after", match="positions 0")
    assert desk.run("do=positions", "do=positions").said == ["positions 0"]


def test_a_crash_point_that_does_not_exist_is_refused(desk: Desk) -> None:
    with pytest.raises(ValueError, match="no crash point: Nowhere"):
        desk.broker.crash("Nowhere", "before")


def test_a_full_disk_takes_no_line(desk: Desk) -> None:
    desk.broker.fault("FileWrite", match="note.txt two")
    found = desk.run("do=file text=one", "do=file text=two", "do=file text=three")
    assert found.said == ["wrote 5 error 0", "wrote 0 error 5026", "wrote 7 error 0"]
    assert (desk.home / "MQL5" / "Files" / "note.txt").read_bytes() == b"one\r\nthree\r\n"


@pytest.mark.parametrize(
    ("retcode", "words"),
    [
        (503, "asked 503 error 0 'busy'"),
        (1001, "asked 1001 error 0 'busy'"),
        (5203, "asked -1 error 5203 ''"),
    ],
)
def test_a_web_request_may_be_answered_by_script(desk: Desk, retcode: int, words: str) -> None:
    desk.broker.fault("WebRequest", match="/poll", retcode=retcode, text="busy", ms=200)
    assert desk.run("do=ask url=http://127.0.0.1:1/poll").said == [words]


def test_the_servers_clock_is_ahead_and_the_terminals_may_be_wrong(desk: Desk) -> None:
    desk.open(offset_s=10_800, skew_ms=-90_000)
    found = desk.run(BUY, "do=clock")
    assert found.only("clock") == [
        "clock current 2026.01.05 13:00:02 server 2026.01.05 12:58:32 gmt 2026.01.05 09:58:32"
        " ticks 2000"
    ]
    assert int(found.truth.deals[0]["time_msc"]) == START_MS + 10_800_000 + 1010


def test_a_lost_connection_freezes_what_the_terminal_knows(desk: Desk) -> None:
    desk.broker.say("account", at=second(1.5), connected=False)
    desk.move(-60, at=2)
    desk.broker.say("account", at=second(4.5), connected=True)
    found = desk.run(
        f"{BUY} sl=bid-50", "do=account", "do=positions", BUY, "do=positions", hear=True
    )
    assert found.sent() == [DONE, 10031]
    assert " connected 0 " in found.only("account")[0]
    assert found.only("positions") == ["positions 1", "positions 0"]
    assert "DEAL_ADD" not in heard(found)[6:]  # the stop was hit while nobody listened


def test_a_terminal_that_starts_without_connection_is_nobody(desk: Desk) -> None:
    desk.broker.say("account", connected=False)
    desk.broker.say("account", at=second(2.5), connected=True)
    found = desk.run("do=account", "do=tick", "do=account")
    first, last = found.only("account")
    assert first.startswith("account 0  0.00 equity 0.00")
    assert first.endswith("connected 0 allowed 1 0 0")
    assert last.startswith("account 5001 Sim-Demo 10000.00 equity")
    assert found.only("tick")[0].startswith("tick false")


def test_a_symbol_must_be_watched_to_have_a_tick(desk: Desk) -> None:
    desk.open({"selected": False})
    found = desk.run("do=tick", "do=watch symbol=EURUSD", "do=tick", "do=watch symbol=NOSUCH")
    assert found.only("tick")[0].endswith("error 4302")
    assert found.only("tick")[1].startswith("tick true EURUSD 1.10000 1.10010")
    assert found.only("watch") == ["watch true", "watch false"]


def test_a_symbol_may_say_that_its_tick_is_worth_nothing(desk: Desk) -> None:
    found = desk.run("do=symbol")
    assert found.said == [
        "symbol EURUSD digits 5 tick 0.00001 value 1.00000 contract 100000 volume 0.01 0.01 100.00"
        " session true 0 86400"
    ]
    desk.broker.say("symbol", at=second(0.5), name="EURUSD", tick_value=0)
    assert " value 0.00000 " in desk.run("do=symbol").said[0]


def test_the_same_run_gives_the_same_book(desk: Desk) -> None:
    books = []
    for _ in range(2):
        desk.broker.open([sample_symbol(INSTRUMENTS["EURUSD"])], balance=10_000)
        desk.run(
            f"{BUY} sl=bid-30 tp=bid+30", f"{BUY} sl=bid-30", "do=positions again=yes", seconds=600
        )
        books.append(desk.broker.book.read_text())
    assert books[0] == books[1]
    assert "reason=sl" in books[0] or "reason=tp" in books[0]


def stepped(desk: Desk, *steps: str) -> Terminal:
    usual = desk.terminal(*steps)
    return Terminal(desk.home, "lockstep", START, inputs=usual.inputs, broker=desk.broker.folder)


def test_a_driver_acts_at_the_broker_while_the_program_waits(desk: Desk) -> None:
    terminal = stepped(desk, BUY, "do=positions", "do=account")
    with Lockstep(desk.binary, terminal, desk.home / "log.txt") as step:
        desk.broker.step = step
        waits = []
        for one in step.steps(second(1.5)):
            waits.append(one.why)
        assert waits == ["timer", "send", "answer", "trade"]
        assert len(desk.broker.truth().deals) == 1
        said = desk.broker.trade(symbol="EURUSD", type="sell", volume=Decimal("0.2"))
        assert said["retcode"] == "10009"
        desk.broker.balance(Decimal(5))
        with pytest.raises(BrokerRefused, match="no position 77"):
            desk.broker.say("position", id=77, sl=1)
        with pytest.raises(BrokerRefused, match="knows no colour of balance"):
            desk.broker.say("balance", colour="red")
        with pytest.raises(BrokerRefused, match="is finer than the account's currency"):
            desk.broker.balance(Decimal("5.00001"))
        for _ in step.steps(second(3.5)):
            pass
        ended = step.stop()
    lines = told(ended.out)
    assert [one for one in lines if one.startswith("positions")] == ["positions 2"]
    assert any(" 10005.00 equity " in one for one in lines)


def test_a_driver_kills_the_program_before_its_order_arrives_or_after_it_was_filled(
    desk: Desk,
) -> None:
    for why, deals in (("send", 0), ("answer", 1)):
        desk.open()
        with Lockstep(desk.binary, stepped(desk, BUY), desk.home / "log.txt") as step:
            while step.yielded is not None and step.yielded.why != why:
                step.go()
            assert step.kill().code == CRASHED
        assert len(desk.broker.truth().deals) == deals


def test_the_same_program_trades_by_the_real_clock(desk: Desk) -> None:
    usual = desk.terminal(BUY, "do=positions", period_ms=50)
    inputs = {**usual.inputs, "InpHear": "true"}
    real = Terminal(desk.home, "real", seconds=0.6, inputs=inputs, broker=desk.broker.folder)
    began = time.time()
    ended = run(desk.binary, real, LIMIT)
    lines = told(ended.out)
    assert ended.code == 0
    assert [one for one in lines if one.startswith("positions")] == ["positions 1"]
    assert any("DEAL_ADD" in one for one in lines)
    assert abs(int(desk.broker.truth().deals[0]["time_msc"]) / 1000 - began) < LIMIT


def test_the_command_attaches_a_broker(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    source = str(PROGRAMS / "broker.mq5")
    words = ["--broker", str(desk.broker.folder), "--input", "InpScript=do=account"]
    assert main(["run", source, *words, "--seconds", "2"]) == 0
    assert "account 5001 Sim-Demo 10000.00" in capsys.readouterr().out


def test_two_terminals_share_one_account(desk: Desk) -> None:
    other = Desk.__new__(Desk)
    other.binary, other.home, other.broker = desk.binary, desk.home / "other", desk.broker
    other.home.mkdir()
    with (
        Lockstep(desk.binary, stepped(desk, BUY, "do=positions"), desk.home / "a.txt") as one,
        Lockstep(
            desk.binary, stepped(other, "do=tick", "do=positions"), desk.home / "b.txt"
        ) as two,
    ):
        for moment in range(START_MS, second(3), 250):
            for step in (one, two):
                for _ in step.steps(moment):
                    pass
        logs = [told(one.stop().out), told(two.stop().out)]
    assert [line for line in logs[1] if line.startswith("positions")] == ["positions 1"]
    assert "positions 1" in logs[0]


def test_a_book_or_a_word_that_cannot_be_read_ends_the_program_with_its_reason(desk: Desk) -> None:
    desk.broker.say("account", balance="12,5")
    found = desk.run("do=account")
    assert found.code == 3
    assert "no decimal in '12,5'" in found.err


def test_a_value_that_would_break_the_book_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no tab"):
        Broker(tmp_path).say("account", name="a\tb")
