#ifndef FUSION_KEPT_MQH
#define FUSION_KEPT_MQH
// What the journal keeps, and the record of each. Fields that may be empty begin with `=`.

#include "Clock.mqh"
#include "Terms.mqh"

#define STAGE_RECEIVED 0   // kept, not sent
#define STAGE_INTENT 1     // about to be sent
#define STAGE_SENT 2       // the broker has it: it rests, or its deals are to come
#define STAGE_LOOKUP 3     // sent or not: nobody knows
#define STAGE_CLOSED 4     // all told

#define UNTOLD 0
#define TOLD 1
#define REFUSED 2

#define REPORTS_KEPT 2000
#define ORDERS_KEPT 1000
#define DEALS_KEPT_MS 1209600000
#define JOURNAL_BYTES_MAX 4000000

struct Kept
{
    Terms  terms;
    string raw;           // as the server wrote it
    string amended;       // the amend whose prices it has, as the server wrote that
    int    stage;
    long   received_ms;
    long   ticket;        // the broker's order
    double goal;          // an exit's: what the position shall hold when it is done; -1: not set
    double filled;
    string end_kind;      // the last thing told of it, and told again when somebody asks
    int    end_retcode;
    string end_message;
    // Not journalled: they begin anew with each run.
    int    tries;
    ulong  next_try;
    ulong  since;         // when it came to its stage
    ulong  told_at;
    bool   is_told_working;
    string fillings;      // refused with 10030
    string waits;         // why it was not sent when it last might have been
    double asked;         // the price of its request
};

struct Report
{
    long   seq;
    string kind;
    string members;       // JSON without id and braces
    int    told;
};

struct KnownDeal
{
    long   ticket;
    string hash;
    long   time_msc;
    int    misses;
};

struct Guard              // the stop that a position of ours must have
{
    long   position_id;
    long   order_id;
    double sl;            // 0: not yet counted from the fill
    double tp;
    double nearest;       // the stop that all shared before the last fill: none further is set
};

struct PlanState          // what the plan of a position has come to; each member only ever grows
{
    long   position_id;
    long   order_id;      // 0: it is over
    int    reached;       // targets
    int    trailed;       // steps of the trailing stop; 0: before its trigger, 1: at it
    bool   is_even;
    bool   is_time_over;
    bool   is_moved;      // the stop is the plan's own by now
    bool   has_target;
    int    told;          // targets that were told as done
    double stop_told;
    bool   is_end_told;
    double goal;          // lots that the targets reached close, of what was filled by then
};

struct Pair
{
    string name;
    string value;
};

void KeptClear(Kept &one)
{
    one.raw = "";
    one.amended = "";
    one.stage = STAGE_RECEIVED;
    one.received_ms = 0;
    one.ticket = 0;
    one.goal = -1;
    one.filled = 0;
    one.end_kind = "";
    one.end_retcode = 0;
    one.end_message = "";
    one.tries = 0;
    one.next_try = 0;
    one.since = GetTickCount64();
    one.told_at = 0;
    one.is_told_working = false;
    one.fillings = "";
    one.waits = "";
    one.asked = 0;
}

string OrderRecord(const Kept &one)
{
    return "O\t" + IntegerToString(one.terms.id) + "\t" + IntegerToString(one.terms.fence) + "\t"
           + IntegerToString(one.received_ms) + "\t" + one.raw;
}

string AmendedRecord(const long order_id, const string amended)
{
    return "M\t" + IntegerToString(order_id) + "\t" + amended;
}

string StageRecord(const Kept &one)
{
    return "S\t" + IntegerToString(one.terms.id) + "\t" + IntegerToString(one.terms.fence) + "\t"
           + IntegerToString(one.stage) + "\t" + IntegerToString(one.ticket) + "\t"
           + DoubleToString(one.goal, 8) + "\t" + DoubleToString(one.filled, 8) + "\t="
           + one.end_kind + "\t" + IntegerToString(one.end_retcode) + "\t=" + one.end_message;
}

string DealRecord(const long ticket, const string hash, const long time_msc)
{
    return "D\t" + IntegerToString(ticket) + "\t" + hash + "\t" + IntegerToString(time_msc);
}

string GuardRecord(const Guard &one)
{
    return "G\t" + IntegerToString(one.position_id) + "\t" + IntegerToString(one.order_id) + "\t"
           + DoubleToString(one.sl, 10) + "\t" + DoubleToString(one.tp, 10) + "\t"
           + DoubleToString(one.nearest, 10);
}

string PlanRecord(const PlanState &one)
{
    return "P\t" + IntegerToString(one.position_id) + "\t" + IntegerToString(one.order_id) + "\t"
           + IntegerToString(one.reached) + "\t" + IntegerToString(one.trailed) + "\t"
           + IntegerToString((int)one.is_even) + "\t" + IntegerToString((int)one.is_time_over) + "\t"
           + IntegerToString((int)one.is_moved) + "\t" + IntegerToString((int)one.has_target) + "\t"
           + IntegerToString(one.told) + "\t" + DoubleToString(one.stop_told, 10)
           + "\t" + IntegerToString((int)one.is_end_told) + "\t" + DoubleToString(one.goal, 8);
}

string ValueRecord(const string name, const string value)
{
    return "V\t" + name + "\t=" + value;
}

// A name that may be empty on its way through the journal.
string FieldText(const string field)
{
    return StringSubstr(field, 1);
}

#endif
