#ifndef FUSION_TERMS_MQH
#define FUSION_TERMS_MQH
// An order as the server leases it: what is not understood whole is not an order.

#include "PlanTerms.mqh"
#include "Wire.mqh"

// How far this program reads the executor API; docs/executor.md says what came with which.
#define EA_MINOR 4

struct Terms
{
    long     id;           // also its magic number
    long     fence;
    string   event;
    string   symbol;
    bool     is_buy;
    string   order_type;
    double   lots;
    double   limit_price;  // 0: there is none
    double   stop_price;
    double   sl;
    double   tp;
    long     position_id;
    long     target_id;    // an amend's: the entry that rests and gets other prices
    long     valid_until;  // milliseconds UTC; 0: no end
    long     good_until;
    int      needs_minor;
    string   tif;
    int      deviation;    // points; -1: not said
    int      spread_max;
    Distance sl_distance;
    Distance tp_distance;
    PlanTerms plan;
};

bool HasStop(const Terms &terms)
{
    return terms.sl > 0 || terms.sl_distance.unit != "";
}

double PriceRead(JsonDoc &doc, const int node, const string key)
{
    return doc.Absent(node, key) ? 0 : doc.Decimal(node, key, 10, 10);
}

long MomentOrNone(JsonDoc &doc, const int node, const string key)
{
    return doc.Absent(node, key) ? 0 : doc.Moment(node, key);
}

int PointsOrNone(JsonDoc &doc, const int node, const string key)
{
    return doc.Absent(node, key) ? -1 : doc.Small(node, key);
}

// What every minor has; enough to answer an order that cannot be read any further.
bool TermsHeadRead(JsonDoc &doc, const int node, Terms &terms)
{
    terms.id = doc.Ticket(node, "order_id");
    terms.fence = doc.Whole(node, "fence");
    terms.needs_minor = doc.Small(node, "needs_minor");
    if(terms.id <= 0 || terms.id >= ((long)1 << 52))
        doc.Blame("order_id", "a number below 2^52");
    return doc.Fault() == "";
}

// Where it is expected to fill, of one that does not go to the market.
double LevelOf(const Terms &terms)
{
    return terms.limit_price > 0 ? terms.limit_price : terms.stop_price;
}

// The prices of an amend are the entry's from now on, also once it is filled.
void TermsTake(Terms &entry, const Terms &amend)
{
    entry.limit_price = amend.limit_price;
    entry.stop_price = amend.stop_price;
    entry.sl = amend.sl;
    entry.tp = amend.tp;
    entry.sl_distance = amend.sl_distance;
    entry.tp_distance = amend.tp_distance;
}

// What each member means, judged together.
void TermsJudge(JsonDoc &doc, const Terms &terms)
{
    const bool is_entry = terms.event == "entry";
    const bool rests = terms.order_type != "market";
    const bool with_limit = IsOneOf(terms.order_type, "limit|stop_limit");
    const bool with_stop = IsOneOf(terms.order_type, "stop|stop_limit");
    if(!IsOneOf(terms.event, "entry|exit|partial_exit|amend"))
        doc.Blame("event", "not known: " + TextClean(terms.event, 40));
    const bool has_target = terms.target_id != 0;
    if(has_target && (terms.event != "amend" || !rests))
        doc.Blame("target_order_id", "goes with amends of entries that rest");
    if(!IsOneOf(terms.order_type, "market|limit|stop|stop_limit") || (rests && !is_entry && !has_target))
        doc.Blame("order_type", "not known here: " + TextClean(terms.order_type, 40));
    if(with_limit != (terms.limit_price > 0) || with_stop != (terms.stop_price > 0))
        doc.Blame("order_type", "its prices do not go with it");
    if(!TifIsKnown(terms.tif) || (rests && !TifRests(terms.tif)))
        doc.Blame("tif", "not known here: " + TextClean(terms.tif, 40));
    if(rests && terms.tif == "gtd" && terms.good_until == 0)
        doc.Blame("good_until", "a moment is missing");
    if(terms.symbol == "" || StringLen(terms.symbol) > 64)
        doc.Blame("broker_symbol", "a name is missing");
    if((is_entry || has_target) == (terms.position_id != 0))
        doc.Blame("position_ticket", "goes with all but entries");
    if(IsOneOf(terms.event, "entry|partial_exit") && terms.lots <= 0)
        doc.Blame("volume_lots", "above 0");
    if(terms.plan.is_there && !is_entry)
        doc.Blame("plan", "goes with entries");
    if(terms.plan.targets > 0 && (terms.tp > 0 || terms.tp_distance.unit != ""))
        doc.Blame("plan", "a target beside those of it");
    if(terms.sl > 0 && terms.sl_distance.unit != "")
        doc.Blame("sl", "a price and a distance at once");
    if(terms.tp > 0 && terms.tp_distance.unit != "")
        doc.Blame("tp", "a price and a distance at once");
}

// Reads the rest; the document's fault says what is wrong.
bool TermsRead(JsonDoc &doc, const int node, Terms &terms)
{
    terms.event = doc.Text(node, "event");
    terms.symbol = doc.Text(node, "broker_symbol");
    const string side = doc.Text(node, "side");
    terms.is_buy = side == "buy";
    terms.order_type = doc.Text(node, "order_type");
    terms.lots = doc.Decimal(node, "volume_lots", 6, 8);
    terms.limit_price = PriceRead(doc, node, "limit_price");
    terms.stop_price = PriceRead(doc, node, "stop_price");
    terms.sl = PriceRead(doc, node, "sl");
    terms.tp = PriceRead(doc, node, "tp");
    terms.position_id = doc.Ticket(node, "position_ticket");
    terms.target_id = doc.Absent(node, "target_order_id") ? 0 : doc.Ticket(node, "target_order_id");
    terms.valid_until = MomentOrNone(doc, node, "valid_until");
    terms.good_until = MomentOrNone(doc, node, "good_until");
    terms.tif = doc.Absent(node, "tif") ? "" : doc.Text(node, "tif");
    terms.deviation = PointsOrNone(doc, node, "deviation_points");
    terms.spread_max = PointsOrNone(doc, node, "spread_points_max");
    DistanceRead(doc, node, "sl_distance", terms.sl_distance);
    DistanceRead(doc, node, "tp_distance", terms.tp_distance);
    if(side != "buy" && side != "sell")
        doc.Blame("side", "buy or sell");
    PlanRead(doc, node, terms.is_buy, HasStop(terms), terms.plan);
    if(doc.Fault() == "")
        TermsJudge(doc, terms);
    return doc.Fault() == "";
}

#endif
