// The trade server: judges requests, fills orders, moves with the market.
#pragma once
#include "broker/money.hpp"

namespace mql::broker {

struct Request {
    ENUM_TRADE_REQUEST_ACTIONS action = TRADE_ACTION_DEAL;
    ulong magic = 0, order = 0, position = 0, position_by = 0;  // positions by ticket
    std::string symbol, comment;
    Dec volume = 0, price = 0, stoplimit = 0, sl = 0, tp = 0;
    long deviation = 0, expires_s = 0;
    ENUM_ORDER_TYPE type = ORDER_TYPE_BUY;
    ENUM_ORDER_TYPE_FILLING filling = ORDER_FILLING_FOK;
    ENUM_ORDER_TYPE_TIME time_type = ORDER_TIME_GTC;
    ENUM_ORDER_REASON reason = ORDER_REASON_EXPERT;
};
template <class V>
void fields(V& v, Request& r) {
    v.member("action", "TRADE_ACTION_", r.action), v.whole("magic", r.magic), v.whole("order", r.order);
    v.whole("position", r.position), v.whole("position_by", r.position_by), v.text("symbol", r.symbol);
    v.text("comment", r.comment), v.decimal("volume", r.volume), v.decimal("price", r.price);
    v.decimal("stoplimit", r.stoplimit), v.decimal("sl", r.sl), v.decimal("tp", r.tp);
    v.whole("deviation", r.deviation), v.whole("expires_s", r.expires_s), v.member("type", "ORDER_TYPE_", r.type);
    v.member("filling", "ORDER_FILLING_", r.filling), v.member("time_type", "ORDER_TIME_", r.time_type);
    v.member("reason", "ORDER_REASON_", r.reason);
}

struct Answer {
    uint retcode = 0;
    ulong deal = 0, order = 0;
    Dec volume = 0, price = 0;
    Quote quote{};
};

struct Bend {  // what a scripted fault makes of an order that is filled
    bool placed = false;  // answered as placed, filled after `ms`
    long ms = 0, points = 0;  // points: worse for the client
    Dec volume = 0;  // no more than this can be had; 0: any
};

// judging.cpp
uint judge(const Book& book, const Request& request);  // 0: it may be carried out
// serving.cpp
Answer serve(Book& book, const Request& request, const Bend& bend);
// filling.cpp
ulong make_deal(Book& book, Order& order, Dec volume, Dec price);
Answer fill(Book& book, ulong ticket, const Bend& bend);
ulong close_at_market(Book& book, const Position& position, ENUM_ORDER_REASON reason, const std::string& comment);
void close_by(Book& book, Order& order);
// moving.cpp
void move_to(Book& book, long utc_ms);  // all that happens up to this moment, in its order
// nights.cpp
void roll_over(Book& book);
void reopen(Book& book, ulong id, ENUM_DEAL_REASON reason, Dec close, Dec open, Dec volume, bool keep_stops);
// listing.cpp
Order* order_of(Book& book, ulong ticket);
Position* position_of(Book& book, ulong ticket);  // by ticket
Position* position_by_id(Book& book, ulong id);
const Position* position_of(const Book& book, ulong ticket);
Order& list_order(Book& book, Order order);  // gives it its ticket
void end_order(Book& book, ulong ticket, ENUM_ORDER_STATE state);
std::string kept_comment(const Book& book, const std::string& comment);
std::string price_text(const Symbol& symbol, Dec price);
// telling.cpp
void tell(Book& book, ENUM_TRADE_TRANSACTION_TYPE type, const Order& order);
void tell(Book& book, ENUM_TRADE_TRANSACTION_TYPE type, const Deal& deal);
void tell(Book& book, const Position& position);
// faults.cpp
bool strike(Book& book, const std::string& on, const std::string& when, const std::string& text, Mishap& struck);
// commands.cpp
std::string obey(Book& book, Line command);  // what the driver says; refusals are faults
void obey_due(Book& book);
// link.cpp
void connection_lost(const Book& book);  // from now on this terminal knows what it knew

}  // namespace mql::broker
