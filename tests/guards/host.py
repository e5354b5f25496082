"""Guards of the host that runs Expert Advisors."""

from tests.guards.guard import Guard

_RUNTIME = "mql5/host/runtime/"
_LANGUAGE = ("tests/integration/mql5/test_language.py",)
_TERMINAL = ("tests/integration/mql5/test_terminal.py",)
_REQUESTS = ("tests/integration/mql5/test_broker_requests.py",)
_POSITIONS = ("tests/integration/mql5/test_broker_positions.py",)
_MARKET = ("tests/integration/mql5/test_broker_market.py",)
_BOOKS = ("tests/integration/mql5/test_broker_books.py",)
_FAULTS = ("tests/integration/mql5/test_broker_faults.py",)


def _runtime(name: str, file: str, old: str, new: str, tests: tuple[str, ...]) -> Guard:
    return Guard(f"host: {name}", f"{_RUNTIME}{file}", old, new, tests)


def _broker(name: str, file: str, old: str, new: str, tests: tuple[str, ...]) -> Guard:
    return Guard(f"broker: {name}", f"{_RUNTIME}broker/{file}", old, new, tests)


HOST = (
    _runtime(
        "an index stays inside its array",
        "base.hpp",
        "        if (i < 0 || i >= size())\n",
        "        if (i < 0)\n",
        _LANGUAGE,
    ),
    _runtime(
        "a request goes to allowed addresses only",
        "network.cpp",
        "        if (!allowed(to)) throw Transport{ERR_FUNCTION_NOT_ALLOWED};\n",
        "",
        _TERMINAL,
    ),
    _runtime(
        "an allowed address ends where a path begins",
        "network.cpp",
        "        if (url.size() == one.size() || one.back() == '/' || url[one.size()] == '/' ||"
        " url[one.size()] == '?')\n",
        "",
        _TERMINAL,
    ),
    _runtime(
        "a crash leaves only what was flushed",
        "clock.cpp",
        "    files_tear(bytes);\n",
        "    files_close();\n",
        _TERMINAL,
    ),
    _runtime(
        "beats are not made up",
        "main.cpp",
        "timer_due += timer_period * ((now - timer_due) / timer_period + 1);",
        "timer_due += timer_period;",
        _TERMINAL,
    ),
    _runtime(
        "files stay in the sandbox",
        "files.cpp",
        '    for (const fs::path& part : relative) outside = outside || part == "..";\n',
        "",
        _LANGUAGE,
    ),
    _runtime(
        "an answer that breaks off is none",
        "network.cpp",
        "            if (!more(to)) throw Transport{ERR_WEBREQUEST_REQUEST_FAILED};\n",
        "            if (!more(to)) return;\n",
        _TERMINAL,
    ),
    _broker(
        "an instant price was quoted on its side",
        "judging.cpp",
        "now_ms - age), c.buy) == price) return true;",
        "now_ms - age), c.buy) == price || price != 0) return true;",
        _REQUESTS,
    ),
    _broker(
        "a price beyond the deviation is requoted",
        "judging.cpp",
        " > level(c, c.request.deviation) ? TRADE_RETCODE_REQUOTE : FINE;",
        " > level(c, c.request.deviation + 1000) ? TRADE_RETCODE_REQUOTE : FINE;",
        _REQUESTS,
    ),
    _broker(
        "stops are measured from the price at which they close",
        "judging.cpp",
        "stops(c, c.buy, side_price(c.quote, !c.buy), c.request.sl, c.request.tp)",
        "stops(c, c.buy, side_price(c.quote, c.buy), c.request.sl, c.request.tp)",
        _REQUESTS,
    ),
    _broker(
        "an identifier is no ticket",
        "judging.cpp",
        "        if (one.id == ticket) return TRADE_RETCODE_INVALID;  // an identifier is no"
        " ticket\n",
        "",
        _POSITIONS,
    ),
    _broker(
        "a reversal changes the ticket",
        "filling.cpp",
        "    open_position(book, order, rest, price, id);\n",
        "    open_position(book, order, rest, price, id);\n"
        "    book.positions.back().ticket = id;\n",
        _POSITIONS,
    ),
    _broker(
        "a stop is hit at the first price beyond it",
        "moving.cpp",
        "        Dec price = exit_price(quote, one);\n",
        "        Dec price = side_price(quote, is_buy(one));\n",
        _MARKET,
    ),
    _broker(
        "the server's book outlives a crash",
        "link.cpp",
        "    if (book.changed) store().write(book);\n",
        "",
        _FAULTS,
    ),
    _broker(
        "what happens without connection is not known",
        "link.cpp",
        "    return offline || now_ms() < lag_until ? known : book;\n",
        "    return now_ms() < lag_until ? known : book;\n",
        _FAULTS,
    ),
    _broker(
        "a deal's fee leaves the balance",
        "filling.cpp",
        "deal.profit + deal.swap + deal.commission + deal.fee;",
        "deal.profit + deal.swap + deal.commission;",
        _BOOKS,
    ),
    Guard(
        "host: an unknown function is a fault",
        "mql5/host/lint/calls.py",
        "            known = token.text in own or ",
        "            known = True or token.text in own or ",
        ("tests/unit/mql5/test_lint.py",),
    ),
    Guard(
        "host: a divisor is checked",
        "mql5/host/translate.py",
        '        if token.text in _GUARDED and token.kind == "mark":\n',
        '        if token.text in () and token.kind == "mark":\n',
        ("tests/unit/mql5/test_translate.py",),
    ),
)
