"""Generic `key=value` text by comma, semicolon or line, with `=` or a colon. Pure.

The form of Pinebridge (`signal=long,symbol=…`), Trade Sender (`Action:buy;Size:1;…`) and their
like: a bare `size` is in lots, `qty` in units.
"""

from __future__ import annotations

from typing import Final

from signals.dialects import vocabulary as words
from signals.dialects.base import Reading, Refused, StrategyDefaults
from signals.dialects.common_trade import read_trade
from signals.dialects.credentials import CredentialPlace, field_credential, is_credential_name
from signals.dialects.examples import Example
from signals.dialects.key_fields import PROSE, read_fields
from signals.dialects.named_fields import NamedFields, plain_name
from signals.dialects.octobot import OctoBot
from signals.dialects.values import word
from signals.intake.parsing import Content

NAME: Final = "key_value"
_LENGTH_MAX: Final = 4096
_MARKS: Final = frozenset({*words.SYMBOL, *words.ACTION_HARD, "signal"})
_UNITS: Final = {"size": "lots"}

EXAMPLES: Final = (
    Example(
        "signal=long,symbol=EURUSD,qty=100000,entry_price=1.0850,sl_price=1.0800,"
        "tp_price=1.0950,strategy=sflow-v2,secret=S3CRET",
        "entry buy EURUSD qty=100000 sl=price:1.08 tp=price:1.095",
    ),
    Example("signal=closelong,symbol=EURUSD,secret=S3CRET", "exit sell EURUSD"),
    Example("signal=closeall,symbol=EURUSD,secret=S3CRET", "close_all any EURUSD"),
    Example(
        "signal=modify,symbol=EURUSD,sl_price=1.0820,tp_price=1.0980,secret=S3CRET",
        "amend any EURUSD sl=price:1.082 tp=price:1.098",
    ),
    Example(
        "signal=armlong,symbol=EURUSD,qty=1000,limit_price=1.08250,tp_price=1.08650,"
        "zone_id=41821,zone_src=OB",
        "entry buy EURUSD limit limit_price=1.0825 qty=1000 tp=price:1.0865",
    ),
    Example("signal=cancellong,symbol=EURUSD,zone_id=41821,zone_src=OB", "cancel sell EURUSD"),
    Example(
        "Action:buy;Size:1;Symbol:EURUSD;Price:market;SL:1.0800;TP:1%",
        "entry buy EURUSD lots=1 sl=price:1.08 tp=percent:1",
    ),
    Example(
        "action=Sell, symbol=GBPUSD, price=market, size=1000$", "entry sell GBPUSD notional=1000"
    ),
    Example(
        "action=buy;symbol=GBPUSD;size=0.5;sl=-100;tp=+200",
        "entry buy GBPUSD lots=0.5 sl=points:100 tp=points:200",
    ),
    Example("action: buy\nticker: BTCUSDT\nqty: 0.1\nprice: 67000", "entry buy BTCUSDT qty=0.1"),
    Example("side=sell\nsymbol=OANDA:EURUSD\nlots=0.2", "entry sell OANDA:EURUSD lots=0.2"),
    Example("action=close;symbol=EURUSD;percent=50", "partial_exit any EURUSD close_pct=50"),
    Example("symbol=EURUSD;side=sell;reduce_only=true", "exit sell EURUSD"),
    Example('action="buy",symbol="EURUSD",lots="0.1"', "entry buy EURUSD lots=0.1"),
    Example("action=buy;symbol=EURUSD;lots=1;trade_type=inverse", "unsupported_option"),
    Example("action=buy;symbol=GBPUSD;price=1.234;size=1", "unknown_order_type"),
    Example("action=buy,symbol=EURUSD,action=sell", "duplicate_key"),
    Example("action=buy,symbol=EURUSD,size=1,sl=50", "unit_unclear"),
    Example("action=buy,symbol=EURUSD,sl=NaN", "not_a_decimal"),
    Example("signal=hold,symbol=EURUSD", "unknown_event"),
    Example("symbol=EURUSD,action=", "malformed_text"),
)


class KeyValue:
    """The adapter of `key=value` messages that no named dialect claims."""

    name = NAME
    credential_place = CredentialPlace.FIELDS

    def claims(self, content: Content) -> bool:
        """Claim a text whose first field is a key and which names a symbol or an action."""
        form = _form(content)
        if form is None or OctoBot().claims(content):
            return False
        separators, assign = form
        text = content.text
        for separator in separators:
            text = text.replace(separator, "\n")
        lines = [line for line in text.split("\n") if line.strip()]
        names = {plain_name(line.partition(assign)[0]) for line in lines if assign in line}
        return bool(names & _MARKS) and assign in lines[0]

    def credential(self, content: Content) -> str | None:
        """Return `secret=` or its like."""
        form = _form(content)
        if form is None:
            return None
        try:
            return field_credential(tuple(read_fields(content.text, *form).items()))
        except Refused:
            return None

    def read(self, content: Content, defaults: StrategyDefaults) -> Reading:
        """Return the intent, or raise `Refused`."""
        form = _form(content)
        if form is None:
            raise Refused("malformed_text", "Write key=value fields.")
        given = read_fields(content.text, *form)
        _check_price(given)
        pairs = [
            (name, value)
            for name, value in given.items()
            if not is_credential_name(name) and name not in PROSE
        ]
        return read_trade(NAME, NamedFields(pairs), defaults, _UNITS)


def _form(content: Content) -> tuple[str, str] | None:
    """Return the separators and the assignment sign, one of each kind in one message."""
    text = content.text.strip()
    if content.is_json or len(text) > _LENGTH_MAX or text[:1] in "{[\"'":
        return None
    equals, colon = text.find("="), text.find(":")
    if equals < 0 and colon < 0:
        return None
    is_colon = equals < 0 or 0 <= colon < equals
    return (";" if ";" in text else ","), (":" if is_colon else "=")


def _check_price(given: dict[str, str]) -> None:
    """A price beside a bare size is where to trade in one bridge, and information in another."""
    price = given.get("price")
    if price is None or "size" not in given or {"order_type", "ordertype"} & given.keys():
        return
    if word(price) != "market":
        raise Refused("unknown_order_type", "Add order_type: the price may be a limit or a stop.")
