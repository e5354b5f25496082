#ifndef FUSION_WIRE_MQH
#define FUSION_WIRE_MQH
// Written by `manage.py executor_schema` from execution/rules and execution/wire; do not edit.

// What to do with a return code of the trade server.
#define ACT_SUCCESS 0
#define ACT_RETRY 1
#define ACT_LOOK_UP 2
#define ACT_FIX_ONCE 3
#define ACT_PAUSE 4
#define ACT_REJECT 5
#define ACT_NO_OP 6

// Kinds of reports.
#define KIND_ACK "ack"
#define KIND_WORKING "working"
#define KIND_REJECTED "rejected"
#define KIND_NEVER_SENT "never_sent"
#define KIND_CANCELLED "cancelled"
#define KIND_EXPIRED "expired"
#define KIND_DONE "done"
#define KIND_UNKNOWN "unknown"
#define KIND_DEAL "deal"
#define KIND_FILL "fill"
#define KIND_LOOKUP_ABSENT "lookup_absent"
#define KIND_POSITION_SNAPSHOT "position_snapshot"
#define KIND_NOTICE "notice"
#define KIND_DEAL_DELETED "deal_deleted"
#define KIND_STEP "step"

// States that an order has at the server.
#define STATE_STAGED "staged"
#define STATE_LEASED "leased"
#define STATE_ACKNOWLEDGED "acknowledged"
#define STATE_WORKING "working"
#define STATE_PARTIALLY_FILLED "partially_filled"
#define STATE_CANCEL_REQUESTED "cancel_requested"
#define STATE_UNKNOWN "unknown"
#define STATE_FILLED "filled"
#define STATE_DONE "done"
#define STATE_REJECTED "rejected"
#define STATE_CANCELLED "cancelled"
#define STATE_EXPIRED "expired"

// An unknown code is looked up, never sent again.
int RetcodeAction(const uint code)
{
    switch(code)
    {
        case 10004: return ACT_RETRY;
        case 10006: return ACT_REJECT;
        case 10007: return ACT_REJECT;
        case 10008: return ACT_SUCCESS;
        case 10009: return ACT_SUCCESS;
        case 10010: return ACT_SUCCESS;
        case 10011: return ACT_LOOK_UP;
        case 10012: return ACT_LOOK_UP;
        case 10013: return ACT_REJECT;
        case 10014: return ACT_REJECT;
        case 10015: return ACT_FIX_ONCE;
        case 10016: return ACT_FIX_ONCE;
        case 10017: return ACT_PAUSE;
        case 10018: return ACT_PAUSE;
        case 10019: return ACT_REJECT;
        case 10020: return ACT_RETRY;
        case 10021: return ACT_RETRY;
        case 10022: return ACT_REJECT;
        case 10023: return ACT_REJECT;
        case 10024: return ACT_RETRY;
        case 10025: return ACT_NO_OP;
        case 10026: return ACT_PAUSE;
        case 10027: return ACT_PAUSE;
        case 10028: return ACT_RETRY;
        case 10029: return ACT_RETRY;
        case 10030: return ACT_FIX_ONCE;
        case 10031: return ACT_LOOK_UP;
        case 10032: return ACT_REJECT;
        case 10033: return ACT_REJECT;
        case 10034: return ACT_REJECT;
        case 10035: return ACT_REJECT;
        case 10036: return ACT_NO_OP;
        case 10038: return ACT_REJECT;
        case 10039: return ACT_REJECT;
        case 10040: return ACT_REJECT;
        case 10041: return ACT_REJECT;
        case 10042: return ACT_REJECT;
        case 10043: return ACT_REJECT;
        case 10044: return ACT_REJECT;
        case 10045: return ACT_REJECT;
        case 10046: return ACT_REJECT;
        default: return ACT_LOOK_UP;
    }
}

string RetcodeName(const uint code)
{
    switch(code)
    {
        case 10004: return "requote";
        case 10006: return "reject";
        case 10007: return "cancel";
        case 10008: return "placed";
        case 10009: return "done";
        case 10010: return "done_partial";
        case 10011: return "error";
        case 10012: return "timeout";
        case 10013: return "invalid";
        case 10014: return "invalid_volume";
        case 10015: return "invalid_price";
        case 10016: return "invalid_stops";
        case 10017: return "trade_disabled";
        case 10018: return "market_closed";
        case 10019: return "no_money";
        case 10020: return "price_changed";
        case 10021: return "price_off";
        case 10022: return "invalid_expiration";
        case 10023: return "order_changed";
        case 10024: return "too_many_requests";
        case 10025: return "no_changes";
        case 10026: return "server_disables_autotrading";
        case 10027: return "client_disables_autotrading";
        case 10028: return "locked";
        case 10029: return "frozen";
        case 10030: return "invalid_fill";
        case 10031: return "connection";
        case 10032: return "only_real";
        case 10033: return "limit_orders";
        case 10034: return "limit_volume";
        case 10035: return "invalid_order";
        case 10036: return "position_closed";
        case 10038: return "invalid_close_volume";
        case 10039: return "close_order_exists";
        case 10040: return "limit_positions";
        case 10041: return "reject_cancel";
        case 10042: return "long_only";
        case 10043: return "short_only";
        case 10044: return "close_only";
        case 10045: return "fifo_close";
        case 10046: return "hedge_prohibited";
        default: return "retcode_" + IntegerToString(code);
    }
}

// Fillings to ask for, best first.
string TifFillings(const string tif)
{
    if(tif == "")
        return "fok,ioc,return";
    if(tif == "gtc")
        return "fok,ioc,return";
    if(tif == "day")
        return "fok,ioc,return";
    if(tif == "gtd")
        return "fok,ioc,return";
    if(tif == "ioc")
        return "ioc";
    if(tif == "fok")
        return "fok";
    return "";
}

// How a resting order ends; empty for what never rests.
string TifExpiration(const string tif)
{
    if(tif == "")
        return "gtc";
    if(tif == "gtc")
        return "gtc";
    if(tif == "day")
        return "day";
    if(tif == "gtd")
        return "specified";
    if(tif == "ioc")
        return "";
    if(tif == "fok")
        return "";
    return "";
}

bool TifIsKnown(const string tif)
{
    return TifFillings(tif) != "";
}

bool TifRests(const string tif)
{
    return TifExpiration(tif) != "";
}

#endif
