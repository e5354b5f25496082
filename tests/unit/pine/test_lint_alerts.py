"""Alerts that could fire early, twice, in the wrong order or with another script's words."""

from __future__ import annotations

import pytest

from tests.unit.pine.planting import Case, codes, codes_planted, planted

PICTURE = "// What the picture shows."
CLOSE = ", alert.freq_once_per_bar_close)"
READY = "bool ready = barstate.isconfirmed and chart.is_standard"
SENT = f"    alert(barSignal(){CLOSE}"
TOLD = "bool told = barstate.isconfirmed and chart.is_standard and not na(time_close) and low > 0"
HELD = "if ready and held != 0"
ENTRY = (
    f'    alert(entrySignal(held, "market", na, stopPrice, na, riskPct, "channel_break", ""){CLOSE}'
)
PARTIAL = 'partialExitSignal(held, tradeId, partPct, "first_distance")'
AMEND = 'amendStopSignal(held, tradeId, stopPrice, "break_even")'
EXIT = f"    alert(exitSignal(held, tradeId, exitReason){CLOSE}"
CASES: list[Case] = [
    ("alert-frequency", "df-trend", CLOSE, ")"),
    ("alert-frequency", "df-trend", CLOSE, ", alert.freq_once_per_bar)"),
    ("alert-frequency", "df-trend", CLOSE, ", alert.freq_all)"),
    ("alert-frequency", "df-trend", CLOSE, ', "once_per_bar_close")'),
    ("alertcondition", "df-bars", PICTURE, 'alertcondition(told, "Told", "told")'),
    ("alert-place", "df-bars", SENT, f"    for step = 0 to 1\n    {SENT}"),
    ("alert-place", "df-bars", SENT, f"    while count < 3\n    {SENT}"),
    ("alert-message", "df-bars", "alert(barSignal()", 'alert("bar"'),
    ("alert-message", "df-bars", "alert(barSignal()", "alert(barSignal() + SCRIPT"),
    ("alert-message", "df-bars", "alert(barSignal()", 'alert(head("bar", "any", 0)'),
    ("confirmed-bar", "df-bars", TOLD, "bool told = chart.is_standard and not na(close)"),
    ("confirmed-bar", "df-bars", TOLD, TOLD.replace("isconfirmed", "isconfirmed == true")),
    ("confirmed-bar", "df-bars", TOLD, TOLD.replace("barstate", "not barstate")),
    ("confirmed-bar", "df-trend", HELD, "if chart.is_standard and held != 0"),
    ("confirmed-bar", "df-trend", "if mayEnter and held", "if chart.is_standard and held"),
    ("confirmed-bar", "df-playbook", "movesStop = ready", "movesStop = chart.is_standard"),
    ("confirmed-bar", "df-breakout", "cancelled = ready", "cancelled = chart.is_standard"),
    (
        "confirmed-bar",
        "df-trend",
        'if exitReason != ""\n',
        'if exitReason != "none" and chart.is_standard\n',
    ),
    ("confirmed-bar", "df-trend", "if entered != 0\n", "if entered >= 0 and chart.is_standard\n"),
    ("ordinary-chart", "df-bars", TOLD, TOLD.replace(" and chart.is_standard", "")),
    ("ordinary-chart", "df-bars", TOLD, TOLD.replace("chart.", "not chart.")),
    ("ordinary-chart", "df-trend", HELD, "if barstate.isconfirmed and held != 0"),
    ("ordinary-chart", "df-channel", "mayEnter = ready", "mayEnter = barstate.isconfirmed"),
    ("id-collision", "df-bars", SENT, f"{SENT}\n{SENT}"),
    ("id-collision", "df-channel", EXIT, f"{EXIT}\n{EXIT}"),
    ("id-collision", "df-channel", ENTRY, f"{ENTRY}\n{ENTRY.replace('held,', '-held,')}"),
    ("alert-order", "df-playbook", PARTIAL, 'cancelSignal(tradeId, "plan_over")'),
    (
        "indicator-signals",
        "df-channel",
        "exitSignal(held, tradeId, exitReason)",
        'cancelSignal(tradeId, "over")',
    ),
    ("indicator-signals", "df-bars", "barSignal(), a", 'amendStopSignal(1, "x", close, "over"), a'),
    (
        "indicator-signals",
        "df-bars",
        "barSignal(), a",
        'partialExitSignal(1, "x", 50.0, "over"), a',
    ),
]

GUARDS = [
    "bool told = not na(close) and (barstate.isconfirmed and chart.is_standard)",
    f"{READY}\nbool told = ready and high > low or ready and high < low",
    f"{READY}\nbool told = false\nif ready\n    told := not na(close)",
    "bool told = false\nif barstate.isconfirmed\n    if chart.is_standard\n        told := true",
    f"{READY}\nint side = 0\nif ready\n    side := 1\nbool told = side > 0",
    f"{READY}\nint side = 0\nif ready\n    side := -1\nbool told = side < 0",
    f"{READY}\nint side = 0\nif ready\n    side := 1\nbool told = side == 1",
    "bool told = false\nif na(close)\n    told := false"
    "\nelse if barstate.isconfirmed and chart.is_standard\n    told := true",
]


@pytest.mark.parametrize(("rule", "stem", "old", "new"), CASES)
def test_a_planted_fault_is_found_by_its_rule(rule: str, stem: str, old: str, new: str) -> None:
    assert codes_planted(stem, old, new) == {rule}


@pytest.mark.parametrize("guard", GUARDS)
def test_a_guard_that_holds_on_confirmed_bars_only_is_let_pass(guard: str) -> None:
    assert codes_planted("df-bars", TOLD, guard) == set()


@pytest.mark.parametrize(
    "guard",
    [
        "var bool told = false\nif barstate.isconfirmed and chart.is_standard\n    told := true",
        "bool told = false\nif barstate.isconfirmed and chart.is_standard\n    told := true"
        "\ntold := true",
        "bool told = barstate.isconfirmed and chart.is_standard\nif high > low\n    told := true",
        "bool told = false\nif barstate.isconfirmed and chart.is_standard\n    told := false"
        "\nelse\n    told := true",
        "bool told = barstate.isconfirmed and chart.is_standard ? high > low : high < low",
        "bool told = true",
        "bool told = barstate.isconfirmed and chart.is_standard or high > low",
        f"{READY}\nint side = 0\nif ready\n    side := 2\nbool told = side < 1",
        f"{READY}\nint side = 0\nif ready\n    side := 2\nbool told = side == 0",
        "int side = 1\nside += 1\nbool told = side != 1",
    ],
)
def test_a_guard_that_can_hold_on_an_open_bar_of_any_chart_is_refused(guard: str) -> None:
    assert codes_planted("df-bars", TOLD, guard) == {"confirmed-bar", "ordinary-chart"}


def test_an_alert_without_any_guard_is_refused() -> None:
    found = codes_planted("df-bars", f"if told\n{SENT}\n", f"{SENT.strip()}\nif told\n")
    assert found == {"confirmed-bar", "ordinary-chart"}


def test_state_kept_from_earlier_bars_is_no_guard() -> None:
    """`held` was decided on a confirmed bar, but long ago: this bar may be open."""
    assert codes_planted("df-trend", HELD, "if held != 0") == {"confirmed-bar", "ordinary-chart"}


def test_an_alert_in_a_function_is_refused() -> None:
    sender = f"send() =>\n{SENT}\nsend()\n"
    assert "alert-place" in codes_planted("df-bars", PICTURE, sender)


def test_a_message_function_outside_of_the_helper_block_is_refused() -> None:
    own = 'ownSignal() =>\n    "{}"\n' + TOLD
    source_change = f"{own}\nif told\n    alert(ownSignal(){CLOSE}"
    assert codes_planted("df-bars", TOLD, source_change) == {"alert-message"}


def test_an_entry_before_the_exit_is_refused() -> None:
    earlier = (
        'if mayEnter\n    alert(entrySignal(1, "market", na, na, na, riskPct, "x", ""), '
        "alert.freq_once_per_bar_close)\nif exitReason"
    )
    found = codes_planted("df-trend", "if exitReason", earlier)
    assert found == {"alert-order", "id-collision"}


@pytest.mark.parametrize(
    ("legs", "found"),
    [((0, 1), set()), ((1, 1), {"id-collision"}), (("count", 0), {"id-collision"})],
)
def test_two_alerts_of_one_event_need_different_legs(
    legs: tuple[object, object], found: set[str]
) -> None:
    source = planted("df-bars", "barSignal() =>\n", "barSignal(int leg) =>\n")
    source = source.replace('head("bar", "any", 0)', 'head("bar", "any", leg)')
    both = "\n".join(SENT.replace("barSignal()", f"barSignal({leg})") for leg in legs)
    assert codes("df-bars", source.replace(SENT, both)) == found
