// Market Watch: symbols, their terms, their last tick, their trading hours.
#include "broker/link.hpp"
#include "terminal.hpp"

namespace mql {
using namespace broker;

static const Symbol* known(const Book& book, const String& name) {
    const Symbol* symbol = symbol_of(book, utf8(name));
    if (!symbol) set_error(ERR_MARKET_UNKNOWN_SYMBOL);
    return symbol;
}
// The last tick of a symbol that is watched.
static Quote quote_of(const Book& book, const Symbol& symbol) {
    if (watched().count(symbol.name)) return quote_now(book, symbol);
    set_error(ERR_MARKET_NOT_SELECTED);
    return {};
}

int SymbolsTotal(bool selected) {
    const Book& book = seen("SymbolsTotal");
    return selected ? (int)watched().size() : (int)book.symbols.size();
}
String SymbolName(int pos, bool selected) {
    int at = 0;
    for (const Symbol& one : seen("SymbolName").symbols)
        if ((!selected || watched().count(one.name)) && at++ == pos) return from_utf8(one.name);
    set_error(ERR_MARKET_UNKNOWN_SYMBOL);
    return String();
}
static bool in_use(const Book& book, const std::string& name) {
    auto uses = [&](auto& one) { return one.symbol == name; };
    return std::any_of(book.positions.begin(), book.positions.end(), uses) ||
           std::any_of(book.orders.begin(), book.orders.end(), uses);
}
bool SymbolSelect(String name, bool select) {
    const Book& book = seen("SymbolSelect");
    const Symbol* symbol = known(book, name);
    if (!symbol || (!select && in_use(book, symbol->name))) return false;
    if (select) watched().insert(symbol->name);
    else watched().erase(symbol->name);
    return true;
}
bool SymbolIsSynchronized(String name) {
    const Book& book = seen("SymbolIsSynchronized");
    return book.account.connected && known(book, name);
}

static double tick_value(const Symbol& symbol) {
    if (symbol.tick_value >= 0) return real(symbol.tick_value);
    return real(times(times(symbol.tick_size, symbol.contract), symbol.rate));
}
static bool info(const String& name, ENUM_SYMBOL_INFO_DOUBLE property, double& value) {
    const Book& book = seen("SymbolInfoDouble");
    const Symbol* symbol = known(book, name);
    value = 0;
    if (!symbol) return false;
    const Symbol& s = *symbol;
    switch (property) {
        case SYMBOL_BID: value = real(quote_of(book, s).bid); return true;
        case SYMBOL_ASK: value = real(quote_of(book, s).ask); return true;
        case SYMBOL_LAST: return true;
        case SYMBOL_POINT: value = real(point_of(s)); return true;
        case SYMBOL_TRADE_TICK_VALUE:
        case SYMBOL_TRADE_TICK_VALUE_PROFIT:
        case SYMBOL_TRADE_TICK_VALUE_LOSS: value = tick_value(s); return true;
        case SYMBOL_TRADE_TICK_SIZE: value = real(s.tick_size); return true;
        case SYMBOL_TRADE_CONTRACT_SIZE: value = real(s.contract); return true;
        case SYMBOL_VOLUME_MIN: value = real(s.volume_min); return true;
        case SYMBOL_VOLUME_MAX: value = real(s.volume_max); return true;
        case SYMBOL_VOLUME_STEP: value = real(s.volume_step); return true;
        case SYMBOL_VOLUME_LIMIT: value = real(s.volume_limit); return true;
        case SYMBOL_SWAP_LONG: value = real(s.swap_long); return true;
        case SYMBOL_SWAP_SHORT: value = real(s.swap_short); return true;
        case SYMBOL_MARGIN_INITIAL:
        case SYMBOL_MARGIN_HEDGED: return true;
    }
    set_error(ERR_INVALID_PARAMETER);
    return false;
}
static bool info(const String& name, ENUM_SYMBOL_INFO_INTEGER property, long& value) {
    const Book& book = seen("SymbolInfoInteger");
    const Symbol* symbol = symbol_of(book, utf8(name));
    value = 0;
    if (property == SYMBOL_EXIST) {
        value = symbol != nullptr;
        return true;
    }
    if (!known(book, name)) return false;
    const Symbol& s = *symbol;
    switch (property) {
        case SYMBOL_SELECT:
        case SYMBOL_VISIBLE: value = (long)watched().count(s.name); return true;
        case SYMBOL_EXIST: return true;
        case SYMBOL_TIME:
        case SYMBOL_TIME_MSC: {
            Quote quote = quote_of(book, s);
            long msc = quote.there() ? server_msc(book, quote.at_ms) : 0;
            value = property == SYMBOL_TIME ? msc / 1000 : msc;
            return true;
        }
        case SYMBOL_DIGITS: value = s.digits; return true;
        case SYMBOL_SPREAD: {
            Quote quote = quote_of(book, s);
            value = (quote.ask - quote.bid) / point_of(s);
            return true;
        }
        case SYMBOL_SPREAD_FLOAT: value = 1; return true;
        case SYMBOL_TRADE_CALC_MODE:
        case SYMBOL_START_TIME:
        case SYMBOL_EXPIRATION_TIME: return true;
        case SYMBOL_TRADE_MODE: value = s.trade_mode; return true;
        case SYMBOL_TRADE_STOPS_LEVEL: value = s.stops_level; return true;
        case SYMBOL_TRADE_FREEZE_LEVEL: value = s.freeze_level; return true;
        case SYMBOL_TRADE_EXEMODE: value = s.execution; return true;
        case SYMBOL_SWAP_MODE: value = s.swap_mode; return true;
        case SYMBOL_SWAP_ROLLOVER3DAYS: value = s.swap_3days; return true;
        case SYMBOL_EXPIRATION_MODE: value = s.expiration; return true;
        case SYMBOL_FILLING_MODE: value = s.filling; return true;
        case SYMBOL_ORDER_MODE: value = s.orders; return true;
    }
    set_error(ERR_INVALID_PARAMETER);
    return false;
}
static bool info(const String& name, ENUM_SYMBOL_INFO_STRING property, String& value) {
    const Book& book = seen("SymbolInfoString");
    const Symbol* symbol = known(book, name);
    value = String();
    if (!symbol) return false;
    switch (property) {
        case SYMBOL_CURRENCY_BASE:
        case SYMBOL_CURRENCY_MARGIN: value = from_utf8(symbol->currency_base); return true;
        case SYMBOL_CURRENCY_PROFIT: value = from_utf8(symbol->currency_profit); return true;
        case SYMBOL_DESCRIPTION: value = from_utf8(symbol->description); return true;
        case SYMBOL_PATH: value = from_utf8(symbol->path); return true;
    }
    set_error(ERR_INVALID_PARAMETER);
    return false;
}
double SymbolInfoDouble(String name, ENUM_SYMBOL_INFO_DOUBLE property) {
    double value;
    info(name, property, value);
    return value;
}
bool SymbolInfoDouble(String name, ENUM_SYMBOL_INFO_DOUBLE property, double& to) { return info(name, property, to); }
long SymbolInfoInteger(String name, ENUM_SYMBOL_INFO_INTEGER property) {
    long value;
    info(name, property, value);
    return value;
}
bool SymbolInfoInteger(String name, ENUM_SYMBOL_INFO_INTEGER property, long& to) { return info(name, property, to); }
String SymbolInfoString(String name, ENUM_SYMBOL_INFO_STRING property) {
    String value;
    info(name, property, value);
    return value;
}
bool SymbolInfoString(String name, ENUM_SYMBOL_INFO_STRING property, String& to) { return info(name, property, to); }

bool SymbolInfoTick(String name, MqlTick& tick) {
    const Book& book = seen("SymbolInfoTick");
    const Symbol* symbol = known(book, name);
    tick = MqlTick();
    if (!symbol) return false;
    Quote quote = quote_of(book, *symbol);
    if (!quote.there()) return false;
    tick.time_msc = server_msc(book, quote.at_ms);
    tick.time = tick.time_msc / 1000;
    tick.bid = real(quote.bid), tick.ask = real(quote.ask);
    return true;
}
bool SymbolInfoSessionTrade(String name, ENUM_DAY_OF_WEEK day, uint index, datetime& from, datetime& to) {
    const Book& book = seen("SymbolInfoSessionTrade");
    const Symbol* symbol = known(book, name);
    from = to = 0;
    if (!symbol) return false;
    uint at = 0;
    bool any = false;
    for (const Session& one : book.sessions) {
        any = any || one.symbol == symbol->name;
        if (one.symbol != symbol->name || one.day != day || at++ != index) continue;
        from = one.from_s, to = one.to_s;
        return true;
    }
    if (any || index > 0) return false;
    to = 86400;
    return true;
}

}  // namespace mql
