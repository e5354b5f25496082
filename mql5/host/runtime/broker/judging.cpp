// Whether the server would carry a request out; each rule gives the return code of its refusal.
#include "broker/trading.hpp"

namespace mql::broker {

static const uint FINE = 0;
static const long PRICE_KNOWN_MS = 10000;  // how old a quote may be whose price an instant order names

struct Case {  // what a rule looks at
    const Book& book;
    const Request& request;
    const Symbol& symbol;
    Quote quote;
    bool buy;
    const Position* position;  // the one to be closed, changed or met
    bool opens;                // some of the volume opens or enlarges a position
};
using Rule = uint (*)(const Case&);

static Dec level(const Case& c, long points) { return points * point_of(c.symbol); }
static bool on_tick(const Case& c, Dec price) { return price % c.symbol.tick_size == 0; }
static bool instant(const Case& c) {
    return c.symbol.execution == SYMBOL_TRADE_EXECUTION_INSTANT || c.symbol.execution == SYMBOL_TRADE_EXECUTION_REQUEST;
}

static uint trade_mode(const Case& c) {
    switch (c.symbol.trade_mode) {
        case SYMBOL_TRADE_MODE_DISABLED: return TRADE_RETCODE_TRADE_DISABLED;
        case SYMBOL_TRADE_MODE_LONGONLY: return c.opens && !c.buy ? TRADE_RETCODE_LONG_ONLY : FINE;
        case SYMBOL_TRADE_MODE_SHORTONLY: return c.opens && c.buy ? TRADE_RETCODE_SHORT_ONLY : FINE;
        case SYMBOL_TRADE_MODE_CLOSEONLY: return c.opens ? TRADE_RETCODE_CLOSE_ONLY : FINE;
        default: return FINE;
    }
}
static uint hours(const Case& c) {
    if (!open_at(c.book, c.symbol.name, c.book.account.now_ms)) return TRADE_RETCODE_MARKET_CLOSED;
    bool priced = c.quote.there() && priced_at(c.book, c.symbol, c.book.account.now_ms);
    return priced || c.request.action == TRADE_ACTION_REMOVE ? FINE : TRADE_RETCODE_PRICE_OFF;
}
static long order_mask(ENUM_ORDER_TYPE type) {
    switch (type) {
        case ORDER_TYPE_BUY: case ORDER_TYPE_SELL: return SYMBOL_ORDER_MARKET;
        case ORDER_TYPE_BUY_LIMIT: case ORDER_TYPE_SELL_LIMIT: return SYMBOL_ORDER_LIMIT;
        case ORDER_TYPE_BUY_STOP: case ORDER_TYPE_SELL_STOP: return SYMBOL_ORDER_STOP;
        case ORDER_TYPE_CLOSE_BY: return SYMBOL_ORDER_CLOSEBY;
        default: return SYMBOL_ORDER_STOP_LIMIT;
    }
}
static uint order_allowed(const Case& c) {
    bool market = order_mask(c.request.type) == SYMBOL_ORDER_MARKET;
    if (market != (c.request.action == TRADE_ACTION_DEAL)) return TRADE_RETCODE_INVALID;
    if (c.request.type == ORDER_TYPE_CLOSE_BY) return TRADE_RETCODE_INVALID;
    return c.symbol.orders & order_mask(c.request.type) ? FINE : TRADE_RETCODE_INVALID_ORDER;
}
static uint filling(const Case& c) {
    bool exchange = c.symbol.execution == SYMBOL_TRADE_EXECUTION_EXCHANGE;
    bool pending = c.request.action == TRADE_ACTION_PENDING, limit = order_mask(c.request.type) != SYMBOL_ORDER_STOP;
    bool free = instant(c) && !pending;
    switch (c.request.filling) {
        case ORDER_FILLING_RETURN: return pending || free || exchange ? FINE : TRADE_RETCODE_INVALID_FILL;
        case ORDER_FILLING_FOK: return free || c.symbol.filling & SYMBOL_FILLING_FOK ? FINE : TRADE_RETCODE_INVALID_FILL;
        case ORDER_FILLING_IOC: return free || c.symbol.filling & SYMBOL_FILLING_IOC ? FINE : TRADE_RETCODE_INVALID_FILL;
        default: return pending && limit && c.symbol.filling & SYMBOL_FILLING_BOC ? FINE : TRADE_RETCODE_INVALID_FILL;
    }
}
static uint volume(const Case& c) {
    Dec lots = c.request.volume;
    bool whole = c.position && lots == c.position->volume;  // what is there may be closed, whatever the steps are now
    if (lots <= 0) return TRADE_RETCODE_INVALID_VOLUME;
    bool fits = lots >= c.symbol.volume_min && lots <= c.symbol.volume_max && lots % c.symbol.volume_step == 0;
    return fits || whole ? FINE : TRADE_RETCODE_INVALID_VOLUME;
}
static uint volume_limit(const Case& c) {
    if (!c.opens || c.symbol.volume_limit == 0) return FINE;
    Dec sum = c.request.volume;
    for (const Position& one : c.book.positions)
        if (one.symbol == c.symbol.name) sum += is_buy(one) == c.buy ? one.volume : is_hedging(c.book) ? 0 : -one.volume;
    for (const Order& one : c.book.orders)
        if (one.symbol == c.symbol.name && is_buy(one.type) == c.buy) sum += one.left;
    return sum > c.symbol.volume_limit ? TRADE_RETCODE_LIMIT_VOLUME : FINE;
}

// Prices.
static bool was_quoted(const Case& c, Dec price) {
    for (long age = 0; age <= PRICE_KNOWN_MS; age += c.symbol.tick_ms)
        if (side_price(quote_at(c.book, c.symbol, c.book.account.now_ms - age), c.buy) == price) return true;
    return false;
}
static uint market_price(const Case& c) {
    if (!instant(c)) return FINE;
    if (!was_quoted(c, c.request.price)) return TRADE_RETCODE_INVALID_PRICE;
    Dec moved = c.request.price - side_price(c.quote, c.buy);
    return (moved < 0 ? -moved : moved) > level(c, c.request.deviation) ? TRADE_RETCODE_REQUOTE : FINE;
}
static bool is_stop(ENUM_ORDER_TYPE type) { return order_mask(type) == SYMBOL_ORDER_STOP; }
static bool is_stop_limit(ENUM_ORDER_TYPE type) { return order_mask(type) == SYMBOL_ORDER_STOP_LIMIT; }
static uint pending_price(const Case& c, ENUM_ORDER_TYPE type) {
    const Request& r = c.request;
    if (r.price == 0 || !on_tick(c, r.price) || !on_tick(c, r.stoplimit)) return TRADE_RETCODE_INVALID_PRICE;
    bool above = is_buy(type) == (is_stop(type) || is_stop_limit(type));
    Dec from = side_price(c.quote, is_buy(type)), away = above ? r.price - from : from - r.price;
    if (away <= 0 || away < level(c, c.symbol.stops_level)) return TRADE_RETCODE_INVALID_PRICE;
    if (!is_stop_limit(type)) return FINE;
    Dec back = is_buy(type) ? r.price - r.stoplimit : r.stoplimit - r.price;
    return r.stoplimit != 0 && back >= 0 ? FINE : TRADE_RETCODE_INVALID_PRICE;
}
// Stop and target on their sides of a price, and far enough from it.
static uint stops(const Case& c, bool buy, Dec from, Dec sl, Dec tp) {
    Dec least = std::max(level(c, c.symbol.stops_level), 1L);
    if ((sl != 0 && !(c.symbol.orders & SYMBOL_ORDER_SL)) || (tp != 0 && !(c.symbol.orders & SYMBOL_ORDER_TP)))
        return TRADE_RETCODE_INVALID_STOPS;
    if (!on_tick(c, sl) || !on_tick(c, tp)) return TRADE_RETCODE_INVALID_STOPS;
    bool sl_fits = sl == 0 || (buy ? from - sl : sl - from) >= least;
    bool tp_fits = tp == 0 || (buy ? tp - from : from - tp) >= least;
    return sl_fits && tp_fits ? FINE : TRADE_RETCODE_INVALID_STOPS;
}
static uint market_stops(const Case& c) {
    return stops(c, c.buy, side_price(c.quote, !c.buy), c.request.sl, c.request.tp);
}
static Dec resting_price(const Request& r, ENUM_ORDER_TYPE type) { return is_stop_limit(type) ? r.stoplimit : r.price; }

// Freezing: too near to where it would be triggered.
static bool near(const Case& c, Dec price, Dec trigger) {
    Dec away = price - trigger;
    return trigger != 0 && (away < 0 ? -away : away) <= level(c, c.symbol.freeze_level);
}
static uint position_frozen(const Case& c) {
    if (c.symbol.freeze_level == 0 || !c.position) return FINE;
    Dec price = exit_price(c.quote, *c.position);
    return near(c, price, c.position->sl) || near(c, price, c.position->tp) ? TRADE_RETCODE_FROZEN : FINE;
}
static uint order_frozen(const Case& c, const Order& order) {
    if (c.symbol.freeze_level == 0) return FINE;
    return near(c, side_price(c.quote, is_buy(order.type)), order.price) ? TRADE_RETCODE_FROZEN : FINE;
}

// Money and counts.
static uint enough_money(const Case& c) {
    if (!c.opens) return FINE;
    Book after;  // only what margin is made of
    after.account = c.book.account, after.symbols = c.book.symbols, after.positions = c.book.positions;
    Position added;
    added.symbol = c.symbol.name, added.type = c.buy ? POSITION_TYPE_BUY : POSITION_TYPE_SELL;
    added.volume = c.request.volume, added.price = side_price(c.quote, c.buy);
    if (Position* met = c.position ? position_of(after, c.position->ticket) : nullptr) {
        if (is_buy(*met) != c.buy) added.volume -= met->volume, met->volume = 0;
    }
    after.positions.push_back(added);
    return margin(after) > equity(c.book) ? TRADE_RETCODE_NO_MONEY : FINE;
}
static uint counts(const Case& c) {
    const Account& a = c.book.account;
    bool pending = c.request.action == TRADE_ACTION_PENDING;
    if (pending && a.limit_orders > 0 && (long)c.book.orders.size() >= a.limit_orders) return TRADE_RETCODE_LIMIT_ORDERS;
    bool more = c.opens && !pending && a.limit_positions > 0 && (is_hedging(c.book) || !c.position);
    return more && (long)c.book.positions.size() >= a.limit_positions ? TRADE_RETCODE_LIMIT_POSITIONS : FINE;
}
static uint hedging_allowed(const Case& c) {
    if (c.book.account.hedge_allowed || !is_hedging(c.book) || !c.opens) return FINE;
    for (const Position& one : c.book.positions)
        if (one.symbol == c.symbol.name && is_buy(one) != c.buy) return TRADE_RETCODE_HEDGE_PROHIBITED;
    return FINE;
}
static uint closing(const Case& c) {
    if (c.request.position == 0 || !is_hedging(c.book)) return FINE;
    const Position& p = *c.position;
    if (is_buy(p) == c.buy || p.symbol != c.symbol.name) return TRADE_RETCODE_INVALID;
    if (c.request.volume > p.volume) return TRADE_RETCODE_INVALID_CLOSE_VOLUME;
    for (const Order& one : c.book.orders)
        if (one.position == p.id && one.due_ms > 0) return TRADE_RETCODE_CLOSE_ORDER_EXIST;
    if (c.book.account.fifo)
        for (const Position& one : c.book.positions)
            if (one.symbol == p.symbol && is_buy(one) == is_buy(p) && one.id < p.id) return TRADE_RETCODE_FIFO_CLOSE;
    return FINE;
}
static uint lifetime(const Case& c) {
    static const long MASK[] = {SYMBOL_EXPIRATION_GTC, SYMBOL_EXPIRATION_DAY, SYMBOL_EXPIRATION_SPECIFIED,
                                SYMBOL_EXPIRATION_SPECIFIED_DAY};
    ENUM_ORDER_TYPE_TIME type = c.request.time_type;
    long mask = type == ORDER_TIME_GTC ? MASK[0] : type == ORDER_TIME_DAY ? MASK[1] : type == ORDER_TIME_SPECIFIED ? MASK[2] : MASK[3];
    if (!(c.symbol.expiration & mask)) return TRADE_RETCODE_INVALID_EXPIRATION;
    bool named = type == ORDER_TIME_SPECIFIED || type == ORDER_TIME_SPECIFIED_DAY;
    bool past = named && c.request.expires_s <= server_msc(c.book) / 1000;
    return past || (!named && c.request.expires_s != 0) ? TRADE_RETCODE_INVALID_EXPIRATION : FINE;
}

static uint pending_terms(const Case& c) { return pending_price(c, c.request.type); }
static uint pending_stops(const Case& c) {
    return stops(c, c.buy, resting_price(c.request, c.request.type), c.request.sl, c.request.tp);
}

static uint first_refusal(const Case& c, std::initializer_list<Rule> rules) {
    for (Rule rule : rules)
        if (uint refused = rule(c)) return refused;
    return FINE;
}

// A ticket that no open position has.
static uint position_gone(const Book& book, ulong ticket) {
    for (const Position& one : book.positions)
        if (one.id == ticket) return TRADE_RETCODE_INVALID;  // an identifier is no ticket
    auto knows = [&](const Order& one) { return one.ticket == ticket; };
    bool was = std::any_of(book.past.begin(), book.past.end(), knows);
    return was ? TRADE_RETCODE_POSITION_CLOSED : TRADE_RETCODE_INVALID;
}
static const Position* met_by(const Book& book, const Request& r) {
    if (r.position != 0) return position_of(book, r.position);
    for (const Position& one : book.positions)
        if (!is_hedging(book) && one.symbol == r.symbol) return &one;
    return nullptr;
}

static uint judge_entry(const Book& book, const Request& r, const Symbol& symbol) {
    const Position* met = r.action == TRADE_ACTION_DEAL ? met_by(book, r) : nullptr;
    if (r.position != 0 && !met && r.action == TRADE_ACTION_DEAL) return position_gone(book, r.position);
    bool buy = is_buy(r.type);
    bool opens = !met || is_buy(*met) == buy || (!is_hedging(book) && r.volume > met->volume);
    if (is_hedging(book) && r.position != 0) opens = false;
    Case c{book, r, symbol, quote_now(book, symbol), buy, met, opens};
    if (r.action == TRADE_ACTION_DEAL)
        return first_refusal(c, {order_allowed, trade_mode, hours, closing, volume, filling, market_price, market_stops,
                                 position_frozen, hedging_allowed, counts, volume_limit, enough_money});
    return first_refusal(c, {order_allowed, trade_mode, hours, volume, filling, lifetime, pending_terms, pending_stops,
                             counts, volume_limit});
}

static uint judge_stops(const Book& book, const Request& r) {
    const Position* p = met_by(book, r);
    if (!p) return r.position != 0 ? position_gone(book, r.position) : TRADE_RETCODE_INVALID;
    const Symbol* symbol = symbol_of(book, p->symbol);
    Case c{book, r, *symbol, quote_now(book, *symbol), is_buy(*p), p, false};
    if (r.sl == p->sl && r.tp == p->tp) return TRADE_RETCODE_NO_CHANGES;
    if (uint refused = first_refusal(c, {trade_mode, hours, position_frozen})) return refused;
    return stops(c, is_buy(*p), exit_price(c.quote, *p), r.sl, r.tp);
}

static uint judge_change(const Book& book, const Request& r) {
    auto found = std::find_if(book.orders.begin(), book.orders.end(), [&](const Order& o) { return o.ticket == r.order; });
    if (found == book.orders.end() || order_mask(found->type) == SYMBOL_ORDER_MARKET) return TRADE_RETCODE_INVALID;
    const Order& o = *found;
    const Symbol* symbol = symbol_of(book, o.symbol);
    Case c{book, r, *symbol, quote_now(book, *symbol), is_buy(o.type), nullptr, false};
    if (uint refused = first_refusal(c, {trade_mode, hours})) return refused;
    if (uint refused = order_frozen(c, o)) return refused;
    if (r.action == TRADE_ACTION_REMOVE) return FINE;
    bool same = r.price == o.price && r.sl == o.sl && r.tp == o.tp && r.stoplimit == o.stoplimit;
    if (same && r.time_type == o.time_type && r.expires_s == o.expires_s) return TRADE_RETCODE_NO_CHANGES;
    if (uint refused = lifetime(c)) return refused;
    if (uint refused = r.price == o.price ? FINE : pending_price(c, o.type)) return refused;
    return stops(c, is_buy(o.type), resting_price(r, o.type), r.sl, r.tp);
}

static uint judge_close_by(const Book& book, const Request& r) {
    const Position *one = position_of(book, r.position), *other = position_of(book, r.position_by);
    if (!is_hedging(book)) return TRADE_RETCODE_INVALID;
    if (!one) return position_gone(book, r.position);
    if (!other) return position_gone(book, r.position_by);
    if (one->symbol != other->symbol || is_buy(*one) == is_buy(*other)) return TRADE_RETCODE_INVALID;
    const Symbol* symbol = symbol_of(book, one->symbol);
    Case c{book, r, *symbol, quote_now(book, *symbol), is_buy(*one), one, false};
    if (!(symbol->orders & SYMBOL_ORDER_CLOSEBY)) return TRADE_RETCODE_INVALID_ORDER;
    return first_refusal(c, {trade_mode, hours, position_frozen});
}

static uint too_many(const Book& book) {
    long most = book.account.requests_per_second, count = 0;
    if (most == 0) return FINE;
    auto young = [&](const Order& one) { return one.setup_msc > server_msc(book) - 1000; };
    count += std::count_if(book.orders.begin(), book.orders.end(), young);
    count += std::count_if(book.past.begin(), book.past.end(), young);
    return count >= most ? TRADE_RETCODE_TOO_MANY_REQUESTS : FINE;
}

uint judge(const Book& book, const Request& r) {
    if (!book.account.trade_allowed) return TRADE_RETCODE_TRADE_DISABLED;
    if (!book.account.expert_allowed && r.reason == ORDER_REASON_EXPERT) return TRADE_RETCODE_SERVER_DISABLES_AT;
    if (uint refused = too_many(book)) return refused;
    const Symbol* symbol = symbol_of(book, r.symbol);
    switch (r.action) {
        case TRADE_ACTION_DEAL:
        case TRADE_ACTION_PENDING: return symbol ? judge_entry(book, r, *symbol) : TRADE_RETCODE_INVALID;
        case TRADE_ACTION_SLTP: return judge_stops(book, r);
        case TRADE_ACTION_CLOSE_BY: return judge_close_by(book, r);
        default: return judge_change(book, r);
    }
}

}  // namespace mql::broker
