// What the trade server holds of one account. `fields` names each value as the book's file writes it.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "api.hpp"
#include "broker/decimal.hpp"

namespace mql::broker {

struct Account {
    long login = 5001, currency_digits = 2, leverage = 100;
    std::string server = "Sim-Demo", name = "Simulated", company = "Simulator", currency = "USD";
    ENUM_ACCOUNT_TRADE_MODE mode = ACCOUNT_TRADE_MODE_DEMO;
    ENUM_ACCOUNT_MARGIN_MODE margin_mode = ACCOUNT_MARGIN_MODE_RETAIL_HEDGING;
    Dec balance = 0, credit = 0, commission = 0;  // commission: of a lot and a side
    Dec call_level = 50 * ONE, stop_out_level = 30 * ONE;  // percent
    bool trade_allowed = true, expert_allowed = true, fifo = false, hedge_allowed = true;
    long limit_orders = 0, limit_positions = 0, requests_per_second = 0;  // 0: no limit
    long offset_s = 0;              // the server's clock: seconds ahead of UTC
    std::string comments = "keep";  // keep, drop, or the text that replaces them
    long send_ms = 10, answer_ms = 10;
    bool true_when_refused = false;  // what OrderSend gives for a request that the server refused
    long keep_asked = 0;             // requests of programs that are remembered, for a test to look at
    // The terminal's side.
    bool connected = true, autotrading = true, program_trading = true;
    long skew_ms = 0, ping_us = 20000;  // the terminal's clock against the true one
    // Where the server is.
    long now_ms = 0, restarts = 0;
    ulong next_order = 1000001, next_deal = 5000001, next_event = 1;
};

struct Symbol {
    std::string name, base, description, path, currency_base = "EUR", currency_profit = "USD";
    std::string seed = "fusion-demo-1";  // with `base`, `anchor`, `spread`, `swing_ppm`: the sample's prices
    Dec anchor = ONE, spread = 0;
    long swing_ppm = 0, tick_ms = 250;
    long digits = 5;
    Dec tick_size = 1000, contract = 100000 * ONE, rate = ONE;  // rate: one of the profit currency, in the account's
    Dec tick_value = -ONE;  // below zero: computed; else what the terminal says
    Dec volume_min = ONE / 100, volume_max = 100 * ONE, volume_step = ONE / 100, volume_limit = 0;
    Dec depth = 0;  // lots to be had at a tick; 0: any
    Dec fee = 0, swap_long = 0, swap_short = 0;  // fee: of a lot and a side; swap: points of a lot and a night
    long stops_level = 0, freeze_level = 0;
    ENUM_SYMBOL_TRADE_EXECUTION execution = SYMBOL_TRADE_EXECUTION_MARKET;
    ENUM_SYMBOL_TRADE_MODE trade_mode = SYMBOL_TRADE_MODE_FULL;
    ENUM_SYMBOL_SWAP_MODE swap_mode = SYMBOL_SWAP_MODE_POINTS;
    ENUM_DAY_OF_WEEK swap_3days = WEDNESDAY;
    long filling = 3, expiration = 15, orders = 127;  // masks
    bool selected = true;
};

struct Session {  // trading hours of a symbol, seconds of the server's day; none at all: always open
    std::string symbol;
    ENUM_DAY_OF_WEEK day = MONDAY;
    long from_s = 0, to_s = 86400;
};

struct Overlay {  // what the driver makes of the prices for a while; the last one counts
    std::string symbol, kind;  // fixed, shift, none
    long from_ms = 0, until_ms = LONG_MAX;
    Dec bid = 0, ask = 0;
};

struct Order {
    ulong ticket = 0, magic = 0, position = 0, position_by = 0;  // positions by identifier
    std::string symbol, comment, external;
    ENUM_ORDER_TYPE type = ORDER_TYPE_BUY;
    ENUM_ORDER_STATE state = ORDER_STATE_STARTED;
    ENUM_ORDER_REASON reason = ORDER_REASON_EXPERT;
    ENUM_ORDER_TYPE_FILLING filling = ORDER_FILLING_RETURN;
    ENUM_ORDER_TYPE_TIME time_type = ORDER_TIME_GTC;
    Dec volume = 0, left = 0, price = 0, stoplimit = 0, sl = 0, tp = 0;
    long expires_s = 0, setup_msc = 0, done_msc = 0;  // the server's clock
    long due_ms = 0, done_ms = 0;                     // UTC; due: placed, filled then
};

struct Position {
    ulong ticket = 0, id = 0, magic = 0;
    std::string symbol, comment, external;
    ENUM_POSITION_TYPE type = POSITION_TYPE_BUY;
    ENUM_ORDER_REASON reason = ORDER_REASON_EXPERT;
    Dec volume = 0, price = 0, sl = 0, tp = 0, swap = 0;
    long time_msc = 0, update_msc = 0;
};

struct Deal {
    ulong ticket = 0, order = 0, position = 0, magic = 0;
    std::string symbol, comment, external;
    ENUM_DEAL_TYPE type = DEAL_TYPE_BUY;
    ENUM_DEAL_ENTRY entry = DEAL_ENTRY_IN;
    ENUM_DEAL_REASON reason = DEAL_REASON_EXPERT;
    Dec volume = 0, price = 0, profit = 0, swap = 0, commission = 0, fee = 0, sl = 0, tp = 0;
    long time_msc = 0, done_ms = 0;
};

struct Event {  // a trade transaction, as every terminal of the account hears it
    ulong number = 0, deal = 0, order = 0, position = 0, position_by = 0;
    long due_ms = 0;
    std::string symbol;
    ENUM_TRADE_TRANSACTION_TYPE type = TRADE_TRANSACTION_ORDER_ADD;
    ENUM_ORDER_TYPE order_type = ORDER_TYPE_BUY;
    ENUM_ORDER_STATE order_state = ORDER_STATE_STARTED;
    ENUM_DEAL_TYPE deal_type = DEAL_TYPE_BUY;
    ENUM_ORDER_TYPE_TIME time_type = ORDER_TIME_GTC;
    long expires_s = 0;
    Dec price = 0, price_trigger = 0, sl = 0, tp = 0, volume = 0;
};

struct Mishap {
    std::string on, when = "before", match, effect, text;
    long skip = 0, times = 1;  // calls let through first, then calls struck
    long from_ms = 0, until_ms = LONG_MAX;
    long retcode = 0, ms = 0, points = 0, torn = 0;
    Dec volume = 0;
};

struct Asked {  // a request of a program that reached the server, and what was answered
    ulong magic = 0, order = 0, position = 0;  // order, position: tickets in the request
    std::string symbol, effect;                // of a fault that struck
    ENUM_TRADE_REQUEST_ACTIONS action = TRADE_ACTION_DEAL;
    ENUM_ORDER_TYPE type = ORDER_TYPE_BUY;
    Dec volume = 0, sl = 0;
    long at_ms = 0, retcode = 0, restarts = 0;
};

using Line = std::map<std::string, std::string>;  // a line of the book, or a word of the driver

struct Book {
    Account account;
    std::vector<Symbol> symbols;
    std::vector<Session> sessions;
    std::vector<Overlay> overlays;
    std::vector<Order> orders, past;
    std::vector<Position> positions;
    std::vector<Deal> deals;
    std::vector<Event> events;
    std::vector<Mishap> faults;
    std::vector<Asked> asked;
    std::vector<Line> commands;  // of the driver, each with `at`, not carried out yet
    bool changed = false;        // since it was written
};

// The names of each value, for the file and for the driver's words.
template <class V>
void fields(V& v, Account& a) {
    v.whole("login", a.login), v.whole("currency_digits", a.currency_digits), v.whole("leverage", a.leverage);
    v.text("server", a.server), v.text("name", a.name), v.text("company", a.company), v.text("currency", a.currency);
    v.member("mode", "ACCOUNT_TRADE_MODE_", a.mode), v.member("margin_mode", "ACCOUNT_MARGIN_MODE_", a.margin_mode);
    v.decimal("balance", a.balance), v.decimal("credit", a.credit), v.decimal("commission", a.commission);
    v.decimal("call_level", a.call_level), v.decimal("stop_out_level", a.stop_out_level);
    v.truth("trade_allowed", a.trade_allowed), v.truth("expert_allowed", a.expert_allowed);
    v.truth("fifo", a.fifo), v.truth("hedge_allowed", a.hedge_allowed);
    v.whole("limit_orders", a.limit_orders), v.whole("limit_positions", a.limit_positions);
    v.whole("requests_per_second", a.requests_per_second), v.whole("offset_s", a.offset_s);
    v.text("comments", a.comments), v.whole("send_ms", a.send_ms), v.whole("answer_ms", a.answer_ms);
    v.truth("true_when_refused", a.true_when_refused), v.whole("keep_asked", a.keep_asked);
    v.truth("connected", a.connected), v.truth("autotrading", a.autotrading);
    v.truth("program_trading", a.program_trading), v.whole("skew_ms", a.skew_ms), v.whole("ping_us", a.ping_us);
    v.whole("now_ms", a.now_ms), v.whole("restarts", a.restarts);
    v.whole("next_order", a.next_order), v.whole("next_deal", a.next_deal), v.whole("next_event", a.next_event);
}
template <class V>
void fields(V& v, Symbol& s) {
    v.text("name", s.name), v.text("base", s.base), v.text("description", s.description), v.text("path", s.path);
    v.text("currency_base", s.currency_base), v.text("currency_profit", s.currency_profit);
    v.text("seed", s.seed), v.decimal("anchor", s.anchor), v.decimal("spread", s.spread);
    v.whole("swing_ppm", s.swing_ppm), v.whole("tick_ms", s.tick_ms), v.whole("digits", s.digits);
    v.decimal("tick_size", s.tick_size), v.decimal("contract", s.contract), v.decimal("rate", s.rate);
    v.decimal("tick_value", s.tick_value), v.decimal("volume_min", s.volume_min);
    v.decimal("volume_max", s.volume_max), v.decimal("volume_step", s.volume_step);
    v.decimal("volume_limit", s.volume_limit), v.decimal("depth", s.depth), v.decimal("fee", s.fee);
    v.decimal("swap_long", s.swap_long), v.decimal("swap_short", s.swap_short);
    v.whole("stops_level", s.stops_level), v.whole("freeze_level", s.freeze_level);
    v.member("execution", "SYMBOL_TRADE_EXECUTION_", s.execution);
    v.member("trade_mode", "SYMBOL_TRADE_MODE_", s.trade_mode), v.member("swap_mode", "SYMBOL_SWAP_MODE_", s.swap_mode);
    v.member("swap_3days", "", s.swap_3days);
    v.whole("filling", s.filling), v.whole("expiration", s.expiration), v.whole("orders", s.orders);
    v.truth("selected", s.selected);
}
template <class V>
void fields(V& v, Session& s) {
    v.text("symbol", s.symbol), v.member("day", "", s.day), v.whole("from_s", s.from_s), v.whole("to_s", s.to_s);
}
template <class V>
void fields(V& v, Overlay& o) {
    v.text("symbol", o.symbol), v.text("kind", o.kind), v.whole("from_ms", o.from_ms), v.whole("until_ms", o.until_ms);
    v.decimal("bid", o.bid), v.decimal("ask", o.ask);
}
template <class V>
void fields(V& v, Order& o) {
    v.whole("ticket", o.ticket), v.whole("magic", o.magic), v.whole("position", o.position);
    v.whole("position_by", o.position_by), v.text("symbol", o.symbol), v.text("comment", o.comment);
    v.text("external", o.external), v.member("type", "ORDER_TYPE_", o.type), v.member("state", "ORDER_STATE_", o.state);
    v.member("reason", "ORDER_REASON_", o.reason), v.member("filling", "ORDER_FILLING_", o.filling);
    v.member("time_type", "ORDER_TIME_", o.time_type), v.decimal("volume", o.volume), v.decimal("left", o.left);
    v.decimal("price", o.price), v.decimal("stoplimit", o.stoplimit), v.decimal("sl", o.sl), v.decimal("tp", o.tp);
    v.whole("expires_s", o.expires_s), v.whole("setup_msc", o.setup_msc), v.whole("done_msc", o.done_msc);
    v.whole("due_ms", o.due_ms), v.whole("done_ms", o.done_ms);
}
template <class V>
void fields(V& v, Position& p) {
    v.whole("ticket", p.ticket), v.whole("id", p.id), v.whole("magic", p.magic), v.text("symbol", p.symbol);
    v.text("comment", p.comment), v.text("external", p.external), v.member("type", "POSITION_TYPE_", p.type);
    v.member("reason", "ORDER_REASON_", p.reason), v.decimal("volume", p.volume), v.decimal("price", p.price);
    v.decimal("sl", p.sl), v.decimal("tp", p.tp), v.decimal("swap", p.swap);
    v.whole("time_msc", p.time_msc), v.whole("update_msc", p.update_msc);
}
template <class V>
void fields(V& v, Deal& d) {
    v.whole("ticket", d.ticket), v.whole("order", d.order), v.whole("position", d.position), v.whole("magic", d.magic);
    v.text("symbol", d.symbol), v.text("comment", d.comment), v.text("external", d.external);
    v.member("type", "DEAL_TYPE_", d.type), v.member("entry", "DEAL_ENTRY_", d.entry);
    v.member("reason", "DEAL_REASON_", d.reason), v.decimal("volume", d.volume), v.decimal("price", d.price);
    v.decimal("profit", d.profit), v.decimal("swap", d.swap), v.decimal("commission", d.commission);
    v.decimal("fee", d.fee), v.decimal("sl", d.sl), v.decimal("tp", d.tp), v.whole("time_msc", d.time_msc);
    v.whole("done_ms", d.done_ms);
}
template <class V>
void fields(V& v, Event& e) {
    v.whole("number", e.number), v.whole("deal", e.deal), v.whole("order", e.order), v.whole("position", e.position);
    v.whole("position_by", e.position_by), v.whole("due_ms", e.due_ms), v.text("symbol", e.symbol);
    v.member("type", "TRADE_TRANSACTION_", e.type), v.member("order_type", "ORDER_TYPE_", e.order_type);
    v.member("order_state", "ORDER_STATE_", e.order_state), v.member("deal_type", "DEAL_TYPE_", e.deal_type);
    v.member("time_type", "ORDER_TIME_", e.time_type), v.whole("expires_s", e.expires_s);
    v.decimal("price", e.price), v.decimal("price_trigger", e.price_trigger), v.decimal("sl", e.sl);
    v.decimal("tp", e.tp), v.decimal("volume", e.volume);
}
template <class V>
void fields(V& v, Mishap& f) {
    v.text("on", f.on), v.text("when", f.when), v.text("match", f.match), v.text("effect", f.effect);
    v.text("text", f.text), v.whole("skip", f.skip), v.whole("times", f.times), v.whole("from_ms", f.from_ms);
    v.whole("until_ms", f.until_ms), v.whole("retcode", f.retcode), v.whole("ms", f.ms), v.whole("points", f.points);
    v.whole("torn", f.torn), v.decimal("volume", f.volume);
}
template <class V>
void fields(V& v, Asked& a) {
    v.whole("magic", a.magic), v.whole("order", a.order), v.whole("position", a.position);
    v.text("symbol", a.symbol), v.text("effect", a.effect), v.member("action", "TRADE_ACTION_", a.action);
    v.member("type", "ORDER_TYPE_", a.type), v.decimal("volume", a.volume), v.decimal("sl", a.sl);
    v.whole("at_ms", a.at_ms), v.whole("retcode", a.retcode), v.whole("restarts", a.restarts);
}

}  // namespace mql::broker
