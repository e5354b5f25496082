"""What a terminal shows beyond its account's money, as it was told last; never an older word."""

import hashlib
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection

from execution.errors import HeartbeatOld
from execution.models import BrokerAccount, SymbolMap, Terminal
from execution.models import Heartbeat as HeartbeatRow
from execution.rules.messages import Program
from execution.wire import Heartbeat, ToldQuote, body_write
from execution.wire.fields import text_write

# Quotes of symbols that are not mapped find no row. A tick that is not newer changes nothing.
_QUOTES = """
    INSERT INTO execution_quote AS q (symbol_map_id, bid, ask, quoted_at, heard_at)
    SELECT m.id, told.bid, told.ask, told.quoted_at, %(heard_at)s
      FROM unnest(%(symbols)s::text[], %(bids)s::numeric[], %(asks)s::numeric[],
                  %(times)s::timestamptz[]) AS told(symbol, bid, ask, quoted_at)
      JOIN execution_symbolmap m
        ON m.account_id = %(account_id)s AND m.broker_symbol = told.symbol
        ON CONFLICT (symbol_map_id) DO UPDATE
       SET bid = excluded.bid, ask = excluded.ask, quoted_at = excluded.quoted_at,
           heard_at = excluded.heard_at
"""


def terminal_tell(
    *, account: BrokerAccount, program: Program, facts: Heartbeat, moment: datetime
) -> bool:
    """Keep what a heartbeat says of the terminal. Call under the account's lock.

    False where the very same one came before: nothing is to be stored of it. Raises HeartbeatOld
    where this run has told a later one, or another under this number.
    """
    sha256 = hashlib.sha256(body_write(facts)).hexdigest()
    before = Terminal.objects.defer("positions", "pendings").filter(account=account).first()
    if before is not None and _is_of(before, program) and before.number is not None:
        if before.number == facts.number and before.content_sha256 == sha256:
            return False
        if facts.number is None or facts.number <= before.number:
            raise HeartbeatOld(
                f"heartbeat {before.number} of this run was told before", last=before.number
            )
    columns = {
        "instance": program.instance,
        "boot_nonce": program.boot_nonce,
        "content_sha256": sha256,
        "heard_at": moment,
        **_columns(facts),
    }
    # What stood there, up to a megabyte, is not read to be replaced.
    if not Terminal.objects.filter(account=account).update(**columns):
        Terminal.objects.create(account=account, **columns)
    _quotes_keep(account, facts.quotes, facts.broker_offset_seconds, moment)
    _history_add(account, facts, moment)
    return True


def _is_of(terminal: Terminal, program: Program) -> bool:
    return (terminal.instance, terminal.boot_nonce) == (program.instance, program.boot_nonce)


def _columns(facts: Heartbeat) -> dict[str, Any]:
    return {
        "number": facts.number,
        "told_at": None if facts.told_at is None else facts.told_at.at,
        "positions": _text(facts.positions),
        "pendings": _text(facts.pendings),
        "ping_ms": facts.ping_ms,
        "skew_ms": facts.skew_ms,
        "outbox_depth": facts.outbox_depth,
        "flags": None if facts.flags is None else msgspec.to_builtins(facts.flags),
        "versions": facts.versions,
        "entries_blocked": list(facts.entries_blocked),
        "latch": facts.latch or "",
    }


def _text(told: tuple[msgspec.Struct, ...] | None) -> str | None:
    return None if told is None else msgspec.json.encode(told, enc_hook=text_write).decode()


def _history_add(account: BrokerAccount, facts: Heartbeat, moment: datetime) -> None:
    flags = None if facts.flags is None else msgspec.to_builtins(facts.flags)
    HeartbeatRow.objects.create(
        at=moment,
        account=account,
        instance=facts.instance,
        number=facts.number,
        told_at=None if facts.told_at is None else facts.told_at.at,
        balance=facts.balance,
        equity=facts.equity,
        margin=facts.margin,
        margin_free=facts.margin_free,
        credit=facts.credit,
        floating=facts.floating,
        positions=len(facts.tickets),
        pendings=None if facts.pendings is None else len(facts.pendings),
        ping_ms=facts.ping_ms,
        skew_ms=facts.skew_ms,
        outbox_depth=facts.outbox_depth,
        may_trade=None if flags is None else all(flags.values()),
        entries_blocked=" ".join(facts.entries_blocked),
        latch=facts.latch or "",
        quotes=_quotes_in_force(account, facts),
    )


def _quotes_in_force(account: BrokerAccount, facts: Heartbeat) -> str:
    """Return quotes by instrument, of those that may be traded, as text; none is an empty text."""
    if not facts.quotes:
        return ""
    mapped = SymbolMap.objects.filter(account=account, confirmation__isnull=False)
    instruments = dict(mapped.values_list("broker_symbol", "instrument"))
    found = {
        instruments[one.symbol]: [
            one.bid,
            one.ask,
            one.time_msc - facts.broker_offset_seconds * 1000,
        ]
        for one in facts.quotes
        if one.symbol in instruments
    }
    return msgspec.json.encode(found, enc_hook=text_write).decode()


def _quotes_keep(
    account: BrokerAccount, quotes: tuple[ToldQuote, ...], offset_seconds: int, moment: datetime
) -> None:
    if not quotes:
        return
    values: dict[str, Any] = {
        "account_id": account.id,
        "heard_at": moment,
        "symbols": [one.symbol for one in quotes],
        "bids": [one.bid for one in quotes],
        "asks": [one.ask for one in quotes],
        "times": [one.at(offset_seconds) for one in quotes],
    }
    with connection.cursor() as cursor:
        cursor.execute(_QUOTES, values)
