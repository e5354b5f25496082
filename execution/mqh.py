"""The EA's words of the executor API as MQL5: return codes, kinds, states, times in force."""

from collections.abc import Iterable, Iterator
from typing import Final

from execution.rules.retcodes import ACTIONS, LOOK_UP, RETCODES
from execution.rules.states import ORDER_EDGES
from execution.rules.tif import TIF_MODES
from execution.wire.requests import REPORT_KINDS

_HEAD: Final = """#ifndef FUSION_WIRE_MQH
#define FUSION_WIRE_MQH
// Written by `manage.py executor_schema` from execution/rules and execution/wire; do not edit.
"""


def wire_mqh_text() -> str:
    """Return the text of `Include/Fusion/Wire.mqh`."""
    return "\n".join([_HEAD, *_lines(), "#endif"]) + "\n"


def _lines() -> Iterator[str]:
    yield "// What to do with a return code of the trade server."
    for number, action in enumerate(ACTIONS):
        yield f"#define ACT_{action.upper()} {number}"
    yield ""
    yield "// Kinds of reports."
    for kind in REPORT_KINDS:
        yield f'#define KIND_{kind.upper()} "{kind}"'
    yield ""
    yield "// States that an order has at the server."
    for state in ORDER_EDGES:
        yield f'#define STATE_{state.upper()} "{state}"'
    yield ""
    yield "// An unknown code is looked up, never sent again."
    unknown = f"ACT_{LOOK_UP.upper()}"
    yield from _switch("int RetcodeAction(const uint code)", "code", _actions(), unknown)
    yield from _switch(
        "string RetcodeName(const uint code)",
        "code",
        ((str(code), f'"{one.name}"') for code, one in RETCODES.items()),
        '"retcode_" + IntegerToString(code)',
    )
    yield "// Fillings to ask for, best first."
    yield from _words(
        "string TifFillings(const string tif)",
        {tif: ",".join(modes.fillings) for tif, modes in TIF_MODES.items()},
    )
    yield "// How a resting order ends; empty for what never rests."
    yield from _words(
        "string TifExpiration(const string tif)",
        {tif: ",".join(modes.expirations[:1]) for tif, modes in TIF_MODES.items()},
    )
    yield from _function("bool TifIsKnown(const string tif)", ['return TifFillings(tif) != "";'])
    yield from _function("bool TifRests(const string tif)", ['return TifExpiration(tif) != "";'])


def _actions() -> Iterator[tuple[str, str]]:
    return ((str(code), f"ACT_{one.action.upper()}") for code, one in RETCODES.items())


def _function(head: str, body: Iterable[str]) -> Iterator[str]:
    yield head
    yield "{"
    yield from (f"    {line}" for line in body)
    yield "}"
    yield ""


def _switch(
    head: str, value: str, cases: Iterable[tuple[str, str]], otherwise: str
) -> Iterator[str]:
    listed = [f"    case {case}: return {result};" for case, result in cases]
    return _function(
        head, [f"switch({value})", "{", *listed, f"    default: return {otherwise};", "}"]
    )


def _words(head: str, answers: dict[str, str]) -> Iterator[str]:
    lines = [
        line
        for word, answer in answers.items()
        for line in (f'if(tif == "{word}")', f'    return "{answer}";')
    ]
    return _function(head, [*lines, 'return "";'])
