"""The words and field names that generic alerts use, each with one meaning. Pure data.

Names and words are compared in lower case without punctuation: `closeLong` is `close_long`.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple


class Ask(NamedTuple):
    """What a word asks for. The side is that of the leg; None where the word does not say."""

    event: str
    side: str | None = None
    order_type: str = "market"


def _spread(*pairs: tuple[str, Ask]) -> dict[str, Ask]:
    return {one: ask for words, ask in pairs for one in words.split()}


ASKS: Final = _spread(
    ("entry enter open openposition", Ask("entry")),
    ("enterlong entrylong openlong golong longentry longopen buytoopen", Ask("entry", "buy")),
    (
        "entershort entryshort openshort goshort shortentry shortopen selltoopen selltoshort",
        Ask("entry", "sell"),
    ),
    ("buymarket marketbuy positiontypebuy ordertypebuy opbuy", Ask("entry", "buy")),
    ("sellmarket marketsell positiontypesell ordertypesell opsell", Ask("entry", "sell")),
    ("buylimit limitbuy armlong ordertypebuylimit opbuylimit", Ask("entry", "buy", "limit")),
    ("selllimit limitsell armshort ordertypeselllimit opselllimit", Ask("entry", "sell", "limit")),
    ("buystop ordertypebuystop opbuystop", Ask("entry", "buy", "stop")),
    ("sellstop ordertypesellstop opsellstop", Ask("entry", "sell", "stop")),
    ("exit close flat flatten closeposition exitposition closetrade", Ask("exit")),
    (
        "exitlong closelong longexit longclose closebuy selltoclose closealllong",
        Ask("exit", "sell"),
    ),
    (
        "exitshort closeshort shortexit shortclose closesell cover buytocover buytoclose"
        " closeallshort",
        Ask("exit", "buy"),
    ),
    ("partialclose partialexit closepartial exitpartial reduce scaleout", Ask("partial_exit")),
    ("closelongpct partialcloselong reducelong", Ask("partial_exit", "sell")),
    ("closeshortpct partialcloseshort reduceshort", Ask("partial_exit", "buy")),
    ("closeall exitall flattenall flatteneverything closeallpositions", Ask("close_all")),
    ("cancel cancelorder cancelorders cancelpending deletependings", Ask("cancel")),
    ("cancellong cancelbuy", Ask("cancel", "sell")),
    ("cancelshort cancelsell", Ask("cancel", "buy")),
    ("cancelall cancelallorders", Ask("cancel_all")),
    (
        "modify amend update modifyposition modifysltp movesl movestop updatesl updatesltp",
        Ask("amend"),
    ),
    ("modifylong newsltplong", Ask("amend", "buy")),
    ("modifyshort newsltpshort", Ask("amend", "sell")),
    ("reverse flip reversal reverseposition", Ask("reverse")),
    ("reversetolong fliptolong closeshortopenlong", Ask("reverse", "buy")),
    ("reversetoshort fliptoshort closelongopenshort", Ask("reverse", "sell")),
    ("test ping heartbeat canary", Ask("test")),
)
# An order is placed, which says neither what it does nor which way.
PLACES: Final = frozenset({"place", "placeorder", "order"})

# Words of a direction; long and short may also name a position, buy and sell an order.
DIRECTIONS: Final = {
    "buy": "buy",
    "long": "buy",
    "bull": "buy",
    "bullish": "buy",
    "sell": "sell",
    "short": "sell",
    "bear": "sell",
    "bearish": "sell",
}
POSITIONS: Final = {
    "long": "long",
    "bullish": "long",
    "short": "short",
    "bearish": "short",
    "flat": "flat",
    "none": "flat",
}
ORDER_TYPES: Final = {
    "market": "market",
    "mkt": "market",
    "limit": "limit",
    "lmt": "limit",
    "stop": "stop",
    "stopmarket": "stop",
    "stoplimit": "stop_limit",
}
SIZE_TYPES: Final = {
    "lot": "lots",
    "lots": "lots",
    "qty": "qty",
    "quantity": "qty",
    "unit": "qty",
    "units": "qty",
    "contracts": "qty",
    "shares": "qty",
    "fixed": "qty",
    "fixedquantity": "qty",
    "base": "qty",
    "coin": "qty",
    "usd": "notional",
    "usdt": "notional",
    "quote": "notional",
    "notional": "notional",
    "cash": "notional",
    "dollaramount": "notional",
    "riskpct": "risk_pct",
    "riskpercent": "risk_pct",
    "equitypct": "equity_pct",
    "equitypercent": "equity_pct",
    "percentofequity": "equity_pct",
    "percent": None,
    "percentage": None,
    "pct": None,
}


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


SYMBOL: Final = _names("symbol ticker pair instrument tradingsymbol tickerid symbolname asset")
# `market` names a symbol only where it holds a pair; elsewhere it says spot or futures.
PAIR_LIKE: Final = re.compile(r"[A-Za-z0-9]{2,12}[-_/][A-Za-z0-9]{2,12}")
EXCHANGE: Final = _names("exchange tvexchange")
# In these an unknown word is an error; in the soft ones it may be prose or a category.
ACTION_HARD: Final = _names(
    "action side direction command cmd orderaction strategyorderaction tradeaction orderside"
    " transactiontype"
)
ACTION_SOFT: Final = _names(
    "signal type event order operation trade eventtype signaltype status alert"
)
# A word in these that is no instruction says what has happened: the message is a report.
REPORTS: Final = _names("event eventtype status alert")
# These name the signal or its kind; only a word of an order's life makes a report of them.
LABELS: Final = _names("signal signaltype type")
LIFE: Final = frozenset(
    _names(
        "filled partiallyfilled partialfill rejected expired canceled cancelled triggered executed"
        " submitted working replaced closed stopped stoppedout stophit slhit stoplosshit tphit"
        " tp1hit tp2hit tp3hit takeprofithit targethit targetreached complete completed liquidated"
        " invalidated error failed"
    )
)
# As the reason of an order these tell that it was one that protects.
PROTECTS: Final = frozenset(_names("stoploss takeprofit sl tp stop trailingstop"))
AFTER_WORD: Final = _names(
    "marketposition strategymarketposition sentiment position currentposition"
    " strategycurrentposition newposition"
)
AFTER_MARKET: Final = _names("marketposition strategymarketposition")
AFTER_SIZE_SIGNED: Final = _names(
    "positionsize strategypositionsize newpositionsize positionsizeafter"
)
AFTER_SIZE: Final = _names("marketpositionsize strategymarketpositionsize")
BEFORE_WORD: Final = _names(
    "prevmarketposition strategyprevmarketposition prevposition strategyprevposition"
    " previousposition"
)
BEFORE_SIZE: Final = _names(
    "prevmarketpositionsize strategyprevmarketpositionsize prevpositionsize previouspositionsize"
)
SIZES: Final[dict[str, str | None]] = {
    **dict.fromkeys(
        _names(
            "qty quantity contracts ordercontracts strategyordercontracts shares units orderqty"
            " orderquantity"
        ),
        "qty",
    ),
    **dict.fromkeys(_names("lot lots lotsize vollots volumelots sizelots"), "lots"),
    **dict.fromkeys(_names("riskpct riskpercent riskpercentage"), "risk_pct"),
    **dict.fromkeys(_names("equitypct equitypercent percentofequity"), "equity_pct"),
    **dict.fromkeys(
        _names("notional quoteamount usdamount amountusd quoteqty stakeamount"), "notional"
    ),
    **dict.fromkeys(_names("size amount risk q sz vol orderamount ordersize volume"), None),
}
SIZE_TYPE: Final = _names(
    "sizetype quantitytype qtytype amounttype sizemode currencytype investmenttype"
)
CLOSE_PCT: Final = _names(
    "closepct closepercent closepercentage partialclosepct partialclosepercent exitpct"
    " exitpercent percent pct percentage qtypercent qtypct quantitypercent quantitypct"
    " sizepercent sizepct positionpercent reducepercent reducepct"
)
# Parts of a position that are no percentage; an exit with one of them is not a whole exit.
CLOSE_PARTS: Final[dict[str, str | None]] = {
    **dict.fromkeys(_names("closeqty closequantity exitqty exitquantity"), "qty"),
    **dict.fromkeys(_names("closelots partialcloselots"), "lots"),
    **dict.fromkeys(
        _names(
            "closesize closevolume closeamount exitsize closefraction exitfraction fraction"
            " portion closeportion partialclosevalue partialclosevol partialclosevolume"
        ),
        None,
    ),
}
ORDER_TYPE: Final = _names("ordertype pricetype entrytype strategyordertype")
LIMIT_PRICE: Final = _names("limitprice orderlimitprice limit")
STOP_PRICE: Final = _names("stopprice triggerprice orderstopprice")
REF_PRICE: Final = _names(
    "price close orderprice strategyorderprice marketprice signalprice currentprice tvprice"
    " lastprice entryprice entry barclose"
)


def _target_names(bare: str, extra: str = "") -> dict[str, str | None]:
    units = {
        "price": "price",
        "pips": "pips",
        "points": "points",
        "value": None,
        "pct": "percent",
        "percent": "percent",
        "percentage": "percent",
    }
    out: dict[str, str | None] = dict.fromkeys(_names(bare), None)
    for name in _names(bare):
        out |= {f"{name}{suffix}": unit for suffix, unit in units.items()}
        out |= {f"{unit}{name}": unit for unit in ("pips", "points")}
    # `stop_price` is an order's price, not a stop loss.
    out.pop("stopprice", None)
    return out | dict.fromkeys(_names(extra), "price")


STOPS: Final = _target_names(
    "sl stoploss stop", "presetstoplossprice stoplossstopprice stoplosstarget"
)
TARGETS: Final = _target_names(
    "tp takeprofit target profittarget tp1 takeprofit1 target1",
    "presettakeprofitprice takeprofitlimitprice",
)
STOP_TYPES: Final = _names("sltype stoplosstype slunit stoplossunit slmode")
TARGET_TYPES: Final = _names("tptype takeprofittype tpunit takeprofitunit tpmode")
TARGET_UNITS: Final = {
    "price": "price",
    "absolute": "price",
    "pips": "pips",
    "pip": "pips",
    "points": "points",
    "percent": "percent",
    "percentage": "percent",
    "pct": "percent",
}
PLAIN_TARGETS: Final = frozenset(_names("stop stopmarket stoploss market limit takeprofit fixed"))
TIME_EITHER: Final = _names("time timestamp datetime ts")
TIME_BAR: Final = _names("bartime candletime barstart")
TIME_SENT: Final = _names("timenow sentat senttime alerttime tvtime firedat firetime")
# How many seconds after its time of sending a message is too late.
LAG: Final = _names("maxlag")
TIF: Final = _names("tif timeinforce")
TIFS: Final = frozenset(_names("day gtc ioc fok"))
CANCEL_FIRST: Final = _names("cancel cancelall cancelallorders cancelorders")
EXPIRES: Final = _names("expiresat expireat expirytime validuntil goodtill goodtilldate")
INTERVAL: Final = _names("interval timeframe tf resolution barinterval")
SENDER_ID: Final = _names("id alertid signalid messageid idempotencykey nonce uuid eventid")
TRADE_REF: Final = _names("tradeid traderef zoneid")
REF_ID: Final = _names("refid origid")
OPTIONS: Final = _names("optiontype strike strikeprice strikesaway expiration optionsymbol")
# Types of order that none of ours stands for.
FOREIGN_ORDERS: Final = frozenset(
    _names(
        "trailing trailingstop trailingstopmarket trailstop oco takeprofit takeprofitmarket"
        " takeprofitlimit stoploss stoplossmarket stoplosslimit marketiftouched moc loc moo loo"
        " twap vwap iceberg postonly"
    )
)
# Every name of the terms of a trade, of its times and of its references.
TERMS: Final = frozenset(
    {
        *SYMBOL,
        *EXCHANGE,
        *AFTER_SIZE_SIGNED,
        *AFTER_SIZE,
        *BEFORE_SIZE,
        *SIZES,
        *SIZE_TYPE,
        *CLOSE_PCT,
        *CLOSE_PARTS,
        *ORDER_TYPE,
        *LIMIT_PRICE,
        *STOP_PRICE,
        *REF_PRICE,
        *STOPS,
        *TARGETS,
        *STOP_TYPES,
        *TARGET_TYPES,
        *TIME_EITHER,
        *TIME_BAR,
        *TIME_SENT,
        *LAG,
        *TIF,
        *EXPIRES,
        *INTERVAL,
        *SENDER_ID,
        *TRADE_REF,
        *REF_ID,
        *CANCEL_FIRST,
        *("islimit", "ismarket", "uselimitclose"),
    }
)
