#include "broker/quotes.hpp"

#include "broker/blake2.hpp"

namespace mql::broker {

static const int SCALES = 9;
static const long PARTS = 1000000000, DAY_MS = 86400000;
static const long WEIGHTS[SCALES] = {6, 9, 13, 12, 10, 8, 8, 8, 8};

const Symbol* symbol_of(const Book& book, const std::string& name) {
    for (const Symbol& one : book.symbols)
        if (one.name == name) return &one;
    return nullptr;
}
Symbol& symbol_known(Book& book, const std::string& name) {
    for (Symbol& one : book.symbols)
        if (one.name == name) return one;
    fail("the broker has no symbol " + name);
}

// The sample's noise: the same integers as in fusion_project/local/market/rules/prices.py.
static long lattice(const Symbol& symbol, int scale, long step) {
    std::string text = symbol.seed + ":" + symbol.base + ":" + std::to_string(scale) + ":" + std::to_string(step);
    return (long)(blake2b_64(text) % (2 * PARTS + 1)) - PARTS;
}
struct Pair {  // the two drawn values between which a scale's noise runs now
    long step = LONG_MIN, left = 0, right = 0;
};
static std::vector<Pair>& pairs_of(const Symbol& symbol) {
    static std::map<std::string, std::vector<Pair>> kept;
    std::vector<Pair>& all = kept[symbol.seed + ":" + symbol.base];
    all.resize(SCALES);
    return all;
}
static long noise(const Symbol& symbol, int scale, long at_ms, Pair& pair) {
    long length = 5000L << 2 * scale;
    long moved = at_ms + scale * 1237L;
    long step = (long)floor_div(moved, length);
    if (pair.step != step) pair = {step, lattice(symbol, scale, step), lattice(symbol, scale, step + 1)};
    Wide rest = moved - step * length;
    Wide eased = rest * rest * (3 * length - 2 * rest);
    return pair.left + (long)floor_div((pair.right - pair.left) * eased, (Wide)length * length * length);
}
static long in_millis(const Symbol& symbol, Dec price) {
    return (long)((Wide)price * power_of_ten(symbol.digits + 3) / ONE);
}
Quote sample_quote(const Symbol& symbol, long utc_ms) {
    Wide parts = 0, one = (Wide)PARTS * PARTS;
    std::vector<Pair>& pairs = pairs_of(symbol);
    for (int scale = 0; scale < SCALES; scale++) {
        long amplitude = symbol.swing_ppm * 100 * WEIGHTS[scale] * (1L << scale) * 289 / 1001;
        parts += (Wide)noise(symbol, scale, utc_ms, pairs[(size_t)scale]) * amplitude;
    }
    long middle = (long)floor_div(in_millis(symbol, symbol.anchor) * (one + parts), one);
    long half = in_millis(symbol, symbol.spread) / 2;
    auto price = [&](long millis) { return (Dec)floor_div(millis + 500, 1000) * point_of(symbol); };
    return {price(middle - half), price(middle + half), utc_ms};
}

// Trading hours.
static bool has_hours(const Book& book, const std::string& symbol) {
    return std::any_of(book.sessions.begin(), book.sessions.end(), [&](const Session& s) { return s.symbol == symbol; });
}
static long day_of(long server_ms) { return (long)floor_div(server_ms, DAY_MS); }
static bool is_day(const Session& session, const std::string& symbol, long day) {
    return session.symbol == symbol && (long)session.day == (day + 4) % 7;  // 1970 began on a Thursday
}
bool open_at(const Book& book, const std::string& symbol, long utc_ms) {
    if (!has_hours(book, symbol)) return true;
    long day = day_of(server_msc(book, utc_ms)), second = (server_msc(book, utc_ms) - day * DAY_MS) / 1000;
    return std::any_of(book.sessions.begin(), book.sessions.end(), [&](const Session& s) {
        return is_day(s, symbol, day) && s.from_s <= second && second < s.to_s;
    });
}
// The last moment up to this one at which the market was open; 0: not within a fortnight.
static long last_open(const Book& book, const std::string& symbol, long utc_ms) {
    if (open_at(book, symbol, utc_ms)) return utc_ms;
    long server = server_msc(book, utc_ms), best = 0;
    for (long day = day_of(server); day > day_of(server) - 14 && best == 0; day--)
        for (const Session& one : book.sessions) {
            long end = day * DAY_MS + one.to_s * 1000 - 1;
            if (is_day(one, symbol, day) && one.from_s < one.to_s && end <= server) best = std::max(best, end);
        }
    return best == 0 ? 0 : best - book.account.offset_s * 1000;
}

static const Overlay* overlay_at(const Book& book, const std::string& symbol, long utc_ms) {
    const Overlay* found = nullptr;
    for (const Overlay& one : book.overlays)
        if (one.symbol == symbol && one.from_ms <= utc_ms && utc_ms < one.until_ms) found = &one;
    return found;
}
bool priced_at(const Book& book, const Symbol& symbol, long utc_ms) {
    const Overlay* over = overlay_at(book, symbol.name, utc_ms);
    return open_at(book, symbol.name, utc_ms) && !(over && over->kind == "none");
}
Quote quote_at(const Book& book, const Symbol& symbol, long utc_ms) {
    long at = last_open(book, symbol.name, utc_ms) / symbol.tick_ms * symbol.tick_ms;
    if (at <= 0) return {};
    const Overlay* over = overlay_at(book, symbol.name, at);
    if (over && over->kind == "none") return over->from_ms > 0 ? quote_at(book, symbol, over->from_ms - 1) : Quote();
    if (over && over->kind == "fixed") return {over->bid, over->ask, at};
    Quote quote = sample_quote(symbol, at);
    if (over) quote.bid += over->bid, quote.ask += over->ask;
    return quote;
}

}  // namespace mql::broker
