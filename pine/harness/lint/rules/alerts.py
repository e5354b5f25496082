"""Rules about alerts: confirmed bars of ordinary charts, one message a bar and place, in order."""

from collections.abc import Iterator
from typing import Final

from pine.harness.lint.flow import conditions_of
from pine.harness.lint.nodes import Node
from pine.harness.lint.rule import Check, Found, refuse, rule
from pine.harness.lint.script import Script, literal_text

_FREQUENCY: Final = "alert.freq_once_per_bar_close"
_READY: Final = "barstate.isconfirmed and chart.is_standard"
_ORDER: Final = ("cancel", "exit", "partial_exit", "amend", "entry")
_OF_INDICATORS: Final = ("exit", "entry", "test", "bar")


def _message(script: Script, alert: Node) -> Node | None:
    """The call of one of the helper's *Signal functions that makes the message."""
    message = script.argument(alert, "message")
    is_call = message is not None and message.kind == "call" and message.text.endswith("Signal")
    return message if message and is_call and message.text in script.helpers else None


def _events(script: Script) -> Iterator[tuple[int, Node, str]]:
    """The line of each alert, its message and event: what its function tells `head` first."""
    told: dict[str, str] = {}
    for site in script.calls("head"):
        if event := literal_text(script.argument(site.node, "event")):
            told.setdefault(site.function, event)
    for site in script.calls("alert"):
        message = _message(script, site.node)
        if message and message.text in told:
            yield site.line, message, told[message.text]


@rule("alert-frequency", "any other frequency sends before the bar is final")
def _alert_frequency(script: Script) -> Found:
    for site in script.calls("alert"):
        given = script.argument(site.node, "freq")
        if given is None or (given.kind, given.text) != ("name", _FREQUENCY):
            yield site.line, f"write alert(message, {_FREQUENCY})"


refuse(
    "alertcondition",
    "each call is a dialog item of its own, with a fixed text",
    "its text is fixed and its frequency a click; use alert()",
    lambda script: script.calls("alertcondition"),
)


@rule("alert-place", "once-per-bar counts by place in the script")
def _alert_place(script: Script) -> Found:
    for site in script.calls("alert"):
        if site.function:
            yield site.line, "an alert in a function hides its place; call it outside"
        if any(one.kind in ("for", "while") for one in site.path):
            yield site.line, "an alert in a loop fires once; build one message, then send"


refuse(
    "alert-message",
    "only the helper block knows the wire format",
    "the message must be a call of a helper function, such as exitSignal(...)",
    lambda script: [one for one in script.calls("alert") if not _message(script, one.node)],
)


def _needing(fact: str) -> Check:
    def check(script: Script) -> Found:
        for site in script.calls("alert"):
            if not any(script.flow.needs(guard, fact) for guard in conditions_of(site.path)):
                words = f"no `if` around it needs {fact} on this bar; write bool ready = {_READY}"
                yield site.line, f"{words} and guard with it"

    return check


rule("confirmed-bar", "an open bar may still change its mind")(_needing("barstate.isconfirmed"))
rule("ordinary-chart", "Heikin Ashi and Renko prices were never traded")(
    _needing("chart.is_standard")
)


@rule("id-collision", "the server takes one of two alerts with one id")
def _id_collision(script: Script) -> Found:
    seen: list[tuple[str, str, int]] = []
    for line, message, event in _events(script):
        given = script.argument(message, "leg")
        # A leg that is worked out can come out as any number.
        leg = given.text if given and given.is_literal else ""
        for other, other_leg, above in seen:
            if other == event and (leg == other_leg or "" in (leg, other_leg)):
                words = f"line {above} sends {event} too, so both ids can be equal; give each a leg"
                yield line, words
                break
        seen.append((event, leg, line))


@rule("alert-order", "events of one bar are sent in the order of the script")
def _alert_order(script: Script) -> Found:
    highest = 0
    for line, _, event in _events(script):
        if event not in _ORDER:
            continue
        if _ORDER.index(event) < highest:
            words = f"{event} stands after {_ORDER[highest]}; keep the order {' > '.join(_ORDER)}"
            yield line, words
        highest = max(highest, _ORDER.index(event))


@rule("indicator-signals", "an indicator has no position of its own")
def _indicator_signals(script: Script) -> Found:
    is_indicator = any(script.calls("indicator"))
    for line, _, event in _events(script):
        if is_indicator and event not in _OF_INDICATORS:
            yield line, f"an indicator sends {', '.join(_OF_INDICATORS)} only, not {event}"
