// Prices: a pure function of the symbol and the time, the driver's overlays over it, trading hours.
#pragma once
#include "broker/book.hpp"

namespace mql::broker {

struct Quote {
    Dec bid = 0, ask = 0;
    long at_ms = 0;  // UTC; 0: nothing was ever quoted
    bool there() const { return at_ms > 0; }
};

const Symbol* symbol_of(const Book& book, const std::string& name);
Symbol& symbol_known(Book& book, const std::string& name);  // unknown: a fault
inline Dec point_of(const Symbol& symbol) { return unit_of(symbol.digits); }

Quote sample_quote(const Symbol& symbol, long utc_ms);  // as fusion_project/local/market, to the digit
bool open_at(const Book& book, const std::string& symbol, long utc_ms);
bool priced_at(const Book& book, const Symbol& symbol, long utc_ms);  // open, and no overlay takes prices away
Quote quote_at(const Book& book, const Symbol& symbol, long utc_ms);  // the last tick up to this moment
inline Quote quote_now(const Book& book, const Symbol& symbol) { return quote_at(book, symbol, book.account.now_ms); }

inline long server_msc(const Book& book, long utc_ms) { return utc_ms + book.account.offset_s * 1000; }
inline long server_msc(const Book& book) { return server_msc(book, book.account.now_ms); }

}  // namespace mql::broker
