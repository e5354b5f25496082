// Carries out a request that was judged fine.
#include "broker/trading.hpp"

namespace mql::broker {

static Order order_from(const Book& book, const Request& r) {
    Order order;
    order.magic = r.magic, order.symbol = r.symbol, order.comment = kept_comment(book, r.comment);
    order.type = r.type, order.filling = r.filling, order.time_type = r.time_type, order.reason = r.reason;
    order.volume = r.volume, order.price = r.price, order.stoplimit = r.stoplimit, order.sl = r.sl, order.tp = r.tp;
    order.expires_s = r.expires_s;
    return order;
}

static Answer deal(Book& book, const Request& r, const Bend& bend) {
    Order order = order_from(book, r);
    Quote quote = quote_now(book, symbol_known(book, r.symbol));
    if (order.price == 0) order.price = side_price(quote, is_buy(r.type));
    if (const Position* closed = position_of(book, r.position)) order.position = closed->id;
    order.due_ms = bend.placed ? book.account.now_ms + std::max(1L, bend.ms) : 0;
    order.state = bend.placed ? ORDER_STATE_PLACED : ORDER_STATE_STARTED;
    ulong ticket = list_order(book, order).ticket;
    if (!bend.placed) return fill(book, ticket, bend);
    Answer answer;
    answer.retcode = TRADE_RETCODE_PLACED, answer.order = ticket, answer.volume = r.volume, answer.quote = quote;
    return answer;
}

static long last_second(long server_s) { return server_s / 86400 * 86400 + 86399; }

static Answer pending(Book& book, const Request& r) {
    Order order = order_from(book, r);
    order.state = ORDER_STATE_PLACED;
    if (r.time_type == ORDER_TIME_DAY) order.expires_s = last_second(server_msc(book) / 1000);
    if (r.time_type == ORDER_TIME_SPECIFIED_DAY) order.expires_s = last_second(r.expires_s);
    Answer answer;
    answer.retcode = TRADE_RETCODE_DONE;
    answer.order = list_order(book, order).ticket;
    answer.volume = r.volume, answer.price = r.price;
    return answer;
}

static Answer stops(Book& book, const Request& r) {
    Position* position = position_of(book, r.position);
    for (Position& one : book.positions)
        if (!position && !is_hedging(book) && one.symbol == r.symbol) position = &one;
    position->sl = r.sl, position->tp = r.tp;
    position->update_msc = server_msc(book);
    book.changed = true;
    tell(book, *position);
    Answer answer;
    answer.retcode = TRADE_RETCODE_DONE;
    return answer;
}

static Answer change(Book& book, const Request& r) {
    Answer answer;
    answer.retcode = TRADE_RETCODE_DONE, answer.order = r.order;
    if (r.action == TRADE_ACTION_REMOVE) {
        end_order(book, r.order, ORDER_STATE_CANCELED);
        return answer;
    }
    Order& order = *order_of(book, r.order);
    order.price = r.price, order.stoplimit = r.stoplimit, order.sl = r.sl, order.tp = r.tp;
    order.time_type = r.time_type, order.expires_s = r.expires_s;
    if (r.time_type == ORDER_TIME_DAY) order.expires_s = last_second(server_msc(book) / 1000);
    if (r.time_type == ORDER_TIME_SPECIFIED_DAY) order.expires_s = last_second(r.expires_s);
    book.changed = true;
    tell(book, TRADE_TRANSACTION_ORDER_UPDATE, order);
    return answer;
}

static Answer close_pair(Book& book, const Request& r) {
    const Position &one = *position_of(book, r.position), &other = *position_of(book, r.position_by);
    Order order = order_from(book, r);
    order.type = ORDER_TYPE_CLOSE_BY, order.symbol = one.symbol;
    order.position = one.id, order.position_by = other.id;
    order.volume = std::min(one.volume, other.volume), order.price = other.price;
    Order& listed = list_order(book, order);
    Answer answer;
    answer.retcode = TRADE_RETCODE_DONE, answer.order = listed.ticket, answer.volume = order.volume;
    close_by(book, listed);
    answer.deal = book.deals.back().ticket;
    end_order(book, answer.order, ORDER_STATE_FILLED);
    return answer;
}

Answer serve(Book& book, const Request& r, const Bend& bend) {
    switch (r.action) {
        case TRADE_ACTION_DEAL: return deal(book, r, bend);
        case TRADE_ACTION_PENDING: return pending(book, r);
        case TRADE_ACTION_SLTP: return stops(book, r);
        case TRADE_ACTION_CLOSE_BY: return close_pair(book, r);
        default: return change(book, r);
    }
}

}  // namespace mql::broker
