// What a driver says to the server: balance, hand-made trades, prices, settings, faults, restated deals.
#include "broker/lines.hpp"
#include "broker/trading.hpp"

namespace mql::broker {

static std::string taken(Line& line, const char* name, const std::string& fallback = "") {
    auto found = line.find(name);
    if (found == line.end()) return fallback;
    std::string value = found->second;
    line.erase(found);
    return value;
}
static void nothing_left(const Line& line, const char* verb) {
    if (!line.empty()) fail(std::string(verb) + " takes no " + line.begin()->first);
}
// A server books no part of the account's smallest unit.
static Dec booked(const Book& book, Dec amount) {
    if (amount % unit_of(book.account.currency_digits) != 0)
        fail(text_of(amount) + " is finer than the account's currency");
    return amount;
}
static ulong number(const std::string& text) { return std::strtoul(text.c_str(), nullptr, 10); }

static std::string balance(Book& book, Line line) {
    Deal deal;
    deal.type = DEAL_TYPE_BALANCE;
    LineReader reader(line);
    reader.member("type", "DEAL_TYPE_", deal.type);
    reader.decimal("amount", deal.profit), reader.text("comment", deal.comment);
    reader.end("balance");
    Dec amount = booked(book, deal.profit);
    deal.ticket = book.account.next_deal++;
    deal.reason = DEAL_REASON_CLIENT;
    deal.time_msc = server_msc(book), deal.done_ms = book.account.now_ms;
    (deal.type == DEAL_TYPE_CREDIT ? book.account.credit : book.account.balance) += amount;
    book.deals.push_back(deal);
    tell(book, TRADE_TRANSACTION_DEAL_ADD, deal);
    return "deal=" + std::to_string(deal.ticket);
}

// A request from elsewhere: a person's terminal, another program, or one that comes late.
static std::string trade(Book& book, const Line& line) {
    Request request;
    request.reason = ORDER_REASON_CLIENT;
    request.filling = ORDER_FILLING_FOK;
    read_into(request, line, "trade");
    if (request.action == TRADE_ACTION_PENDING && !line.count("filling")) request.filling = ORDER_FILLING_RETURN;
    Answer answer;
    answer.retcode = judge(book, request);
    if (answer.retcode == 0) answer = serve(book, request, {});
    return "retcode=" + std::to_string(answer.retcode) + "\torder=" + std::to_string(answer.order) +
           "\tdeal=" + std::to_string(answer.deal);
}

static Deal& deal_known(Book& book, ulong ticket) {
    for (Deal& one : book.deals)
        if (one.ticket == ticket) return one;
    fail("the broker has no deal " + std::to_string(ticket));
}
static Dec result_of(const Deal& deal) { return deal.profit + deal.swap + deal.commission + deal.fee; }
static Dec& account_of(Book& book, const Deal& deal) {
    return deal.type == DEAL_TYPE_CREDIT ? book.account.credit : book.account.balance;
}

static std::string restate(Book& book, const Line& line) {
    if (!line.count("ticket")) fail("restate needs a ticket");
    Deal& deal = deal_known(book, number(line.at("ticket")));
    Deal next = deal;
    read_into(next, line, "restate");
    account_of(book, next) += booked(book, result_of(next)) - result_of(deal);
    deal = next;
    tell(book, TRADE_TRANSACTION_DEAL_UPDATE, Deal(deal));
    return "";
}
static std::string strike_out(Book& book, Line line) {
    Deal deal = deal_known(book, number(taken(line, "ticket")));
    nothing_left(line, "strike_out");
    account_of(book, deal) -= result_of(deal);
    auto is_it = [&](const Deal& one) { return one.ticket == deal.ticket; };
    book.deals.erase(std::remove_if(book.deals.begin(), book.deals.end(), is_it), book.deals.end());
    tell(book, TRADE_TRANSACTION_DEAL_DELETE, deal);
    return "";
}

static std::string position(Book& book, Line line) {
    ulong id = number(taken(line, "id"));
    Position* found = position_by_id(book, id);
    if (!found) fail("the broker has no position " + std::to_string(id));
    read_into(*found, line, "position");
    tell(book, Position(*found));
    return "";
}
static std::string reopened(Book& book, Line line) {
    Position* p = position_by_id(book, number(taken(line, "id")));
    if (!p) fail("the broker has no such position to reopen");
    Dec price = exit_price(quote_now(book, symbol_known(book, p->symbol)), *p), open = price, volume = p->volume;
    ENUM_DEAL_REASON reason = DEAL_REASON_ROLLOVER;
    bool keep_stops = true;
    LineReader reader(line);
    reader.member("reason", "DEAL_REASON_", reason), reader.decimal("close", price), reader.decimal("open", open);
    reader.decimal("volume", volume), reader.truth("keep_stops", keep_stops);
    reader.end("reopen");
    reopen(book, p->id, reason, price, open, volume, keep_stops);
    return "";
}

static std::string symbol(Book& book, const Line& line) {
    if (!line.count("name")) fail("symbol needs a name");
    read_into(symbol_known(book, line.at("name")), line, "symbol");
    return "";
}

static void settings(Book& book, const Line& line) {
    bool connected = book.account.connected;
    read_into(book.account, line, "account");
    if (connected && !book.account.connected) connection_lost(book);
}

static void overlay(Book& book, const Line& line) {
    Overlay made;
    made.from_ms = book.account.now_ms;
    read_into(made, line, "overlay");
    book.overlays.push_back(made);
}

std::string obey(Book& book, Line line) {
    std::string verb = taken(line, "verb");
    taken(line, "at");
    book.changed = true;
    if (verb == "balance") return "ok\t" + balance(book, line);
    if (verb == "trade") return "ok\t" + trade(book, line);
    if (verb == "restate") return "ok\t" + restate(book, line);
    if (verb == "strike_out") return "ok\t" + strike_out(book, line);
    if (verb == "position") return "ok\t" + position(book, line);
    if (verb == "reopen") return "ok\t" + reopened(book, line);
    if (verb == "symbol") return "ok\t" + symbol(book, line);
    if (verb == "account") settings(book, line);
    else if (verb == "overlay") overlay(book, line);
    else if (verb == "session") read_into(book.sessions.emplace_back(), line, "session");
    else if (verb == "fault") read_into(book.faults.emplace_back(), line, "fault");
    else if (verb == "forget_faults") book.faults.clear();
    else if (verb == "forget_overlays") book.overlays.clear();
    else if (verb == "look") return "ok\t" + joined(line_of(book.account));
    else fail("the broker knows no verb '" + verb + "'");
    return "ok\t";
}

void obey_due(Book& book) {
    for (size_t i = 0; i < book.commands.size();) {
        Line line = book.commands[i];
        if (!line.count("at")) fail("a command in the book needs its moment");
        if (std::atol(line.at("at").c_str()) > book.account.now_ms) {
            i++;
            continue;
        }
        book.commands.erase(book.commands.begin() + (long)i);
        obey(book, line);
    }
}

}  // namespace mql::broker
