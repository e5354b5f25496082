// The open positions; what is selected is a copy, as in a terminal.
#include "broker/link.hpp"
#include "terminal.hpp"

namespace mql {
using namespace broker;

static Position chosen;
static Dec chosen_profit, chosen_price;
static bool has_chosen = false;

static bool choose(const Book& book, const Position* position) {
    has_chosen = position != nullptr;
    if (!has_chosen) {
        set_error(ERR_TRADE_POSITION_NOT_FOUND);
        return false;
    }
    chosen = *position;
    chosen_profit = floating(book, chosen);
    chosen_price = exit_price(quote_now(book, *symbol_of(book, chosen.symbol)), chosen);
    return true;
}

int PositionsTotal() { return (int)seen("PositionsTotal").positions.size(); }
ulong PositionGetTicket(int index) {
    const Book& book = seen("PositionGetTicket");
    bool there = index >= 0 && index < (int)book.positions.size();
    return choose(book, there ? &book.positions[(size_t)index] : nullptr) ? chosen.ticket : 0;
}
String PositionGetSymbol(int index) { return PositionGetTicket(index) != 0 ? from_utf8(chosen.symbol) : String(); }
bool PositionSelectByTicket(ulong ticket) {
    const Book& book = seen("PositionSelectByTicket");
    return choose(book, position_of(book, ticket));
}
bool PositionSelect(String symbol) {
    const Book& book = seen("PositionSelect");
    const Position* first = nullptr;
    for (const Position& one : book.positions)
        if (one.symbol == utf8(symbol) && (!first || one.ticket < first->ticket)) first = &one;
    return choose(book, first);
}

static bool selected(const char* function) {
    seen(function);
    if (!has_chosen) set_error(ERR_TRADE_POSITION_NOT_FOUND);
    return has_chosen;
}
double PositionGetDouble(ENUM_POSITION_PROPERTY_DOUBLE property) {
    if (!selected("PositionGetDouble")) return 0;
    switch (property) {
        case POSITION_VOLUME: return real(chosen.volume);
        case POSITION_PRICE_OPEN: return real(chosen.price);
        case POSITION_SL: return real(chosen.sl);
        case POSITION_TP: return real(chosen.tp);
        case POSITION_PRICE_CURRENT: return real(chosen_price);
        case POSITION_SWAP: return real(chosen.swap);
        case POSITION_PROFIT: return real(chosen_profit);
    }
    set_error(ERR_INVALID_PARAMETER);
    return 0;
}
static long reason_of(ENUM_ORDER_REASON reason) {
    switch (reason) {
        case ORDER_REASON_MOBILE: return POSITION_REASON_MOBILE;
        case ORDER_REASON_WEB: return POSITION_REASON_WEB;
        case ORDER_REASON_EXPERT: return POSITION_REASON_EXPERT;
        default: return POSITION_REASON_CLIENT;
    }
}
long PositionGetInteger(ENUM_POSITION_PROPERTY_INTEGER property) {
    if (!selected("PositionGetInteger")) return 0;
    switch (property) {
        case POSITION_TICKET: return (long)chosen.ticket;
        case POSITION_TIME: return chosen.time_msc / 1000;
        case POSITION_TIME_MSC: return chosen.time_msc;
        case POSITION_TIME_UPDATE: return chosen.update_msc / 1000;
        case POSITION_TIME_UPDATE_MSC: return chosen.update_msc;
        case POSITION_TYPE: return chosen.type;
        case POSITION_MAGIC: return (long)chosen.magic;
        case POSITION_IDENTIFIER: return (long)chosen.id;
        case POSITION_REASON: return reason_of(chosen.reason);
    }
    set_error(ERR_INVALID_PARAMETER);
    return 0;
}
String PositionGetString(ENUM_POSITION_PROPERTY_STRING property) {
    if (!selected("PositionGetString")) return String();
    switch (property) {
        case POSITION_SYMBOL: return from_utf8(chosen.symbol);
        case POSITION_COMMENT: return from_utf8(chosen.comment);
        case POSITION_EXTERNAL_ID: return from_utf8(chosen.external);
    }
    set_error(ERR_INVALID_PARAMETER);
    return String();
}

}  // namespace mql
