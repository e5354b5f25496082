#include "broker/money.hpp"

namespace mql::broker {

Dec money(const Book& book, Wide value, Wide scale) {
    Wide unit = unit_of(book.account.currency_digits);
    return (Dec)(round_div(value, scale * unit) * unit);
}

Dec profit_of(const Book& book, const Symbol& symbol, bool buy, Dec volume, Dec open, Dec close) {
    Wide lots = (Wide)(buy ? close - open : open - close) * volume;  // 10^-16
    return money(book, lots * (symbol.contract / 10000) / ONE * (symbol.rate / 10000), (Wide)ONE);
}

Dec margin_of(const Book& book, const Symbol& symbol, Dec volume, Dec price) {
    Wide worth = (Wide)(price < 0 ? -price : price) * volume / ONE * (symbol.contract / 10000);  // 10^-12
    return money(book, worth / 10000 * (symbol.rate / 10000) / 10000, book.account.leverage);
}

Dec floating(const Book& book, const Position& p) {
    const Symbol* symbol = symbol_of(book, p.symbol);
    Quote quote = symbol ? quote_now(book, *symbol) : Quote();
    return quote.there() ? profit_of(book, *symbol, is_buy(p), p.volume, p.price, exit_price(quote, p)) : 0;
}
Dec floating(const Book& book) {
    Dec sum = 0;
    for (const Position& one : book.positions) sum += floating(book, one) + one.swap;
    return sum;
}

Dec margin(const Book& book) {
    Dec sum = 0;
    for (const Symbol& symbol : book.symbols) {
        Dec sides[2] = {0, 0};
        for (const Position& one : book.positions)
            if (one.symbol == symbol.name) sides[is_buy(one)] += margin_of(book, symbol, one.volume, one.price);
        sum += std::max(sides[0], sides[1]);
    }
    return sum;
}

Dec margin_level(const Book& book) {
    Dec used = margin(book);
    return used == 0 ? 0 : (Dec)((Wide)equity(book) * 100 * ONE / used);
}

}  // namespace mql::broker
