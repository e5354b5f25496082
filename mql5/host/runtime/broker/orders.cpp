#include "broker/orders.hpp"

#include "broker/link.hpp"
#include "terminal.hpp"

namespace mql {
using namespace broker;

static Order chosen;
static bool has_chosen = false;

static bool choose(const Order* order) {
    has_chosen = order != nullptr;
    if (has_chosen) chosen = *order;
    else set_error(ERR_TRADE_ORDER_NOT_FOUND);
    return has_chosen;
}
int OrdersTotal() { return (int)seen("OrdersTotal").orders.size(); }
ulong OrderGetTicket(int index) {
    const Book& book = seen("OrderGetTicket");
    bool there = index >= 0 && index < (int)book.orders.size();
    return choose(there ? &book.orders[(size_t)index] : nullptr) ? chosen.ticket : 0;
}
bool OrderSelect(ulong ticket) {
    const Book& book = seen("OrderSelect");
    auto is_it = [&](const Order& one) { return one.ticket == ticket; };
    auto found = std::find_if(book.orders.begin(), book.orders.end(), is_it);
    return choose(found == book.orders.end() ? nullptr : &*found);
}

static bool selected() {
    if (!has_chosen) set_error(ERR_TRADE_ORDER_NOT_FOUND);
    return has_chosen;
}
double OrderGetDouble(ENUM_ORDER_PROPERTY_DOUBLE property) {
    const Book& book = seen("OrderGetDouble");
    return selected() ? order_double(book, chosen, property) : 0;
}
long OrderGetInteger(ENUM_ORDER_PROPERTY_INTEGER property) {
    seen("OrderGetInteger");
    return selected() ? order_integer(chosen, property) : 0;
}
String OrderGetString(ENUM_ORDER_PROPERTY_STRING property) {
    seen("OrderGetString");
    return selected() ? order_string(chosen, property) : String();
}

namespace broker {

double order_double(const Book& book, const Order& o, ENUM_ORDER_PROPERTY_DOUBLE property) {
    switch (property) {
        case ORDER_VOLUME_INITIAL: return real(o.volume);
        case ORDER_VOLUME_CURRENT: return real(o.left);
        case ORDER_PRICE_OPEN: return real(o.price);
        case ORDER_SL: return real(o.sl);
        case ORDER_TP: return real(o.tp);
        case ORDER_PRICE_STOPLIMIT: return real(o.stoplimit);
        case ORDER_PRICE_CURRENT: {
            const Symbol* symbol = symbol_of(book, o.symbol);
            return symbol ? real(side_price(quote_now(book, *symbol), is_buy(o.type))) : 0;
        }
    }
    set_error(ERR_INVALID_PARAMETER);
    return 0;
}
long order_integer(const Order& o, ENUM_ORDER_PROPERTY_INTEGER property) {
    switch (property) {
        case ORDER_TICKET: return (long)o.ticket;
        case ORDER_TIME_SETUP: return o.setup_msc / 1000;
        case ORDER_TYPE: return o.type;
        case ORDER_STATE: return o.state;
        case ORDER_TIME_EXPIRATION: return o.expires_s;
        case ORDER_TIME_DONE: return o.done_msc / 1000;
        case ORDER_TIME_SETUP_MSC: return o.setup_msc;
        case ORDER_TIME_DONE_MSC: return o.done_msc;
        case ORDER_TYPE_FILLING: return o.filling;
        case ORDER_TYPE_TIME: return o.time_type;
        case ORDER_MAGIC: return (long)o.magic;
        case ORDER_REASON: return o.reason;
        case ORDER_POSITION_ID: return (long)o.position;
        case ORDER_POSITION_BY_ID: return (long)o.position_by;
    }
    set_error(ERR_INVALID_PARAMETER);
    return 0;
}
String order_string(const Order& o, ENUM_ORDER_PROPERTY_STRING property) {
    switch (property) {
        case ORDER_SYMBOL: return from_utf8(o.symbol);
        case ORDER_COMMENT: return from_utf8(o.comment);
        case ORDER_EXTERNAL_ID: return from_utf8(o.external);
    }
    set_error(ERR_INVALID_PARAMETER);
    return String();
}

}  // namespace broker
}  // namespace mql
