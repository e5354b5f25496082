"""Generic JSON: ticker, symbol or pair; action, side or direction; nested `strategy.*`. Pure.

The form that most self-made bots publish. Names are read in any spelling; position facts
(`market_position`, `prev_market_position`, `position_size`) tell entry, exit and reversal apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from signals.dialects import vocabulary as words
from signals.dialects.base import Reading, Refused, StrategyDefaults
from signals.dialects.common_trade import read_trade
from signals.dialects.credentials import CredentialPlace, is_credential_name, member_credential
from signals.dialects.examples import Example
from signals.dialects.named_fields import NamedFields, flatten, plain_name
from signals.dialects.openalgo import OpenAlgo
from signals.dialects.threecommas import ThreeCommas
from signals.dialects.traderspost import TradersPost
from signals.dialects.tv_sentence import TvSentence
from signals.intake.parsing import Content

NAME: Final = "generic_json"
_OTHERS: Final = (ThreeCommas(), OpenAlgo(), TradersPost(), TvSentence())
_MARKS: Final = frozenset(
    {*words.SYMBOL, *words.ACTION_HARD, "signal", "isbuy", "issell", "tradingsymbol"}
)
# A message of our own whose schema is missing or misspelt must not be read by looser rules.
_OWN: Final = frozenset({"schema", "script_ver"})
_WRAPPERS: Final = frozenset({"data", "payload", "body", "alert", "params", "strategy"})

EXAMPLES: Final = (
    Example(
        '{"secret": "S3CRET", "ticker": "AAPL", "action": "buy", "price": 150.25,'
        ' "quantity": 10, "strategy": "my_strategy", "message": "RSI oversold"}',
        "entry buy AAPL qty=10",
    ),
    Example(
        '{"action": "entry", "side": "long", "symbol": "BTCUSDT", "size_type": "percent",'
        ' "size": 1.0, "tag": "SFP"}',
        "entry buy BTCUSDT",
    ),
    Example('{"symbol": "BTCUSDT", "side": "short", "type": "exit"}', "exit buy BTCUSDT"),
    Example(
        '{"ticker": "NQ1!", "price": 21450.25, "action": "buy", "market_position": "long",'
        ' "position_size": 1, "prev_position_size": 0, "quantity": 1}',
        "entry buy NQ1! qty=1",
    ),
    Example(
        '{"passphrase": "S3CRET", "time": "2026-03-02T14:30:05Z", "exchange": "BINANCE",'
        ' "ticker": "BTCUSDT", "bar": {"time": "2026-03-02T14:15:00Z", "close": 67000.5},'
        ' "strategy": {"order_action": "sell", "order_contracts": 2, "order_price": 67000.5,'
        ' "order_id": "Short", "market_position": "short", "market_position_size": 1,'
        ' "prev_market_position": "long", "prev_market_position_size": 1}}',
        "exit sell BINANCE:BTCUSDT; entry sell BINANCE:BTCUSDT qty=1",
    ),
    Example(
        '{"strategy": {"order": {"action": "sell", "contracts": 1}, "current_position": "flat",'
        ' "prev_position": "long"}, "ticker": "ETHUSD"}',
        "exit sell ETHUSD",
    ),
    Example(
        '{"symbol": "NVDA", "action": "buy", "price": 150.50, "stop_loss": 145.00,'
        ' "take_profit": 160.00, "quantity": 10, "alert_id": "unique_alert_123"}',
        "entry buy NVDA qty=10 sl=price:145 tp=price:160",
    ),
    Example(
        '{"symbol": "BTCUSDT", "side": "buy", "orderType": "limit", "price": "50000",'
        ' "qty": "0.001", "slPrice": "49000", "tpPrice": "65000"}',
        "entry buy BTCUSDT limit limit_price=50000 qty=0.001 sl=price:49000 tp=price:65000",
    ),
    Example(
        '{"direction": "close", "symbol": "ETH-PERP", "size": "50%"}',
        "partial_exit any ETH-PERP close_pct=50",
    ),
    Example(
        '[{"symbol": "BTCUSDm", "account": "116437666", "close": "all"}]', "close_all any BTCUSDm"
    ),
    Example('{"action": "closelong", "symbol": "EURUSD"}', "exit sell EURUSD"),
    Example(
        '{"exchange": "dydx", "market": "BTC_USD", "order": "sell", "position": "flat",'
        ' "size": "0.1", "price": "67000"}',
        "exit sell dydx:BTC_USD",
    ),
    Example('{"action": "cancel", "symbol": "EURUSD"}', "cancel any EURUSD"),
    Example(
        '{"action": "modify", "side": "long", "symbol": "EURUSD", "sl_price": "1.0850"}',
        "amend buy EURUSD sl=price:1.085",
    ),
    Example(
        '{"type": "crypto", "ticker": "BTC", "price": 65293.44, "buy": false, "sell": false,'
        ' "short": false, "cover": true, "token": "S3CRET"}',
        "exit buy BTC",
    ),
    Example('{"action": "test", "symbol": "EURUSD"}', "test"),
    Example('{"action": "buy", "symbol": "EURUSD", "test": true}', "test"),
    Example('{"action": "close", "side": "buy", "symbol": "EURUSD"}', "exit any EURUSD"),
    Example(
        '{"ticker": "EURUSD", "action": "buy", "sentiment": "long", "quantity": "10000",'
        ' "price": "1.0842", "stop_loss": "1.0800"}',
        "entry buy EURUSD qty=10000 sl=price:1.08",
    ),
    Example('{"symbol": "BTCUSDT", "side": "sell", "reduceOnly": true}', "exit sell BTCUSDT"),
    Example('{"symbol": "BTCUSDT", "side": "SELL", "positionSide": "LONG"}', "exit sell BTCUSDT"),
    Example(
        '{"symbol": "BTCUSDT", "side": "buy", "qty": 1, "close_opposite": true}',
        "exit buy BTCUSDT; entry buy BTCUSDT qty=1",
    ),
    Example(
        '{"platform_name": "metatrader5", "ticker": "EURUSD", "order_action": "flat",'
        ' "order_contracts": 2.0}',
        "exit any EURUSD",
    ),
    Example(
        '{"symbol": "EURUSD", "side": "buy", "lots": 0.1, "sl": 20, "sl_type": "pips"}',
        "entry buy EURUSD lots=0.1 sl=pips:20",
    ),
    Example('{"action": "buy", "symbol": "EURUSD", "position_size": 0}', "exit buy EURUSD"),
    Example(
        '{"action": "enter_long", "symbol": "EURUSD", "market_position": "flat"}',
        "position_mismatch",
    ),
    Example(
        '{"exchange": "binance-futures", "pair": "BTCUSDT", "token": "S3CRET", "isBuy": true,'
        ' "isSell": true, "isMarket": true, "units": 0.01}',
        "conflicting_sides",
    ),
    Example('{"symbol": "EURUSD", "action": "buy", "qty": 1000, "lots": 0.5}', "conflicting_sizes"),
    Example('{"symbol": "EURUSD", "action": "entry"}', "side_required"),
    Example('{"action": "buy", "price": 1.08, "quantity": 1000}', "no_symbol"),
    Example(
        '{"key": "S3CRET", "pair": "{{base}}{{quote}}", "type": "entry", "side": "long"}',
        "unresolved_placeholder",
    ),
    Example('{"symbol": "EURUSD", "side": "buy", "qty": "NaN"}', "not_a_decimal"),
    Example('{"symbol": "EURUSD", "side": "buy", "qty": 1, "stop_los": 1.08}', "unknown_field"),
    Example('{"symbol": "EURUSD", "side": "buy", "sl": 50}', "unit_unclear"),
    Example('{"symbol": "EURUSD", "side": "buy", "trailing_stop": 20}', "unsupported_option"),
    Example('{"symbol": "EURUSD", "side": "buy", "tp1": "1.10", "tp2": "1.12"}', "unit_unclear"),
    Example(
        '{"symbol": "EURUSD", "side": "buy", "tp1": "1.100", "tp2": "1.120"}', "several_targets"
    ),
    Example(
        '[{"symbol": "EURUSD", "side": "buy"}, {"symbol": "GBPUSD", "side": "buy"}]',
        "several_commands",
    ),
    Example('{"action": "exit", "symbol": "EURUSD", "quantity": 10}', "close_pct_required"),
    Example(
        '{"symbol": "BTCUSDT", "side": "sell", "qty": 1, "reduceOnly": true}', "close_pct_required"
    ),
    Example(
        '{"action": "close", "symbol": "EURUSD", "order_type": "limit", "price": 1.2}',
        "unsupported_order",
    ),
    Example('{"action": "buy", "symbol": "EURUSD", "mode": "paper"}', "unsupported_option"),
    Example('{"action": "buy", "symbol": "EURUSD", "enabled": false}', "unsupported_option"),
    Example('{"action": "buy", "symbol": "EURUSD", "delay": 30}', "unsupported_option"),
    Example('{"symbol": "EURUSD", "ticker": "GBPUSD", "side": "buy"}', "conflicting_fields"),
)


class GenericJson:
    """The adapter of JSON messages that no named dialect claims."""

    name = NAME
    credential_place = CredentialPlace.MEMBERS

    def claims(self, content: Content) -> bool:
        """Claim an object with a symbol or an action that no named dialect claims."""
        if not content.is_json:
            return False
        data = content.data
        if isinstance(data, list):
            return bool(data) and all(_is_marked(one) for one in data)
        if not isinstance(data, dict) or _OWN & data.keys():
            return False
        return _is_marked(data) and not any(other.claims(content) for other in _OTHERS)

    def credential(self, content: Content) -> str | None:
        """Return the first member that is named like a credential."""
        return member_credential(content.data)

    def read(self, content: Content, defaults: StrategyDefaults) -> Reading:
        """Return the intent, or raise `Refused`."""
        data = content.data
        if isinstance(data, list):
            if len(data) > 1:
                raise Refused("several_commands", "Send one object in one message.")
            data = data[0]
        pairs = [(name, value) for name, value in flatten(data) if not is_credential_name(name)]
        return read_trade(NAME, NamedFields(pairs), defaults, {})


def _is_marked(data: Any) -> bool:
    if not isinstance(data, Mapping):
        return False
    names = {plain_name(name) for name in data}
    if names & _MARKS or {"market", "order"} <= names:
        return True
    return any(
        isinstance(value, dict) and plain_name(name) in _WRAPPERS and _is_marked(value)
        for name, value in data.items()
    )
