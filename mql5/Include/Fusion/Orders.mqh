#ifndef FUSION_ORDERS_MQH
#define FUSION_ORDERS_MQH
// Steps of a kept order: journalled, and where the server should know, with its report in one.

#include "Notes.mqh"

#define MINOR_OF_TICKETS 2

string OrderMembers(const Kept &one, const int retcode, const string message)
{
    JsonText json;
    json.Ticket("order_id", one.terms.id);
    json.Whole("fence", one.terms.fence);
    if(retcode > 0)
        json.Whole("retcode", retcode);
    if(message != "")
        json.Text("message", TextClean(message));
    if(one.ticket > 0 && g_notes.ServerMinor() >= MINOR_OF_TICKETS)
        json.Ticket("broker_order_ticket", one.ticket);
    return json.Written();
}

// Moves it to another stage; nothing is told.
bool OrderMove(const int at, const int stage)
{
    Kept next = g_journal.kept[at];
    next.stage = stage;
    g_journal.Begin();
    g_journal.Put(StageRecord(next));
    return g_journal.Commit();
}

// Tells something of it and moves it, in one change of the journal.
bool OrderSay(const int at, const string kind, const int retcode, const string message, const int stage)
{
    Kept next = g_journal.kept[at];
    next.stage = stage;
    next.end_kind = kind;
    next.end_retcode = retcode;
    next.end_message = TextClean(message);
    g_journal.Begin();
    g_journal.PutReport(kind, OrderMembers(next, retcode, message));
    g_journal.Put(StageRecord(next));
    const bool is_done = g_journal.Commit();
    if(is_done)
        g_journal.kept[at].told_at = GetTickCount64();
    return is_done;
}

bool OrderEnd(const int at, const string kind, const int retcode, const string message)
{
    if(kind == KIND_REJECTED)
        g_notes.Tell("order " + IntegerToString(g_journal.kept[at].terms.id),
                     kind + " " + RetcodeName((uint)MathMax(retcode, 0)) + " " + message);
    return OrderSay(at, kind, retcode, message, STAGE_CLOSED);
}

// Says once more what was said last; the server asks, so it did not get there.
void OrderSayAgain(const int at)
{
    Kept one = g_journal.kept[at];
    if(one.end_kind == "" || !HasPassed(one.told_at, 10000))
        return;
    OrderSay(at, one.end_kind, one.end_retcode, one.end_message, one.stage);
}

bool IsEntry(const Kept &one)
{
    return one.terms.event == "entry";
}

#endif
