// Orders and positions by their numbers; an order's way into the list and out of it.
#include "broker/trading.hpp"

namespace mql::broker {

static const size_t COMMENT_MAX = 31;

Order* order_of(Book& book, ulong ticket) {
    for (Order& one : book.orders)
        if (one.ticket == ticket) return &one;
    return nullptr;
}
Position* position_of(Book& book, ulong ticket) {
    for (Position& one : book.positions)
        if (one.ticket == ticket) return &one;
    return nullptr;
}
const Position* position_of(const Book& book, ulong ticket) { return position_of(const_cast<Book&>(book), ticket); }
Position* position_by_id(Book& book, ulong id) {
    for (Position& one : book.positions)
        if (one.id == id) return &one;
    return nullptr;
}

Order& list_order(Book& book, Order order) {
    order.ticket = book.account.next_order++;
    order.setup_msc = server_msc(book);
    order.left = order.volume;
    book.orders.push_back(order);
    book.changed = true;
    tell(book, TRADE_TRANSACTION_ORDER_ADD, order);
    return book.orders.back();
}

void end_order(Book& book, ulong ticket, ENUM_ORDER_STATE state) {
    auto found = std::find_if(book.orders.begin(), book.orders.end(), [&](Order& one) { return one.ticket == ticket; });
    if (found == book.orders.end()) return;
    Order order = *found;
    book.orders.erase(found);
    order.state = state;
    order.done_msc = server_msc(book);
    order.done_ms = book.account.now_ms;
    order.due_ms = 0;
    book.past.push_back(order);
    book.changed = true;
    tell(book, TRADE_TRANSACTION_ORDER_DELETE, order);
    tell(book, TRADE_TRANSACTION_HISTORY_ADD, order);
}

std::string kept_comment(const Book& book, const std::string& comment) {
    const std::string& how = book.account.comments;
    std::string kept = how == "keep" ? comment : how == "drop" ? "" : how;
    // Cut between letters, not within one.
    size_t end = std::min(kept.size(), COMMENT_MAX);
    while (end > 0 && end < kept.size() && ((uchar)kept[end] & 0xC0) == 0x80) end--;
    return kept.substr(0, end);
}

std::string price_text(const Symbol& symbol, Dec price) { return utf8(DoubleToString(real(price), (int)symbol.digits)); }

}  // namespace mql::broker
