// Midnight at the server: swap, added to positions or paid by closing and opening them again.
#include "broker/trading.hpp"

namespace mql::broker {

static ulong service_deal(Book& book, const Position& p, bool opens, ENUM_DEAL_REASON reason, Dec price, Dec volume) {
    Deal deal;
    deal.ticket = book.account.next_deal++;
    deal.position = p.id, deal.magic = p.magic, deal.symbol = p.symbol, deal.comment = p.comment;
    deal.type = is_buy(p) == opens ? DEAL_TYPE_BUY : DEAL_TYPE_SELL;
    deal.entry = opens ? DEAL_ENTRY_IN : DEAL_ENTRY_OUT;
    deal.reason = reason;
    deal.volume = volume, deal.price = price;
    deal.time_msc = server_msc(book), deal.done_ms = book.account.now_ms;
    if (!opens) {
        deal.profit = profit_of(book, symbol_known(book, p.symbol), is_buy(p), volume, p.price, price);
        deal.swap = p.swap;
    }
    book.account.balance += deal.profit + deal.swap;
    book.deals.push_back(deal);
    tell(book, TRADE_TRANSACTION_DEAL_ADD, deal);
    return deal.ticket;
}

void reopen(Book& book, ulong id, ENUM_DEAL_REASON reason, Dec close, Dec open, Dec volume, bool keep_stops) {
    Position* p = position_by_id(book, id);
    if (!p) fail("the broker has no position " + std::to_string(id));
    service_deal(book, *p, false, reason, close, p->volume);
    p->swap = 0;
    p->volume = volume, p->price = open;
    p->ticket = book.account.next_order++;
    if (!keep_stops) p->sl = p->tp = 0;
    p->update_msc = server_msc(book);
    service_deal(book, *p, true, reason, open, volume);
    book.changed = true;
    tell(book, *p);
}

static void swap_points(Book& book, Position& p, const Symbol& symbol, Dec points) {
    Dec move = times(points, point_of(symbol));
    p.swap += profit_of(book, symbol, true, p.volume, 0, move);
    book.changed = true;
}

// Wednesday's night counts for the week-end too.
void roll_over(Book& book) {
    static const long DAY_MS = 86400000;
    long ended = (server_msc(book) / DAY_MS - 1 + 4) % 7;  // 1970 began on a Thursday
    if (ended == SATURDAY || ended == SUNDAY) return;
    for (size_t i = 0; i < book.positions.size(); i++) {
        Position& p = book.positions[i];
        const Symbol symbol = symbol_known(book, p.symbol);
        Dec points = is_buy(p) ? symbol.swap_long : symbol.swap_short;
        if ((long)symbol.swap_3days == ended) points *= 3;
        if (points == 0) continue;
        Dec price = exit_price(quote_now(book, symbol), p);
        Dec moved = times(points, point_of(symbol)) / symbol.tick_size * symbol.tick_size;
        if (symbol.swap_mode == SYMBOL_SWAP_MODE_DISABLED) continue;
        if (symbol.swap_mode == SYMBOL_SWAP_MODE_POINTS) swap_points(book, p, symbol, points);
        else if (symbol.swap_mode != SYMBOL_SWAP_MODE_REOPEN_CURRENT) fail("the simulator has no such swap mode");
        // A charge: a bought position is opened again that much dearer, a sold one that much cheaper.
        else reopen(book, p.id, DEAL_REASON_ROLLOVER, price, is_buy(p) ? price - moved : price + moved, p.volume, true);
    }
}

}  // namespace mql::broker
