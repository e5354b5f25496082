// Bars of the bid: each is made of at most 120 quotes, at least half a second apart.
#include "broker/link.hpp"
#include "broker/points.hpp"
#include "terminal.hpp"

namespace mql {
using namespace broker;

static const long QUOTES_PER_BAR = 120, QUOTE_MS_LEAST = 500, BARS_MAX = 10000;

int PeriodSeconds(ENUM_TIMEFRAMES period) {
    switch (period) {
        case PERIOD_CURRENT:
        case PERIOD_M1: return 60;
        case PERIOD_M5: return 300;
        case PERIOD_M15: return 900;
        case PERIOD_M30: return 1800;
        case PERIOD_H1: return 3600;
        case PERIOD_H4: return 14400;
        case PERIOD_D1: return 86400;
        case PERIOD_W1: return 604800;
        case PERIOD_MN1: return 2592000;
    }
    return 0;
}

static bool bar_at(const Book& book, const Symbol& symbol, long open_server_ms, long length, MqlRates& bar) {
    long step = std::max(QUOTE_MS_LEAST, length / QUOTES_PER_BAR);
    bar = MqlRates();
    bar.time = open_server_ms / 1000;
    for (long at = open_server_ms; at < open_server_ms + length; at += step) {
        long utc = at - book.account.offset_s * 1000;
        if (utc > book.account.now_ms || !priced_at(book, symbol, utc)) continue;
        Quote quote = quote_at(book, symbol, utc);
        double bid = real(quote.bid);
        if (bar.tick_volume++ == 0) bar.open = bar.high = bar.low = bid;
        bar.high = std::max(bar.high, bid), bar.low = std::min(bar.low, bid), bar.close = bid;
        bar.spread = (int)((quote.ask - quote.bid) / point_of(symbol));
    }
    return bar.tick_volume > 0;
}

int CopyRates(String name, ENUM_TIMEFRAMES period, int start, int count, Array<MqlRates>& to) {
    Point point("CopyRates", utf8(name));
    Stroke stroke;
    if (point.struck("before", stroke)) {
        set_error(ERR_HISTORY_NOT_FOUND);
        return -1;
    }
    const Book& book = seen("CopyRates");
    const Symbol* symbol = symbol_of(book, utf8(name));
    if (!symbol || start < 0 || count <= 0 || !logged_in()) {
        set_error(!symbol ? ERR_MARKET_UNKNOWN_SYMBOL : !logged_in() ? ERR_HISTORY_NOT_FOUND : ERR_INVALID_PARAMETER);
        return -1;
    }
    long length = PeriodSeconds(period) * 1000L, open = server_msc(book) / length * length;
    std::vector<MqlRates> found;  // the newest first
    for (long tried = 0; tried < BARS_MAX && (long)found.size() < start + (long)count; tried++, open -= length) {
        MqlRates bar;
        if (bar_at(book, *symbol, open, length, bar)) found.push_back(bar);
    }
    long size = std::max(0L, (long)found.size() - start);
    if (!to.fixed()) to.resize(size);
    for (long i = 0; i < std::min(size, to.size()); i++) to[i] = found[(size_t)(start + size - 1 - i)];
    return (int)size;
}

}  // namespace mql
