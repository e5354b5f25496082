"""PineConnector text: `LicenceID,command,symbol,key=value,…`. Pure.

`closelong` never opens; compound commands are an exit and an entry. What `risk=` means is set in
the receiving terminal, so it is a size only where the strategy declares `size_unit`. A trailing
stop whose three parts are told, a break-even and a distance from the market become a plan.
"""

from __future__ import annotations

import re
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
from signals.dialects.planned import PlanKeys
from signals.intake.parsing import Content

NAME: Final = "pineconnector"

_BUY, _SELL = ("entry", "buy"), ("entry", "sell")
_EXIT_LONG, _EXIT_SHORT, _EXIT_ANY = ("exit", "sell"), ("exit", "buy"), ("exit", "any")
_CANCEL_LONG, _CANCEL_SHORT = ("cancel", "sell"), ("cancel", "buy")

COMMANDS: Final[dict[str, Command]] = {
    **dict.fromkeys(("buy", "long", "bull", "bullish"), Command((_BUY,))),
    **dict.fromkeys(("sell", "short", "bear", "bearish"), Command((_SELL,))),
    "buystop": Command((_BUY,), "stop"),
    "buylimit": Command((_BUY,), "limit"),
    "sellstop": Command((_SELL,), "stop"),
    "selllimit": Command((_SELL,), "limit"),
    "closelong": Command((_EXIT_LONG,)),
    "closeshort": Command((_EXIT_SHORT,)),
    "closelongshort": Command((_EXIT_ANY,)),
    "closelongpct": Command((("partial_exit", "sell"),)),
    "closeshortpct": Command((("partial_exit", "buy"),)),
    **dict.fromkeys(("closeall", "closealleaoff"), Command((("close_all", "any"),))),
    "cancellong": Command((_CANCEL_LONG,)),
    "cancelshort": Command((_CANCEL_SHORT,)),
    "newsltplong": Command((("amend", "buy"),)),
    "newsltpshort": Command((("amend", "sell"),)),
    **dict.fromkeys(("closelongopenlong", "cl+ol"), Command((_EXIT_LONG, _BUY))),
    **dict.fromkeys(("closelongopenshort", "cl+os"), Command((_EXIT_LONG, _SELL))),
    **dict.fromkeys(("closeshortopenlong", "cs+ol"), Command((_EXIT_SHORT, _BUY))),
    **dict.fromkeys(("closeshortopenshort", "cs+os"), Command((_EXIT_SHORT, _SELL))),
    **dict.fromkeys(("closelongshortopenlong", "cls+ol"), Command((_EXIT_ANY, _BUY))),
    **dict.fromkeys(("closelongshortopenshort", "cls+os"), Command((_EXIT_ANY, _SELL))),
    "cancellongbuystop": Command((_CANCEL_LONG, _BUY), "stop"),
    "cancellongbuylimit": Command((_CANCEL_LONG, _BUY), "limit"),
    "cancelshortsellstop": Command((_CANCEL_SHORT, _SELL), "stop"),
    "cancelshortselllimit": Command((_CANCEL_SHORT, _SELL), "limit"),
}
UNSUPPORTED: Final = frozenset(
    {
        "closelongvol",
        "closeshortvol",
        "eaon",
        "eaoff",
        "newsltpbuystop",
        "newsltpbuylimit",
        "newsltpsellstop",
        "newsltpselllimit",
    }
)
_EVERY_SYMBOL: Final = frozenset({"closeall", "closealleaoff"})
# Commands of its siblings: where a symbol belongs, one of them is a second command.
_CLOSING: Final = re.compile(r"(close|partialclose|cancel|modify)(buy|sell|long|short|all)", re.I)
# An empty unit: known, but nothing here can be made of it.
KEYS: Final = Keys(
    sizes={
        "risk": None,
        "lots": "lots",
        "vol_lots": "lots",
        "vol_pct_bal_loss": "risk_pct",
        "vol_pct_eq_loss": "risk_pct",
        "vol_dollar": "risk_money",
        "vol_pct_bal_margin": "",
        "vol_pct_bal_lots": "",
    },
    stops={"sl": None, "sl_pips": "pips", "sl_price": "price", "sl_pct": "percent"},
    targets={"tp": None, "tp_pips": "pips", "tp_price": "price", "tp_pct": "percent"},
    entry_prices={
        "price": None,
        "pending": None,
        "entry_price": "price",
    },
    close_pct=("partial_close_pct", "pct", "risk"),
    managing=frozenset(
        {
            "betrigger",
            "beoffset",
            "trailtrig",
            "traildist",
            "trailstep",
            "atrtimeframe",
            "atrperiod",
            "atrmultiplier",
            "atrshift",
            "atrtrigger",
        }
    ),
    plan=PlanKeys(
        trigger="trailtrig",
        distance="traildist",
        step="trailstep",
        even_trigger="betrigger",
        even_offset="beoffset",
        entry_distances={"entry_pips": "pips", "entry_pct": "percent"},
    ),
)


class PineConnector:
    """The adapter of PineConnector's syntax."""

    name = NAME
    credential_place = CredentialPlace.FIRST_FIELD

    def claims(self, content: Content) -> bool:
        """Claim a command in second or first place, or a licence number before no known action."""
        words = first_words(content, 3)
        if len(words) < 2 or "=" in words[0] + words[1]:
            return False
        if _is_command(words[1]) or _is_command(words[0]):
            return True
        third_is_command = len(words) > 2 and _is_command(words[2])
        return _is_licence(words[0]) and not third_is_command

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
        if len(line.words) < 2 or _is_command(line.words[0].lower()):
            raise Refused("malformed_text", "Write LicenceID,command,symbol.")
        name = line.words[1].lower()
        if name in UNSUPPORTED:
            raise Refused("unsupported_command", f"{name} cannot be carried out here.")
        command = COMMANDS.get(name)
        if command is None:
            raise Refused("unknown_event", f"{line.words[1]} is not a command.")
        draft = Draft(_symbol(line.words[2:], name), defaults)
        unknown = add_legs(draft, command, line, KEYS)
        return draft.reading(NAME, unknown=unknown)


def _symbol(words: tuple[str, ...], name: str) -> str:
    if name in _EVERY_SYMBOL and (not words or words[0].lower() == name):
        return ""
    if any(_is_command(other.lower()) or _CLOSING.match(other) for other in words):
        raise Refused("several_commands", "Send one command in one message.")
    if len(words) > 1:
        raise Refused("malformed_text", "Only licence, command and symbol stand without a key.")
    return line_symbol(words[0] if words else None)


def _is_command(text: str) -> bool:
    return text in COMMANDS or text in UNSUPPORTED


def _is_licence(text: str) -> bool:
    return text.isdecimal() and len(text) >= 8
