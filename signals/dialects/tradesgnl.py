"""TradeSgnl text: `LicenceID,SYMBOL,action,risk=…,key=value,…`. Pure.

The symbol stands before the action, the other way round than in PineConnector. Stops are in pips;
what `risk=` means is set in the receiving terminal.
"""

from __future__ import annotations

from typing import Final

from signals.dialects.base import Reading, Refused, StrategyDefaults
from signals.dialects.comma_text import (
    Command,
    Keys,
    add_legs,
    first_words,
    line_symbol,
    read_line,
)
from signals.dialects.credentials import CredentialPlace, field_credential
from signals.dialects.drafts import Draft
from signals.dialects.pineconnector import PineConnector
from signals.intake.parsing import Content

NAME: Final = "tradesgnl"

_BUY, _SELL = ("entry", "buy"), ("entry", "sell")
_EXIT_LONG, _EXIT_SHORT = ("exit", "sell"), ("exit", "buy")
_PART_LONG, _PART_SHORT = ("partial_exit", "sell"), ("partial_exit", "buy")

COMMANDS: Final[dict[str, Command]] = {
    "buy": Command((_BUY,)),
    "sell": Command((_SELL,)),
    "buystop": Command((_BUY,), "stop"),
    "buylimit": Command((_BUY,), "limit"),
    "sellstop": Command((_SELL,), "stop"),
    "selllimit": Command((_SELL,), "limit"),
    **dict.fromkeys(("closebuy", "closelong"), Command((_EXIT_LONG,))),
    **dict.fromkeys(("closesell", "closeshort"), Command((_EXIT_SHORT,))),
    "closeall": Command((("close_all", "any"),)),
    **dict.fromkeys(
        ("partialclosebuy", "partialcloselong", "closebuypct", "closelongpct"),
        Command((_PART_LONG,)),
    ),
    **dict.fromkeys(
        ("partialclosesell", "partialcloseshort", "closesellpct", "closeshortpct"),
        Command((_PART_SHORT,)),
    ),
    **dict.fromkeys(("cancellong", "cancelbuy"), Command((("cancel", "sell"),))),
    **dict.fromkeys(("cancelshort", "cancelsell"), Command((("cancel", "buy"),))),
    "cancelall": Command((("cancel_all", "any"),)),
    **dict.fromkeys(("modifybuy", "modifylong", "newsltplong"), Command((("amend", "buy"),))),
    **dict.fromkeys(("modifysell", "modifyshort", "newsltpshort"), Command((("amend", "sell"),))),
}
KEYS: Final = Keys(
    sizes={"risk": None, "lots": "lots"},
    stops={"sl": None, "sl_pips": "pips", "sl_price": "price"},
    targets={
        "tp": None,
        "tp_pips": "pips",
        "tp_price": "price",
        **{f"tp{number}": None for number in range(1, 10)},
    },
    entry_prices={"pending": None, "price": None},
    close_pct=("pct",),
    managing=frozenset({"trtrig", "trdist", "trstep", "betrig", "bedist"}),
)


class TradeSgnl:
    """The adapter of TradeSgnl's syntax."""

    name = NAME
    credential_place = CredentialPlace.FIRST_FIELD

    def claims(self, content: Content) -> bool:
        """Claim an action in third place, unless PineConnector's order fits."""
        words = first_words(content, 3)
        if len(words) < 3 or any("=" in word or not word for word in words):
            return False
        return words[2] in COMMANDS and not PineConnector().claims(content)

    def credential(self, content: Content) -> str | None:
        """Return `secret=` where it is sent, else the licence id."""
        try:
            line = read_line(content.text)
        except Refused:
            return None
        return field_credential(tuple(line.fields.items())) or (line.words or (None,))[0]

    def read(self, content: Content, defaults: StrategyDefaults) -> Reading:
        """Return the intent, or raise `Refused`."""
        line = read_line(content.text)
        if len(line.words) > 3 and line.words[3].lower() in COMMANDS:
            raise Refused("several_commands", "Send one action in one message.")
        if len(line.words) != 3:
            raise Refused("malformed_text", "Write LicenceID,SYMBOL,action.")
        command = COMMANDS.get(line.words[2].lower())
        if command is None:
            raise Refused("unknown_event", f"{line.words[2]} is not an action.")
        if command.steps[0][0] == "partial_exit":
            _require_percent(line.fields.get("pct"))
        draft = Draft(line_symbol(line.words[1]), defaults)
        unknown = add_legs(draft, command, line, KEYS)
        return draft.reading(NAME, unknown=unknown)


def _require_percent(given: str | None) -> None:
    """`pct=` is a share, a percentage or lots, as the terminal is set; a percent sign tells."""
    if given is not None and not given.endswith("%"):
        raise Refused("unit_unclear", "Write pct with a percent sign; else it may mean lots.")
