"""What the reference says of each dialect, above its examples. Pure data, in Markdown."""

from __future__ import annotations

from typing import Final

GUIDE: Final[dict[str, str]] = {
    "df.signal/1": """\
What our own Pine scripts send ([pine.md](pine.md)); `signals/schemas/df.signal.v1.json` is its
contract and says what each member means. `event` is entry, exit, partial_exit, amend, cancel,
test ([asks for nothing](alerts-rules.md#what-never-arrived)) or, since minor 1, bar: the prices
of a closed bar, which ask for nothing either. Whatever the event, `"env": "test"` asks for
nothing, and an entry with `"env": "paper"` is traded on paper accounts only.
""",
    "traderspost": """\
TradersPost JSON. `buy` and `sell` open; with sentiment `flat` they close, and `exit` closes
either side. `cancel` cancels what waits on the symbol. `quantityType` `fixed_quantity`,
`dollar_amount` and `percent_of_equity` size an entry, `percent_of_position` a partial exit.
`time` is read as the time of sending. Option picking, `add`, trailing stops, orders for the
open or the close, and a `limitPrice` or `stopPrice` without `orderType` are refused. A message
with members of other formats that mean something (`stop_loss`, `market_position`, `qty`,
`side`, `timenow` …) is read as generic JSON, so that none of them is lost.
""",
    "openalgo": """\
OpenAlgo JSON. `apikey` is the credential. With `position_size` (the position after the order)
and `quantity` the order is told apart: opened, added, reduced, closed or turned around. A
reversal's entry has the size that is left after closing. `product` is not needed here. A
message with members of other formats that mean something (`stoploss`, `reduceOnly` …) is read
as generic JSON.
""",
    "threecommas": """\
3Commas JSON. `secret` (or `email_token`) is the credential. A strategy signal names the
position before and after; a custom signal says `enter_long`, `exit_short` and so on, and may
attach a market stop and one target in percent; `buy` or `sell` without `strategy_info` does not
say what the order does and is refused. An entry expires `max_lag` seconds after `timestamp`.
Messages of DCA bots can only close, since their start names no side.
""",
    "tv_sentence": """\
TradingView's default sentence. What TradingView sends when nobody changes the message of a
strategy alert. The number after `@` is the quantity, not the price. The sentence may stand
alone or be the `message` of a JSON object, whose time, interval and `test` then count; a stop,
side or size beside the sentence is refused.
""",
    "octobot": """\
OctoBot text. Fields by line or semicolon; `TOKEN` is the credential. `REDUCE_ONLY=true` closes
and never opens. `VOLUME` is a quantity or, with `%`, a share of equity; shares of holdings
(`a%`, `s%`, `t%`) are refused. `STOP_PRICE` is the stop loss, except with `ORDER_TYPE=STOP`.
""",
    "pineconnector": """\
PineConnector text. `LicenceID,command,symbol,key=value,…`. The licence id, or `secret=` where
it is sent, is the credential. `closelong` never opens; compound commands such as
`closelongopenshort` (`cl+os`) are an exit and an entry. What `risk=` means is set in the
receiving terminal: it counts only where the strategy declares `size_unit`. A plain `sl=` or
`tp=` of 5 or more with at most one decimal place is in pips; anything else needs `sl_pips`,
`sl_price`, `sl_pct`, or the strategy's `target_unit`. `trailtrig=`, `traildist=` and `trailstep=`
together, `betrigger=` with `beoffset=`, and `entry_pips=` or `entry_pct=` become a
[plan](alerts-rules.md#a-trade-with-a-plan), `vol_dollar=` is account money at risk. Other trailing
keys are let go beside a fixed stop and named in `sources`; without one all are refused, as are
the conditions `spread=` and `accfilter=`. `closealleaoff` closes everything; switching it off is
done with `./manage.py switch`.
""",
    "tradesgnl": """\
TradeSgnl text. `LicenceID,SYMBOL,action,risk=…`: the symbol stands before the action. Stops are
in pips, with the same rule for bare numbers as in PineConnector. `pct=` needs a percent sign,
because it may mean lots.
""",
    "key_value": """\
Generic key=value text. Fields by comma, semicolon or line; `=` or `:` between key and value,
one of each kind in one message. This is the form of Pinebridge (`signal=`) and Trade Sender
(`Action:`). A bare `size` is in lots, `qty` in units; `sl=-100` and `tp=+200` are points, `1%`
is percent.
""",
    "generic_json": """\
Generic JSON. Any spelling of `ticker`, `symbol` or `pair`; of `action`, `side` or `direction`;
of TradingView's `strategy.*` placeholders, flat or nested, in an object or in a list of one.
`market_position`, `prev_market_position` and the position sizes tell entry, exit and reversal
apart. `time` is the bar's start where a bar of the named `interval` may start then, else the time
of sending. Send a new `id` with every message, or none. A message with `test` or `dry_run` set
is a test. PickMyTrade's action stands under `data`; a zero is none there. A member that is not
understood [refuses an entry](alerts-rules.md#what-nobody-understands):

- `reduceOnly`, and an order on the other side's `positionSide`, close and never open.
  `close_opposite` makes an entry a reversal.
- After `flat`, or where the position afterwards is flat, all is closed, whatever the quantity.
  Otherwise a quantity in lots or units is how much of the position is closed, and `percent` its
  share.
- `expires_at` or `valid_until` ends an entry, also one that rests at the broker; so does `maxLag`,
  in seconds after the time of sending. `sl_type` and `tp_type` may name the unit.
- Refused: paper, demo and test modes (`"mode": "paper"`), `"enabled": false`, `"live": false`,
  inverse or reverse modes, a delay before an entry, conditions such as `preventPyramiding` or
  `closeInProfit`, several orders in one message, and an order that would close at a price.
""",
}
