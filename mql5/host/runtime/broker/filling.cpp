// From an order to its deal, and what the deal makes of the position and the balance.
#include "broker/trading.hpp"

namespace mql::broker {

static Position* target(Book& book, const Order& order) {
    if (order.position != 0 && is_hedging(book)) return position_by_id(book, order.position);
    for (Position& one : book.positions)
        if (!is_hedging(book) && one.symbol == order.symbol) return &one;
    return is_hedging(book) ? position_by_id(book, order.ticket) : nullptr;
}

static void open_position(Book& book, const Order& order, Dec volume, Dec price, ulong id) {
    Position made;
    made.ticket = order.ticket, made.id = id, made.magic = order.magic;
    made.symbol = order.symbol, made.comment = order.comment;
    made.type = is_buy(order.type) ? POSITION_TYPE_BUY : POSITION_TYPE_SELL;
    made.reason = order.reason;
    made.volume = volume, made.price = price, made.sl = order.sl, made.tp = order.tp;
    made.time_msc = made.update_msc = server_msc(book);
    book.positions.push_back(made);
}

static void merge(Book& book, Position& position, const Order& order, Dec volume, Dec price) {
    Wide sum = (Wide)position.price * position.volume + (Wide)price * volume;
    position.volume += volume;
    position.price = (Dec)round_div(sum, position.volume);
    if (order.sl != 0) position.sl = order.sl;
    if (order.tp != 0) position.tp = order.tp;
    position.update_msc = server_msc(book);
}

// Takes from a position what a deal closes, and gives the deal its profit and its share of the swap.
static void reduce(Book& book, const Symbol& symbol, Position& position, Deal& deal, Dec volume) {
    deal.profit = profit_of(book, symbol, is_buy(position), volume, position.price, deal.price);
    deal.swap = volume == position.volume ? position.swap : money(book, (Wide)position.swap * volume, position.volume);
    deal.sl = position.sl, deal.tp = position.tp;
    position.volume -= volume;
    position.swap -= deal.swap;
    position.update_msc = server_msc(book);
}

static void erase_position(Book& book, ulong id) {
    auto gone = std::remove_if(book.positions.begin(), book.positions.end(), [&](Position& p) { return p.id == id; });
    book.positions.erase(gone, book.positions.end());
}

static ENUM_DEAL_REASON reason_of(ENUM_ORDER_REASON reason) {
    switch (reason) {
        case ORDER_REASON_CLIENT: return DEAL_REASON_CLIENT;
        case ORDER_REASON_MOBILE: return DEAL_REASON_MOBILE;
        case ORDER_REASON_WEB: return DEAL_REASON_WEB;
        case ORDER_REASON_SL: return DEAL_REASON_SL;
        case ORDER_REASON_TP: return DEAL_REASON_TP;
        case ORDER_REASON_SO: return DEAL_REASON_SO;
        default: return DEAL_REASON_EXPERT;
    }
}

static Deal begun(Book& book, const Order& order, Dec volume, Dec price) {
    Deal deal;
    deal.ticket = book.account.next_deal++;
    deal.order = order.ticket, deal.magic = order.magic, deal.symbol = order.symbol, deal.comment = order.comment;
    deal.type = is_buy(order.type) ? DEAL_TYPE_BUY : DEAL_TYPE_SELL;
    deal.reason = reason_of(order.reason);
    deal.volume = volume, deal.price = price, deal.sl = order.sl, deal.tp = order.tp;
    deal.time_msc = server_msc(book), deal.done_ms = book.account.now_ms;
    deal.commission = -money(book, (Wide)book.account.commission * volume, ONE);
    deal.fee = -money(book, (Wide)symbol_known(book, order.symbol).fee * volume, ONE);
    return deal;
}

static void book_deal(Book& book, const Deal& deal) {
    book.account.balance += deal.profit + deal.swap + deal.commission + deal.fee;
    book.deals.push_back(deal);
    book.changed = true;
    tell(book, TRADE_TRANSACTION_DEAL_ADD, deal);
}

static void reverse(Book& book, Position& position, const Order& order, Dec rest, Dec price) {
    ulong id = position.id;
    erase_position(book, id);
    open_position(book, order, rest, price, id);
}

ulong make_deal(Book& book, Order& order, Dec volume, Dec price) {
    const Symbol& symbol = symbol_known(book, order.symbol);
    Deal deal = begun(book, order, volume, price);
    Position* position = target(book, order);
    if (!position) {
        deal.position = order.ticket;
        open_position(book, order, volume, price, order.ticket);
    } else {
        deal.position = position->id;
        if (is_buy(*position) == is_buy(order.type)) {
            merge(book, *position, order, volume, price);
        } else {
            Dec closed = std::min(volume, position->volume);
            reduce(book, symbol, *position, deal, closed);
            deal.entry = volume > closed ? DEAL_ENTRY_INOUT : DEAL_ENTRY_OUT;
            if (volume > closed) reverse(book, *position, order, volume - closed, price);
            else if (position->volume == 0) erase_position(book, position->id);
        }
    }
    order.position = deal.position;
    book_deal(book, deal);
    return deal.ticket;
}

// What can be had now: the market's depth, a fault's limit, in whole steps.
static Dec at_hand(const Symbol& symbol, const Order& order, const Bend& bend) {
    Dec most = order.left;
    if (symbol.depth > 0) most = std::min(most, symbol.depth);
    if (bend.volume > 0) most = std::min(most, bend.volume);
    return most == order.left ? most : most / symbol.volume_step * symbol.volume_step;
}

Answer fill(Book& book, ulong ticket, const Bend& bend) {
    Order& order = *order_of(book, ticket);
    const Symbol& symbol = symbol_known(book, order.symbol);
    Answer answer;
    answer.order = ticket;
    answer.quote = quote_now(book, symbol);
    bool buy = is_buy(order.type);
    Dec can = at_hand(symbol, order, bend);
    if (can == 0 || (order.filling == ORDER_FILLING_FOK && can < order.left)) {
        end_order(book, ticket, ORDER_STATE_REJECTED);
        answer.retcode = TRADE_RETCODE_REJECT;
        return answer;
    }
    answer.price = side_price(answer.quote, buy) + (buy ? 1 : -1) * bend.points * point_of(symbol);
    answer.volume = can;
    order.left -= can;
    answer.deal = make_deal(book, order, can, answer.price);
    if (order.left == 0) {
        end_order(book, ticket, ORDER_STATE_FILLED);
        answer.retcode = TRADE_RETCODE_DONE;
        return answer;
    }
    answer.retcode = TRADE_RETCODE_DONE_PARTIAL;
    if (order.filling == ORDER_FILLING_IOC) {
        end_order(book, ticket, ORDER_STATE_CANCELED);
    } else {
        order.state = ORDER_STATE_PARTIAL;
        tell(book, TRADE_TRANSACTION_ORDER_UPDATE, order);
    }
    return answer;
}

ulong close_at_market(Book& book, const Position& position, ENUM_ORDER_REASON reason, const std::string& comment) {
    Order order;
    order.type = is_buy(position) ? ORDER_TYPE_SELL : ORDER_TYPE_BUY;
    order.symbol = position.symbol, order.volume = position.volume, order.magic = position.magic;
    order.position = position.id, order.reason = reason, order.comment = comment;
    order.price = exit_price(quote_now(book, symbol_known(book, position.symbol)), position);
    Order& listed = list_order(book, order);
    listed.left = 0;
    ulong ticket = listed.ticket, deal = make_deal(book, listed, order.volume, order.price);
    end_order(book, ticket, ORDER_STATE_FILLED);
    return deal;
}

// The first position is closed at the price at which the second was opened; the second without a result.
void close_by(Book& book, Order& order) {
    for (ulong id : {order.position, order.position_by}) {
        Position& position = *position_by_id(book, id);
        Deal deal = begun(book, order, order.volume, position_by_id(book, order.position_by)->price);
        deal.type = is_buy(position) ? DEAL_TYPE_SELL : DEAL_TYPE_BUY;
        deal.entry = DEAL_ENTRY_OUT_BY;
        deal.position = id, deal.magic = position.magic;
        reduce(book, symbol_known(book, order.symbol), position, deal, order.volume);
        book_deal(book, deal);
    }
    for (ulong id : {order.position, order.position_by})
        if (position_by_id(book, id)->volume == 0) erase_position(book, id);
    order.left = 0;
}

}  // namespace mql::broker
