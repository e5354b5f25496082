"""Rules about alerts: confirmed bars of ordinary charts, one message a bar and place, in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pine.harness.lint.flow import conditions_of, flow_of
from pine.harness.lint.nodes import Call, Function, Literal, Name
from pine.harness.lint.rule import Found, Rule
from pine.harness.lint.script import Script, Site, argument, literal_text

_FREQUENCY: Final = "alert.freq_once_per_bar_close"
_ORDER: Final = ("cancel", "exit", "partial_exit", "amend", "entry")
_OF_INDICATORS: Final = ("exit", "entry", "test", "bar")


def _alerts(script: Script) -> Iterator[tuple[Call, Site]]:
    return ((call, site) for call, site in script.calls if call.name == "alert")


def _signal(script: Script, call: Call) -> Call | None:
    """The call of one of the helper's *Signal functions that makes the message."""
    message = argument(call, 0, "message")
    if not isinstance(message, Call) or not message.name.endswith("Signal"):
        return None
    function = script.functions.get(message.name)
    in_helper = function is not None and function.at.line in script.helper_lines
    return message if in_helper else None


def _events(script: Script) -> Iterator[tuple[Call, Call, str]]:
    """Each alert with its message and event; the event is what the function tells `head`."""
    for call, _ in _alerts(script):
        message = _signal(script, call)
        for inner, site in script.calls:
            outermost = site.outermost
            if message and inner.name == "head" and isinstance(outermost, Function):
                event = literal_text(argument(inner, 0, "event"))
                if outermost.name == message.name and event:
                    yield call, message, event
                    break


def _frequency(script: Script) -> Iterator[Found]:
    for call, _ in _alerts(script):
        given = argument(call, 1, "freq")
        if not isinstance(given, Name) or given.text != _FREQUENCY:
            yield Found(call.at.line, f"write alert(message, {_FREQUENCY})")


def _condition(script: Script) -> Iterator[Found]:
    for call, _ in script.calls:
        if call.name == "alertcondition":
            yield Found(call.at.line, "its text is fixed and its frequency a click; use alert()")


def _place(script: Script) -> Iterator[Found]:
    for call, site in _alerts(script):
        if any(isinstance(one, Function) for one in site.statements):
            yield Found(call.at.line, "an alert in a function hides its place; call it outside")
        if any(block.keyword in ("for", "while") for block in site.blocks):
            yield Found(call.at.line, "an alert in a loop fires once; build one message, then send")


def _message(script: Script) -> Iterator[Found]:
    for call, _ in _alerts(script):
        if _signal(script, call) is None:
            words = "the message must be a call of a helper function, such as exitSignal(...)"
            yield Found(call.at.line, words)


def _needs(fact: str, why: str) -> Rule:
    def check(script: Script) -> Iterator[Found]:
        flow = flow_of(script)
        for call, site in _alerts(script):
            guards = conditions_of(site.statements)
            if not any(flow.needs(guard, fact) for guard in guards):
                words = f"no `if` around it needs {fact} on this bar; write bool ready = {_READY}"
                yield Found(call.at.line, f"{words} and guard with it")

    return Rule(_CODES[fact], why, check)


_READY: Final = "barstate.isconfirmed and chart.is_standard"
_CODES: Final = {"barstate.isconfirmed": "confirmed-bar", "chart.is_standard": "ordinary-chart"}


def _collision(script: Script) -> Iterator[Found]:
    seen: list[tuple[str, str | None, int]] = []
    for call, message, event in _events(script):
        leg = _leg(script, message)
        for other, other_leg, line in seen:
            # A leg that is worked out can come out as any number.
            if other == event and (leg == other_leg or None in (leg, other_leg)):
                words = f"line {line} sends {event} too, so both ids can be equal; give each a leg"
                yield Found(call.at.line, words)
                break
        seen.append((event, leg, call.at.line))


def _leg(script: Script, message: Call) -> str | None:
    for place, parameter in enumerate(script.functions[message.name].parameters):
        given = argument(message, place, "leg") if parameter.name == "leg" else None
        if isinstance(given, Literal):
            return given.text
    return None


def _order(script: Script) -> Iterator[Found]:
    highest = 0
    for call, _, event in sorted(_events(script), key=lambda found: found[0].at.line):
        if event not in _ORDER:
            continue
        if _ORDER.index(event) < highest:
            words = f"{event} stands after {_ORDER[highest]}; keep the order {' > '.join(_ORDER)}"
            yield Found(call.at.line, words)
        highest = max(highest, _ORDER.index(event))


def _indicator(script: Script) -> Iterator[Found]:
    if not any(call.name == "indicator" for call, _ in script.declarations):
        return
    for call, _, event in _events(script):
        if event not in _OF_INDICATORS:
            words = f"an indicator sends {', '.join(_OF_INDICATORS)} only, not {event}"
            yield Found(call.at.line, words)


RULES: Final = (
    Rule("alert-frequency", "any other frequency sends before the bar is final", _frequency),
    Rule("alertcondition", "each call is a dialog item of its own, with a fixed text", _condition),
    Rule("alert-place", "once-per-bar counts by place in the script", _place),
    Rule("alert-message", "only the helper block knows the wire format", _message),
    _needs("barstate.isconfirmed", "an open bar may still change its mind"),
    _needs("chart.is_standard", "Heikin Ashi and Renko prices were never traded"),
    Rule("id-collision", "the server takes one of two alerts with one id", _collision),
    Rule("alert-order", "events of one bar are sent in the order of the script", _order),
    Rule("indicator-signals", "an indicator has no position of its own", _indicator),
)
