"""Bugs planted into what the Expert Advisor remembers, counts by its clocks, and guards."""

from typing import Final

from tests.e2e.ea.bugs import (
    _ANSWERS,
    _PENDINGS,
    _PROTECTION,
    _SERVER,
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
        "good until told in UTC",
        "Clock.mqh",
        "return (datetime)(utc_ms / 1000 + BrokerOffset());",
        "return (datetime)(utc_ms / 1000);",
        _PENDINGS,
        "test_good_until_is_told_in_the_broker_s_time",
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
)
