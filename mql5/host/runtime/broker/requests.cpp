// OrderSend and OrderCheck: the way of a request to the server and of its answer back.
#include "broker/lines.hpp"
#include "broker/link.hpp"
#include "broker/points.hpp"
#include "terminal.hpp"

namespace mql {
using namespace broker;

// A structure that was never cleared holds what the compiler left: nobody may trade on that.
static void check_set(const MqlTradeRequest& r) {
    for (double one : {r.volume, r.price, r.stoplimit, r.sl, r.tp})
        if (!std::isfinite(one) || std::fabs(one) > 1e10 || (one != 0 && std::fabs(one) < 1e-10))
            fail("the trade request has a number that was never set");
    for (ulong one : {r.magic, r.order, r.deviation, r.position, r.position_by})
        if (one > (ulong)LONG_MAX) fail("the trade request has a whole number that was never set");
    bool known = r.action >= TRADE_ACTION_DEAL && r.action <= TRADE_ACTION_CLOSE_BY && r.type >= ORDER_TYPE_BUY &&
                 r.type <= ORDER_TYPE_CLOSE_BY && r.type_filling >= ORDER_FILLING_FOK &&
                 r.type_filling <= ORDER_FILLING_BOC && r.type_time >= ORDER_TIME_GTC &&
                 r.type_time <= ORDER_TIME_SPECIFIED_DAY;
    if (!known) fail("the trade request has an enumeration that was never set");
}

static Request request_of(const MqlTradeRequest& r) {
    check_set(r);
    Request to;
    to.action = r.action, to.magic = r.magic, to.order = r.order;
    to.position = r.position, to.position_by = r.position_by;
    to.symbol = utf8(r.symbol), to.comment = utf8(r.comment);
    to.volume = nearest(r.volume), to.price = nearest(r.price), to.stoplimit = nearest(r.stoplimit);
    to.sl = nearest(r.sl), to.tp = nearest(r.tp);
    to.deviation = (long)r.deviation, to.expires_s = r.expiration.v;
    to.type = r.type, to.filling = r.type_filling, to.time_type = r.type_time;
    return to;
}

static const char* words_of(uint retcode) {
    switch (retcode) {
        case TRADE_RETCODE_REQUOTE: return "Requote";
        case TRADE_RETCODE_PLACED: return "Order placed";
        case TRADE_RETCODE_DONE: return "Request executed";
        case TRADE_RETCODE_DONE_PARTIAL: return "Request executed partially";
        case TRADE_RETCODE_TIMEOUT: return "Request timed out";
        case TRADE_RETCODE_CONNECTION: return "No connection";
        case TRADE_RETCODE_CLIENT_DISABLES_AT: return "AutoTrading disabled by client";
        default: return "Request refused";
    }
}

static uint refused_by_terminal(const Account& account) {
    if (!account.autotrading || !account.program_trading) return TRADE_RETCODE_CLIENT_DISABLES_AT;
    return account.connected ? 0 : TRADE_RETCODE_CONNECTION;
}

static void schedule(Book& book, const Request& request, long at_ms) {
    Line line = line_of(request);
    line["verb"] = "trade", line["at"] = std::to_string(at_ms);
    book.commands.push_back(line);
}

static Answer judged(Book& book, const Request& request, const Bend& bend) {
    Answer answer;
    answer.retcode = judge(book, request);
    if (answer.retcode == 0) answer = serve(book, request, bend);
    return answer;
}

static Answer faulted(Book& book, const Request& request, const Mishap& fault) {
    Bend bend;
    Answer told;
    if (fault.effect == "refuse" || fault.effect == "late") {
        if (fault.effect == "late") schedule(book, request, book.account.now_ms + fault.ms);
        told.retcode = (uint)fault.retcode;
        return told;
    }
    if (fault.effect == "lag") lag(book, book.account.now_ms + fault.ms);
    bend.placed = fault.effect == "place";
    bend.ms = fault.ms, bend.points = fault.points, bend.volume = fault.volume;
    told = judged(book, request, bend);
    if (fault.effect != "execute") return told;
    told = Answer();
    told.retcode = (uint)fault.retcode;
    return told;
}

static void remember(Book& book, const Request& request, const std::string& effect, uint retcode) {
    if (book.account.keep_asked <= (long)book.asked.size()) return;
    Asked one;
    one.magic = request.magic, one.order = request.order, one.position = request.position;
    one.symbol = request.symbol, one.effect = effect, one.action = request.action, one.type = request.type;
    one.volume = request.volume, one.sl = request.sl;
    one.at_ms = book.account.now_ms, one.retcode = retcode, one.restarts = book.account.restarts;
    book.asked.push_back(one);
    book.changed = true;
}

// At the server. `wait_ms`: what the answer takes longer than usual.
static Answer served(const Request& request, long& wait_ms) {
    Held held("OrderSend");
    Book& book = held.book;
    Answer answer;
    if (!book.account.connected) {
        answer.retcode = TRADE_RETCODE_CONNECTION;
        return answer;
    }
    Mishap fault;
    std::string what = member_name("TRADE_ACTION_", request.action) + " " + request.symbol;
    bool struck = strike(book, "request", "before", what, fault);
    answer = struck ? faulted(book, request, fault) : judged(book, request, {});
    remember(book, request, struck ? fault.effect : "", answer.retcode);
    if (struck && (fault.effect == "refuse" || fault.effect == "execute")) wait_ms = fault.ms;
    const Symbol* symbol = symbol_of(book, request.symbol);
    if (symbol && answer.retcode != TRADE_RETCODE_TIMEOUT) answer.quote = quote_now(book, *symbol);
    return answer;
}

static bool is_success(uint retcode) {
    return retcode == TRADE_RETCODE_PLACED || retcode == TRADE_RETCODE_DONE || retcode == TRADE_RETCODE_DONE_PARTIAL;
}

bool OrderSend(MqlTradeRequest& request, MqlTradeResult& result) {
    static uint numbers = 0;
    Request asked = request_of(request);
    Point point("OrderSend", member_name("TRADE_ACTION_", asked.action) + " " + asked.symbol);
    const Account account = seen("OrderSend").account;
    Answer answer;
    answer.retcode = refused_by_terminal(account);
    if (answer.retcode == 0) {
        long wait_ms = 0;
        wait_until(now_ms() + account.send_ms, "send");
        answer = served(asked, wait_ms);
        wait_until(now_ms() + account.answer_ms + wait_ms, "answer");
    }
    result = MqlTradeResult();
    result.retcode = answer.retcode, result.deal = answer.deal, result.order = answer.order;
    result.volume = real(answer.volume), result.price = real(answer.price);
    result.bid = real(answer.quote.bid), result.ask = real(answer.quote.ask);
    result.comment = from_utf8(words_of(answer.retcode));
    result.request_id = ++numbers;
    hear(request, result);
    if (is_success(answer.retcode)) return true;
    set_error(answer.retcode == TRADE_RETCODE_CLIENT_DISABLES_AT ? ERR_TRADE_DISABLED : ERR_TRADE_SEND_FAILED);
    return account.true_when_refused && answer.retcode != 0;
}

bool OrderCheck(MqlTradeRequest& request, MqlTradeCheckResult& result) {
    Request asked = request_of(request);
    const Book& book = seen("OrderCheck");
    result = MqlTradeCheckResult();
    result.retcode = judge(book, asked);
    const Symbol* symbol = symbol_of(book, asked.symbol);
    Dec price = symbol ? side_price(quote_now(book, *symbol), is_buy(asked.type)) : 0;
    Dec more = symbol && asked.action == TRADE_ACTION_DEAL && asked.position == 0 ? margin_of(book, *symbol, asked.volume, price) : 0;
    Dec used = margin(book) + more;
    result.balance = real(book.account.balance), result.equity = real(equity(book));
    result.profit = real(floating(book)), result.margin = real(used), result.margin_free = real(equity(book) - used);
    result.margin_level = used == 0 ? 0 : real(equity(book)) / real(used) * 100;
    result.comment = from_utf8(result.retcode == 0 ? "Done" : words_of(result.retcode));
    return result.retcode == 0;
}

}  // namespace mql
