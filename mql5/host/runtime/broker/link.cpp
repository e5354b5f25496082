#include "broker/link.hpp"

#include "runtime.hpp"
#include "terminal.hpp"
#include "broker/lines.hpp"
#include "broker/store.hpp"

namespace mql::broker {

struct Heard {
    Event event;
    MqlTradeRequest request;
    MqlTradeResult result;
};
static const long REAL_MS = 20;  // by the real clock, how old the book may be

static Book book, known;
static bool began = false, offline = false, logged = false;
static long began_ms = 0, lag_until = 0, fresh_ms = 0;
static ulong cursor = 0, fresh_waits = 0;
static int depth = 0;
static std::vector<Heard> waiting;

static Store& store() {
    static Store one(options().broker);
    return one;
}
bool attached() { return !options().broker.empty(); }
bool logged_in() { return logged; }
long started_ms() { return began_ms; }
std::set<std::string>& watched() {
    static std::set<std::string> all;
    return all;
}

// A terminal that was never connected knows its symbols from before, and nothing of the account.
static Book nothing_but_symbols(const Book& from) {
    Book empty;
    empty.account.login = 0;
    empty.account.server = empty.account.name = empty.account.currency = "";
    empty.account.connected = false;
    empty.account.now_ms = from.account.now_ms, empty.account.offset_s = from.account.offset_s;
    empty.account.autotrading = from.account.autotrading, empty.account.program_trading = from.account.program_trading;
    empty.account.skew_ms = from.account.skew_ms;
    empty.symbols = from.symbols, empty.sessions = from.sessions;
    for (const Symbol& one : from.symbols) empty.overlays.push_back({one.name, "none", 0, LONG_MAX});
    return empty;
}

static void begin() {
    began = true;
    began_ms = book.account.now_ms;
    cursor = book.account.next_event;
    book.account.restarts++;
    book.changed = true;
    for (const Symbol& one : book.symbols)
        if (one.selected) watched().insert(one.name);
}

void connection_lost(const Book& now) {
    known = logged ? now : nothing_but_symbols(now);
    known.account.connected = false;
    offline = true;
}
static void notice_connection() {
    if (!book.account.connected && !offline) connection_lost(book);
    offline = !book.account.connected;
    logged = logged || !offline;
}

static bool listens() { return program.on_trade || program.on_trade_transaction; }

static void collect() {
    for (const Event& one : book.events)
        if (one.number >= cursor && !offline && listens()) waiting.push_back({one, MqlTradeRequest(), MqlTradeResult()});
    cursor = book.account.next_event;
}

Held::Held(const char* function) : book(broker::book) {
    if (!attached()) no_broker(function);
    if (depth++ > 0) return;
    store().lock();
    store().read(book);
    move_to(book, now_ms());
    if (!began) begin();
    notice_connection();
    fresh_ms = now_ms();
    fresh_waits = waits();
}
Held::~Held() {
    if (--depth > 0) return;
    notice_connection();
    collect();
    if (book.changed) store().write(book);
    store().unlock();
}

static bool is_fresh() {
    if (!began || fresh_waits != waits()) return false;
    return options().clock != Clock::REAL || now_ms() - fresh_ms < REAL_MS;
}
const Book& seen(const char* function) {
    if (!attached()) no_broker(function);
    if (!is_fresh()) Held held(function);
    return offline || now_ms() < lag_until ? known : book;
}
void lag(const Book& before, long until_ms) {
    known = before;
    lag_until = until_ms;
}

// What the program is called with.
void hear(const MqlTradeRequest& request, const MqlTradeResult& result) {
    if (!listens()) return;
    Event event;
    event.type = TRADE_TRANSACTION_REQUEST;
    event.due_ms = now_ms();
    event.number = cursor;
    waiting.push_back({event, request, result});
}

static MqlTradeTransaction transaction(const Event& e) {
    MqlTradeTransaction t = MqlTradeTransaction();
    t.deal = e.deal, t.order = e.order, t.symbol = from_utf8(e.symbol), t.type = e.type;
    t.order_type = e.order_type, t.order_state = e.order_state, t.deal_type = e.deal_type;
    t.time_type = e.time_type, t.time_expiration = e.expires_s;
    t.price = real(e.price), t.price_trigger = real(e.price_trigger), t.price_sl = real(e.sl), t.price_tp = real(e.tp);
    t.volume = real(e.volume), t.position = e.position, t.position_by = e.position_by;
    return t;
}

}  // namespace mql::broker

namespace mql {
using namespace broker;

void broker_start() {
    if (attached()) Held held("the terminal");
}

long trade_due() {
    long due = LONG_MAX;
    for (const Heard& one : waiting) due = std::min(due, one.event.due_ms);
    return due;
}

void trade_events() {
    if (!attached() || !listens()) return;
    { Held held("OnTradeTransaction"); }
    bool any = false;
    while (!stopping() && trade_due() <= now_ms()) {
        auto first = std::min_element(waiting.begin(), waiting.end(), [](const Heard& a, const Heard& b) {
            return a.event.due_ms < b.event.due_ms;
        });
        Heard one = *first;
        waiting.erase(first);
        any = true;
        if (program.on_trade_transaction) program.on_trade_transaction(transaction(one.event), one.request, one.result);
    }
    if (any && program.on_trade) program.on_trade();
}

std::string broker_asked(const std::string& line) {
    Held held("the driver");
    try {
        return obey(held.book, parted(line));
    } catch (const mql::Fault& fault) {
        return "refused\t" + fault.text;
    }
}

}  // namespace mql
