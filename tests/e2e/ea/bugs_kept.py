"""Bugs planted into what the Expert Advisor remembers, counts by its clocks, and guards."""

from typing import Final

from tests.e2e.ea.bugs import (
    _ANSWERS,
    _NETTING,
    _OUTBOX,
    _PENDINGS,
    _PROTECTION,
    _SERVER,
    _TERMINAL,
    _bug,
)

KEPT_BUGS: Final = (
    _bug(
        "the journal's age untold",
        "Sheets.mqh",
        '            json.Text("journal_since", g_journal.Value("since"));\n',
        "",
        _SERVER,
        "test_a_lease_that_ended_comes_back_and_is_traded_once",
    ),
    _bug(
        "the machine's clock moves the broker's day",
        "Clock.mqh",
        "trade_server - g_clock.SkewSeconds();",
        "trade_server;",
        _TERMINAL,
        "test_a_clock_that_was_set_back_stops_entries_and_moves_no_day",
    ),
    _bug(
        "good until told in UTC",
        "Clock.mqh",
        "return (datetime)(utc_ms / 1000 + BrokerOffset());",
        "return (datetime)(utc_ms / 1000);",
        _PENDINGS,
        "test_good_until_is_told_in_the_broker_s_time",
    ),
    _bug(
        "a gap not told again",
        "Memory.mqh",
        "                reports[i].told = UNTOLD;",
        "                reports[i].told = TOLD;",
        _OUTBOX,
        "test_a_report_that_the_server_lost_is_told_again",
    ),
    _bug(
        "a number given twice",
        "Desk.mqh",
        "if(g_journal.IsBorn() && !is_behind)",
        "if(g_journal.IsBorn())",
        _OUTBOX,
        "test_a_journal_from_a_backup_gives_no_number_twice",
    ),
    _bug(
        "the order of an open position forgotten",
        "Journal.mqh",
        "if(kept[i].stage == STAGE_CLOSED && !IsGuarding(kept[i].terms.id))",
        "if(kept[i].stage == STAGE_CLOSED)",
        _OUTBOX,
        "test_old_orders_are_forgotten_and_what_is_guarded_is_not",
    ),
    _bug(
        "a naked position of a lost journal kept",
        "Protect.mqh",
        "g_set.needs_stop && IsOursByComment(magic)",
        "false",
        _PROTECTION,
        "test_with_its_journal_lost_a_position_without_a_stop_is_closed",
    ),
    _bug(
        "the server's kill not heard",
        "Desk.mqh",
        "                is_killed = true;",
        "                is_killed = false;",
        _ANSWERS,
        "test_a_kill_holds_as_long_as_the_server_says_it",
    ),
    _bug(
        "a closed market hammered",
        "Protect.mqh",
        "answer.action == ACT_PAUSE ? CLOSE_PAUSE_MS : CLOSE_AGAIN_MS",
        "CLOSE_AGAIN_MS",
        _PROTECTION,
        "test_a_flatten_that_the_broker_refuses_is_asked_again",
    ),
    _bug(
        "another's side of a netting position guarded",
        "Protect.mqh",
        "if(is_buy != g_journal.kept[at].terms.is_buy)",
        "if(false)",
        _NETTING,
        "test_a_reversal_by_hand_changes_the_ticket_and_keeps_the_identifier",
    ),
)
