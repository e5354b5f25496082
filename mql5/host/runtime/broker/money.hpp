// What trades are worth: profit, margin, equity, all in the account's currency and its digits.
#pragma once
#include "broker/quotes.hpp"

namespace mql::broker {

inline bool is_buy(ENUM_ORDER_TYPE type) {
    return type == ORDER_TYPE_BUY || type == ORDER_TYPE_BUY_LIMIT || type == ORDER_TYPE_BUY_STOP ||
           type == ORDER_TYPE_BUY_STOP_LIMIT;
}
inline bool is_buy(const Position& position) { return position.type == POSITION_TYPE_BUY; }
inline bool is_hedging(const Book& book) { return book.account.margin_mode == ACCOUNT_MARGIN_MODE_RETAIL_HEDGING; }
// What who trades on this side gets.
inline Dec side_price(const Quote& quote, bool buy) { return buy ? quote.ask : quote.bid; }
inline Dec exit_price(const Quote& quote, const Position& position) { return side_price(quote, !is_buy(position)); }

Dec money(const Book& book, Wide value, Wide scale);  // value / scale, rounded to the currency's digits
Dec profit_of(const Book& book, const Symbol& symbol, bool buy, Dec volume, Dec open, Dec close);
Dec margin_of(const Book& book, const Symbol& symbol, Dec volume, Dec price);
Dec floating(const Book& book, const Position& position);  // without swap
Dec floating(const Book& book);                            // with swap
Dec margin(const Book& book);  // of each symbol the larger side, as if alone
inline Dec equity(const Book& book) { return book.account.balance + book.account.credit + floating(book); }
inline Dec free_margin(const Book& book) { return equity(book) - margin(book); }
Dec margin_level(const Book& book);  // percent; 0: no margin in use

}  // namespace mql::broker
