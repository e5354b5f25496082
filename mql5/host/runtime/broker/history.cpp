// Past orders and deals: what was selected last is what can be read; the server may be late with it.
#include "broker/link.hpp"
#include "broker/orders.hpp"
#include "terminal.hpp"

namespace mql {
using namespace broker;

static std::vector<Order> orders;
static std::vector<Deal> deals;

// The moment up to which the history is known; below zero: nothing is.
static long known_until(const Book& book) {
    long now = book.account.now_ms, until = logged_in() ? now : -1;
    for (const Mishap& one : book.faults) {
        if (one.on != "history" || now < one.from_ms || now >= one.until_ms) continue;
        if (one.effect == "empty") until = -1;
        if (one.effect == "starting" && now < started_ms() + one.ms) until = -1;
        if (one.effect == "late") until = std::min(until, now - one.ms);
    }
    return until;
}
template <class T, class Wanted>
static void select(std::vector<T>& to, const std::vector<T>& from, long until, Wanted wanted) {
    to.clear();
    for (const T& one : from)
        if (one.done_ms <= until && wanted(one)) to.push_back(one);
}

bool HistorySelect(datetime from, datetime to) {
    const Book& book = seen("HistorySelect");
    long until = known_until(book);
    auto within = [&](long msc) { return from.v <= msc / 1000 && msc / 1000 <= to.v; };
    select(orders, book.past, until, [&](const Order& one) { return within(one.done_msc); });
    select(deals, book.deals, until, [&](const Deal& one) { return within(one.time_msc); });
    return true;
}
bool HistorySelectByPosition(long id) {
    const Book& book = seen("HistorySelectByPosition");
    long until = known_until(book);
    select(orders, book.past, until, [&](const Order& one) { return (long)one.position == id || (long)one.position_by == id; });
    select(deals, book.deals, until, [&](const Deal& one) { return (long)one.position == id; });
    return true;
}
bool HistoryOrderSelect(ulong ticket) {
    const Book& book = seen("HistoryOrderSelect");
    select(orders, book.past, known_until(book), [&](const Order& one) { return one.ticket == ticket; });
    if (orders.empty()) set_error(ERR_TRADE_ORDER_NOT_FOUND);
    return !orders.empty();
}
bool HistoryDealSelect(ulong ticket) {
    const Book& book = seen("HistoryDealSelect");
    select(deals, book.deals, known_until(book), [&](const Deal& one) { return one.ticket == ticket; });
    if (deals.empty()) set_error(ERR_TRADE_DEAL_NOT_FOUND);
    return !deals.empty();
}

int HistoryOrdersTotal() {
    seen("HistoryOrdersTotal");
    return (int)orders.size();
}
int HistoryDealsTotal() {
    seen("HistoryDealsTotal");
    return (int)deals.size();
}
ulong HistoryOrderGetTicket(int index) {
    seen("HistoryOrderGetTicket");
    if (index >= 0 && index < (int)orders.size()) return orders[(size_t)index].ticket;
    set_error(ERR_TRADE_ORDER_NOT_FOUND);
    return 0;
}
ulong HistoryDealGetTicket(int index) {
    seen("HistoryDealGetTicket");
    if (index >= 0 && index < (int)deals.size()) return deals[(size_t)index].ticket;
    set_error(ERR_TRADE_DEAL_NOT_FOUND);
    return 0;
}

static const Order* order_of(ulong ticket) {
    for (const Order& one : orders)
        if (one.ticket == ticket) return &one;
    set_error(ERR_TRADE_ORDER_NOT_FOUND);
    return nullptr;
}
static const Deal* deal_of(ulong ticket) {
    for (const Deal& one : deals)
        if (one.ticket == ticket) return &one;
    set_error(ERR_TRADE_DEAL_NOT_FOUND);
    return nullptr;
}
double HistoryOrderGetDouble(ulong ticket, ENUM_ORDER_PROPERTY_DOUBLE property) {
    const Book& book = seen("HistoryOrderGetDouble");
    const Order* one = order_of(ticket);
    return one ? order_double(book, *one, property) : 0;
}
long HistoryOrderGetInteger(ulong ticket, ENUM_ORDER_PROPERTY_INTEGER property) {
    seen("HistoryOrderGetInteger");
    const Order* one = order_of(ticket);
    return one ? order_integer(*one, property) : 0;
}
String HistoryOrderGetString(ulong ticket, ENUM_ORDER_PROPERTY_STRING property) {
    seen("HistoryOrderGetString");
    const Order* one = order_of(ticket);
    return one ? order_string(*one, property) : String();
}

double HistoryDealGetDouble(ulong ticket, ENUM_DEAL_PROPERTY_DOUBLE property) {
    seen("HistoryDealGetDouble");
    const Deal* one = deal_of(ticket);
    if (!one) return 0;
    switch (property) {
        case DEAL_VOLUME: return real(one->volume);
        case DEAL_PRICE: return real(one->price);
        case DEAL_COMMISSION: return real(one->commission);
        case DEAL_SWAP: return real(one->swap);
        case DEAL_PROFIT: return real(one->profit);
        case DEAL_FEE: return real(one->fee);
        case DEAL_SL: return real(one->sl);
        case DEAL_TP: return real(one->tp);
    }
    set_error(ERR_INVALID_PARAMETER);
    return 0;
}
long HistoryDealGetInteger(ulong ticket, ENUM_DEAL_PROPERTY_INTEGER property) {
    seen("HistoryDealGetInteger");
    const Deal* one = deal_of(ticket);
    if (!one) return 0;
    switch (property) {
        case DEAL_TICKET: return (long)one->ticket;
        case DEAL_ORDER: return (long)one->order;
        case DEAL_TIME: return one->time_msc / 1000;
        case DEAL_TIME_MSC: return one->time_msc;
        case DEAL_TYPE: return one->type;
        case DEAL_ENTRY: return one->entry;
        case DEAL_MAGIC: return (long)one->magic;
        case DEAL_REASON: return one->reason;
        case DEAL_POSITION_ID: return (long)one->position;
    }
    set_error(ERR_INVALID_PARAMETER);
    return 0;
}
String HistoryDealGetString(ulong ticket, ENUM_DEAL_PROPERTY_STRING property) {
    seen("HistoryDealGetString");
    const Deal* one = deal_of(ticket);
    if (!one) return String();
    switch (property) {
        case DEAL_SYMBOL: return from_utf8(one->symbol);
        case DEAL_COMMENT: return from_utf8(one->comment);
        case DEAL_EXTERNAL_ID: return from_utf8(one->external);
    }
    set_error(ERR_INVALID_PARAMETER);
    return String();
}

}  // namespace mql
