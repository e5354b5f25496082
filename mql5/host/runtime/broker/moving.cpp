// The market moves: resting orders are triggered, stops hit, orders expire, the driver's hour comes.
#include "broker/trading.hpp"

namespace mql::broker {

static const long DAY_MS = 86400000;

static bool is_resting(const Order& order) {
    return order.state == ORDER_STATE_PLACED && order.due_ms == 0;
}
static bool has_tick(const Book& book, const Symbol& symbol, long utc_ms) {
    return utc_ms % symbol.tick_ms == 0 && priced_at(book, symbol, utc_ms);
}

static bool reached(const Order& order, const Quote& quote) {
    switch (order.type) {
        case ORDER_TYPE_BUY_LIMIT: return quote.ask <= order.price;
        case ORDER_TYPE_SELL_LIMIT: return quote.bid >= order.price;
        case ORDER_TYPE_BUY_STOP: case ORDER_TYPE_BUY_STOP_LIMIT: return quote.ask >= order.price;
        default: return quote.bid <= order.price;
    }
}
static bool affordable(const Book& book, const Order& order, const Quote& quote) {
    for (const Position& one : book.positions)
        if (!is_hedging(book) && one.symbol == order.symbol && is_buy(one) != is_buy(order.type)) return true;
    Dec price = side_price(quote, is_buy(order.type));
    const Symbol& symbol = *symbol_of(book, order.symbol);
    return margin_of(book, symbol, order.left, price) <= free_margin(book);
}
static void trigger(Book& book, Order& order, const Quote& quote) {
    bool buy = order.type == ORDER_TYPE_BUY_STOP_LIMIT;
    if (buy || order.type == ORDER_TYPE_SELL_STOP_LIMIT) {
        order.type = buy ? ORDER_TYPE_BUY_LIMIT : ORDER_TYPE_SELL_LIMIT;
        order.price = order.stoplimit;
        order.stoplimit = 0;
        book.changed = true;
        tell(book, TRADE_TRANSACTION_ORDER_UPDATE, order);
    } else if (!affordable(book, order, quote)) {
        order.comment = "no money";
        end_order(book, order.ticket, ORDER_STATE_REJECTED);
    } else {
        fill(book, order.ticket, {});
    }
}

static std::vector<ulong> tickets(const std::vector<Order>& all) {
    std::vector<ulong> found;
    for (const Order& one : all) found.push_back(one.ticket);
    return found;
}
static void move_orders(Book& book, const Symbol& symbol, const Quote& quote) {
    for (ulong ticket : tickets(book.orders)) {
        Order* order = order_of(book, ticket);
        if (!order || order->symbol != symbol.name) continue;
        if (order->state == ORDER_STATE_PARTIAL) fill(book, ticket, {});
        else if (is_resting(*order) && reached(*order, quote)) trigger(book, *order, quote);
    }
}

static void hit_stops(Book& book, const Symbol& symbol, const Quote& quote) {
    std::vector<Position> all = book.positions;
    for (const Position& one : all) {
        if (one.symbol != symbol.name) continue;
        Dec price = exit_price(quote, one);
        bool stopped = one.sl != 0 && (is_buy(one) ? price <= one.sl : price >= one.sl);
        bool won = one.tp != 0 && (is_buy(one) ? price >= one.tp : price <= one.tp);
        if (stopped) close_at_market(book, one, ORDER_REASON_SL, "[sl " + price_text(symbol, one.sl) + "]");
        else if (won) close_at_market(book, one, ORDER_REASON_TP, "[tp " + price_text(symbol, one.tp) + "]");
    }
}

static void stop_out(Book& book) {
    while (!book.positions.empty() && margin(book) > 0 && margin_level(book) < book.account.stop_out_level) {
        const Position* worst = nullptr;
        for (const Position& one : book.positions) {
            bool priced = priced_at(book, *symbol_of(book, one.symbol), book.account.now_ms);
            if (priced && (!worst || floating(book, one) < floating(book, *worst))) worst = &one;
        }
        if (!worst) return;
        std::string level = utf8(DoubleToString(real(margin_level(book)), 2));
        close_at_market(book, Position(*worst), ORDER_REASON_SO, "[so " + level + "%]");
    }
}

static void expire(Book& book) {
    for (ulong ticket : tickets(book.orders)) {
        Order& order = *order_of(book, ticket);
        bool mortal = order.expires_s > 0 && order.due_ms == 0;
        if (mortal && order.expires_s <= server_msc(book) / 1000) end_order(book, ticket, ORDER_STATE_EXPIRED);
    }
}

static void fill_placed(Book& book) {
    for (ulong ticket : tickets(book.orders)) {
        Order& order = *order_of(book, ticket);
        if (order.due_ms == 0 || order.due_ms > book.account.now_ms) continue;
        bool gone = order.position != 0 && !position_by_id(book, order.position);
        bool priced = priced_at(book, symbol_known(book, order.symbol), book.account.now_ms);
        if (gone || !priced) end_order(book, ticket, ORDER_STATE_REJECTED);
        else fill(book, ticket, {});
    }
}

static void tick(Book& book) {
    long now = book.account.now_ms;
    for (const Symbol& symbol : book.symbols) {
        auto mine = [&](auto& one) { return one.symbol == symbol.name; };
        bool matters = std::any_of(book.orders.begin(), book.orders.end(), mine) ||
                       std::any_of(book.positions.begin(), book.positions.end(), mine);
        if (!matters || !has_tick(book, symbol, now)) continue;
        Quote quote = quote_now(book, symbol);
        move_orders(book, symbol, quote);
        hit_stops(book, symbol, quote);
    }
    if (!book.positions.empty()) stop_out(book);
}

static long midnight_after(const Book& book) {
    long server = server_msc(book);
    return (server / DAY_MS + 1) * DAY_MS - book.account.offset_s * 1000;
}

// The next moment at which something may happen, at most `end`.
static long next_moment(const Book& book, long end) {
    long now = book.account.now_ms, next = end;
    for (const Line& one : book.commands) {
        long at = std::atol(one.at("at").c_str());
        next = std::min(next, std::max(at, now + 1));
    }
    for (const Order& one : book.orders)
        if (one.due_ms > now) next = std::min(next, one.due_ms);
    if (!book.positions.empty()) next = std::min(next, midnight_after(book));
    if (!book.orders.empty() || !book.positions.empty())
        for (const Symbol& one : book.symbols) next = std::min(next, (now / one.tick_ms + 1) * one.tick_ms);
    return next;
}

// A new book begins with the first thing that it is to do.
static long first_moment(const Book& book, long utc_ms) {
    long first = utc_ms;
    for (const Line& one : book.commands)
        if (long at = std::atol(one.at("at").c_str()); at > 0) first = std::min(first, at);
    return first;
}

void move_to(Book& book, long utc_ms) {
    long& now = book.account.now_ms;
    if (now == 0) now = first_moment(book, utc_ms);
    obey_due(book);
    while (now < utc_ms) {
        long midnight = midnight_after(book);
        now = next_moment(book, utc_ms);
        obey_due(book);
        if (now >= midnight) roll_over(book);
        expire(book);
        fill_placed(book);
        tick(book);
    }
}

}  // namespace mql::broker
