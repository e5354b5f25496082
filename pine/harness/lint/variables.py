"""The built-in variables and constants that a script may read: an allow-list from the v6 manual."""

from __future__ import annotations

from typing import Final

from pine.harness.lint.functions import FUNCTIONS


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Numbers that change from bar to bar.
FLOATS: Final = words(
    "open high low close hl2 hlc3 hlcc4 ohlc4 volume bid ask ta.accdist ta.iii ta.nvi ta.obv ta.pvi"
    " ta.pvt ta.tr ta.vwap ta.wad ta.wvad"
)
INTS: Final = words(
    "bar_index last_bar_index last_bar_time time time_close time_tradingday timenow dayofmonth"
    " dayofweek hour minute month second weekofyear year"
)
# The same on every bar; a figure asked for from another timeframe may hold them as they are.
FIXED_FLOATS: Final = words(
    "syminfo.mintick syminfo.mincontract syminfo.pointvalue math.e math.phi math.pi math.rphi"
)
FIXED_INTS: Final = words("syminfo.minmove syminfo.pricescale timeframe.multiplier")
FIXED_TEXTS: Final = words(
    "syminfo.basecurrency syminfo.country syminfo.currency syminfo.description syminfo.prefix"
    " syminfo.root syminfo.session syminfo.ticker syminfo.tickerid syminfo.timezone syminfo.type"
    " syminfo.volumetype syminfo.main_tickerid timeframe.period timeframe.main_period"
)
BOOLS: Final = words(
    "barstate.isconfirmed barstate.isfirst barstate.ishistory barstate.islast"
    " barstate.islastconfirmedhistory barstate.isnew barstate.isrealtime chart.is_heikinashi"
    " chart.is_kagi chart.is_linebreak chart.is_pnf chart.is_range chart.is_renko chart.is_standard"
    " session.isfirstbar session.isfirstbar_regular session.islastbar session.islastbar_regular"
    " session.ismarket session.ispostmarket session.ispremarket timeframe.isdaily timeframe.isdwm"
    " timeframe.isintraday timeframe.isminutes timeframe.ismonthly timeframe.isseconds"
    " timeframe.isticks timeframe.isweekly"
)
_STRATEGY: Final = (
    "account_currency avg_losing_trade avg_trade avg_winning_trade cash closedtrades"
    " closedtrades.first_index commission.cash_per_contract commission.cash_per_order"
    " commission.percent direction.all direction.long direction.short equity eventrades fixed"
    " grossloss grossprofit initial_capital long losstrades margin_liquidation_price max_drawdown"
    " max_runup netprofit netprofit_percent oca.cancel oca.none oca.reduce openprofit opentrades"
    " percent_of_equity position_avg_price position_entry_name position_size short wintrades"
)
_CONSTANTS: Final = {
    "alert": "freq_all freq_once_per_bar freq_once_per_bar_close",
    "barmerge": "gaps_off gaps_on lookahead_off lookahead_on",
    "box": "all",
    "chart": "bg_color fg_color left_visible_bar_time right_visible_bar_time",
    "color": "aqua black blue fuchsia gray green lime maroon navy olive orange purple red silver"
    " teal white yellow",
    "currency": "AUD CAD CHF CNY EUR GBP HKD INR JPY NONE NZD SEK SGD USD USDT",
    "dayofweek": "friday monday saturday sunday thursday tuesday wednesday",
    "display": "all data_window none pane price_scale status_line",
    "extend": "both left none right",
    "font": "family_default family_monospace",
    "format": "inherit mintick percent price volume",
    "hline": "style_dashed style_dotted style_solid",
    "label": "all style_arrowdown style_arrowup style_circle style_cross style_diamond style_flag"
    " style_label_center style_label_down style_label_left style_label_lower_left"
    " style_label_lower_right style_label_right style_label_up style_label_upper_left"
    " style_label_upper_right style_none style_square style_text_outline style_triangledown"
    " style_triangleup style_xcross",
    "line": "all style_arrow_both style_arrow_left style_arrow_right style_dashed style_dotted"
    " style_solid",
    "linefill": "all",
    "location": "abovebar absolute belowbar bottom top",
    "order": "ascending descending",
    "plot": "linestyle_dashed linestyle_dotted linestyle_solid style_area style_areabr"
    " style_circles style_columns style_cross style_histogram style_line style_linebr"
    " style_stepline style_stepline_diamond style_steplinebr",
    "polyline": "all",
    "position": "bottom_center bottom_left bottom_right middle_center middle_left middle_right"
    " top_center top_left top_right",
    "scale": "left none right",
    "session": "extended regular",
    "shape": "arrowdown arrowup circle cross diamond flag labeldown labelup square triangledown"
    " triangleup xcross",
    "size": "auto huge large normal small tiny",
    "strategy": _STRATEGY,
    "table": "all",
    "text": "align_bottom align_center align_left align_right align_top format_bold format_italic"
    " format_none wrap_auto wrap_none",
    "xloc": "bar_index bar_time",
    "yloc": "abovebar belowbar price",
}
NAMED: Final = frozenset(
    f"{space}.{name}" for space, names in _CONSTANTS.items() for name in names.split()
)
VARIABLES: Final = (
    FLOATS | INTS | FIXED_FLOATS | FIXED_INTS | FIXED_TEXTS | BOOLS | NAMED | frozenset({"na"})
)
SERIES: Final = FLOATS | INTS
FIXED: Final = FIXED_FLOATS | FIXED_INTS | FIXED_TEXTS | {"na"}
NAMESPACES: Final = frozenset(
    name.split(".")[0] for name in (*VARIABLES, *FUNCTIONS) if "." in name
) | {"footprint", "ticker", "adjustment", "dividends", "earnings", "splits", "settlement_as_close"}
TYPES: Final = words(
    "int float bool string color line label box table linefill polyline chart.point array map"
    " matrix"
)
# From the manual's list of words that no name may take.
RESERVED: Final = words(
    "and as break by catch class continue do ellipse else enum export false for if import in is"
    " method not or polygon range return struct switch text throw to true try type var varip"
    " while"
)
