"""What the paper executor tells of its broker, as far as the server reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from execution.paper.broker import PaperBroker
from execution.paper.terms import PaperSymbol
from execution.wire import Heartbeat, Hello, ReportedDeal, body_of
from execution.wire.fields import API_MINOR, MomentText
from execution.wire.fields import number_text as text

VERSIONS = {"executor": "1.0"}
# Members that came with minor 2 go to servers that know it.
TELLS_ALL = 2
_ALL_DAY = [{"day": day, "from_seconds": 0, "to_seconds": 86_400} for day in range(7)]
_SINCE_TELLS_ALL = ("sl", "tp")
_FLAGS = ("connected", "terminal_allowed", "program_allowed", "account_allowed", "experts_allowed")


@dataclass(frozen=True, slots=True)
class State:
    """How the executor itself is doing at a heartbeat; `number` counts those of its run."""

    number: int
    at: datetime
    ping_ms: int
    skew_ms: int
    outbox_depth: int
    entries_blocked: tuple[str, ...]


def hello_of(broker: PaperBroker, minor: int, *, journal_since: str = "", **members: str) -> Hello:
    """Return a hello to a server that reads `minor`; the first of a run says what any server reads.

    `members`: instance, boot_nonce, server, login, currency.
    """
    account = broker.account()
    told: dict[str, Any] = {
        **members,
        "margin_mode": broker.margin_mode,
        "versions": VERSIONS,
        "balance": account["balance"],
        "equity": account["equity"],
        "api_minor": API_MINOR,
    }
    sheets = [symbol.sheet() for symbol in broker.symbols]
    if minor >= TELLS_ALL:
        told |= {"currency_digits": 2, "trade_mode": "demo", "journal_since": journal_since}
        sheets = [_sheet_whole(symbol, members["currency"]) for symbol in broker.symbols]
    symbols = [msgspec.Raw(msgspec.json.encode(sheet)) for sheet in sheets]
    return body_of(Hello, symbols=symbols, **told)


def heartbeat_of(broker: PaperBroker, minor: int, state: State, **members: str) -> Heartbeat:
    """Return a heartbeat to a server that reads `minor`. `members`: instance, boot_nonce."""
    account = broker.account()
    if minor < TELLS_ALL:
        return body_of(Heartbeat, **members, **account)
    del account["open_tickets"]
    return body_of(
        Heartbeat,
        **members,
        **account,
        **_money(account),
        number=state.number,
        told_at=MomentText.of(state.at),
        positions=[_position(one) for one in broker.positions()],
        pendings=[_pending(one) for one in broker.pendings()],
        quotes=_quotes(broker, state.at),
        ping_ms=state.ping_ms,
        skew_ms=state.skew_ms,
        flags=dict.fromkeys(_FLAGS, True),
        versions=VERSIONS,
        outbox_depth=state.outbox_depth,
        entries_blocked=list(state.entries_blocked),
    )


def deal_of(told: Mapping[str, Any], minor: int) -> ReportedDeal:
    """Return a deal of the broker's to a server that reads `minor`."""
    left_out = () if minor >= TELLS_ALL else _SINCE_TELLS_ALL
    return body_of(ReportedDeal, **{name: told[name] for name in told if name not in left_out})


def _money(account: Mapping[str, Any]) -> dict[str, str]:
    equity, margin = Decimal(account["equity"]), Decimal(account["margin"])
    floating = equity - Decimal(account["balance"])
    return {"margin_free": text(equity - margin), "credit": "0", "floating": text(floating)}


def _sheet_whole(symbol: PaperSymbol, currency: str) -> dict[str, Any]:
    """The sheet with all that this broker does: at any hour, in its account's own currency."""
    sheet = symbol.sheet()
    return {
        **sheet,
        "tick_value_loss": sheet["tick_value"],
        "freeze_level_points": 0,
        "lots_limit": "0",
        "trade_mode": "full",
        "execution_mode": "instant",
        "filling_modes": [one for one in symbol.fillings if one != "return"],
        "expiration_modes": ["gtc", "day", "specified"],
        "order_modes": ["market", "limit", "stop", "stop_limit", "sl", "tp"],
        "sessions": _ALL_DAY,
        "profit_currency": currency,
        "swap_mode": "currency_deposit",
        "swap_long": text(symbol.swap_long),
        "swap_short": text(symbol.swap_short),
        "swap_triple_day": symbol.swap_triple_day,
    }


def _position(kept: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "position_ticket": str(kept["ticket"]),
        "symbol": kept["symbol"],
        "side": kept["side"],
        "volume_lots": kept["volume"],
        "price_open": kept["price"],
        "sl": kept["sl"],
        "tp": kept["tp"],
    }


def _pending(kept: Mapping[str, Any]) -> dict[str, Any]:
    stop, limit, ends_at = kept["stop"], kept["limit"], kept["ends_at"]
    words = {(True, True): "stop_limit", (True, False): "stop", (False, True): "limit"}
    return {
        "broker_order_ticket": str(kept["ticket"]),
        "magic": str(kept["magic"]),
        "symbol": kept["symbol"],
        "kind": f"{kept['side']}_{words[stop is not None, limit is not None]}",
        "volume_lots": kept["volume"],
        "price": limit if stop is None else stop,
        "limit_price": None if stop is None else limit,
        "sl": kept["sl"],
        "tp": kept["tp"],
        "expires_at": None if ends_at is None else MomentText.of(datetime.fromisoformat(ends_at)),
    }


def _quotes(broker: PaperBroker, at: datetime) -> list[dict[str, Any]]:
    """The market quotes at every moment; its time is UTC."""
    found = [(one.symbol, broker.quote(one.symbol)) for one in broker.symbols]
    return [
        {
            "symbol": symbol,
            "bid": text(quote.bid),
            "ask": text(quote.ask),
            "time_msc": int(at.timestamp() * 1000),
        }
        for symbol, quote in found
        if quote is not None
    ]
