// Trade transactions: written into the book, from where each terminal of the account hears them.
#include "broker/lines.hpp"
#include "broker/trading.hpp"

namespace mql::broker {

static const size_t KEPT_EVENTS = 128;

static void add(Book& book, Event event) {
    event.due_ms = book.account.now_ms;
    Mishap fault;
    int copies = 1;
    std::string name = member_name("TRADE_TRANSACTION_", event.type);
    if (strike(book, "transaction", "before", name, fault)) {
        if (fault.effect == "drop") copies = 0;
        if (fault.effect == "repeat") copies = 2;
        event.due_ms += fault.ms;
    }
    for (; copies > 0; copies--) {
        event.number = book.account.next_event++;
        book.events.push_back(event);
    }
    if (book.events.size() > KEPT_EVENTS) book.events.erase(book.events.begin());
    book.changed = true;
}

void tell(Book& book, ENUM_TRADE_TRANSACTION_TYPE type, const Order& order) {
    Event event;
    event.type = type;
    event.order = order.ticket, event.symbol = order.symbol;
    event.order_type = order.type, event.order_state = order.state;
    event.time_type = order.time_type, event.expires_s = order.expires_s;
    bool two_prices = order.type == ORDER_TYPE_BUY_STOP_LIMIT || order.type == ORDER_TYPE_SELL_STOP_LIMIT;
    event.price = two_prices ? order.stoplimit : order.price;
    event.price_trigger = two_prices ? order.price : 0;
    event.sl = order.sl, event.tp = order.tp, event.volume = order.left;
    event.position = order.position, event.position_by = order.position_by;
    add(book, event);
}

void tell(Book& book, ENUM_TRADE_TRANSACTION_TYPE type, const Deal& deal) {
    Event event;
    event.type = type;
    event.deal = deal.ticket, event.order = deal.order, event.symbol = deal.symbol, event.deal_type = deal.type;
    event.price = deal.price, event.sl = deal.sl, event.tp = deal.tp, event.volume = deal.volume;
    Position* position = position_by_id(book, deal.position);
    event.position = position ? position->ticket : deal.position;
    add(book, event);
}

void tell(Book& book, const Position& position) {
    Event event;
    event.type = TRADE_TRANSACTION_POSITION;
    event.symbol = position.symbol, event.position = position.ticket;
    event.deal_type = is_buy(position) ? DEAL_TYPE_BUY : DEAL_TYPE_SELL;
    event.price = position.price, event.sl = position.sl, event.tp = position.tp, event.volume = position.volume;
    add(book, event);
}

}  // namespace mql::broker
