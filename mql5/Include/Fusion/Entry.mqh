#ifndef FUSION_ENTRY_MQH
#define FUSION_ENTRY_MQH
// Sends an entry, once, inside its permit, after the journal says so; and what the answer means.

#include "Plan.mqh"

#define TRIES_MAX 3
#define RETRY_MS 300
#define PAUSE_MS 15000

string StopsAfterName(const string symbol)
{
    return "stops_after." + symbol;
}

class Entries
{
private:
    // The price that the fill is expected at: what stop and target are counted from.
    double Base(const Terms &terms, const MqlTick &tick) const
    {
        if(terms.order_type == "market")
            return terms.is_buy ? tick.ask : tick.bid;
        return LevelOf(terms);
    }

    double StopWanted(const Terms &terms, const MqlTick &tick, const Sheet &sheet) const
    {
        return StopOf(terms, PriceSnap(Base(terms, tick), sheet), sheet);
    }

    ENUM_ORDER_TYPE TypeOf(const Terms &terms) const
    {
        if(terms.order_type == "limit")
            return terms.is_buy ? ORDER_TYPE_BUY_LIMIT : ORDER_TYPE_SELL_LIMIT;
        if(terms.order_type == "stop")
            return terms.is_buy ? ORDER_TYPE_BUY_STOP : ORDER_TYPE_SELL_STOP;
        if(terms.order_type == "stop_limit")
            return terms.is_buy ? ORDER_TYPE_BUY_STOP_LIMIT : ORDER_TYPE_SELL_STOP_LIMIT;
        return terms.is_buy ? ORDER_TYPE_BUY : ORDER_TYPE_SELL;
    }

    // Stop and target must stand on their sides, and no nearer than the broker takes. What stands
    // nearer is refused: a stop is never moved away to please the broker.
    string StopsFault(const Terms &terms, const double base, const double sl, const double tp,
                      const MqlTick &tick, const Sheet &sheet) const
    {
        if(sl > 0 && (sheet.orders & SYMBOL_ORDER_SL) == 0)
            return "the symbol takes no stops";
        if(HasStop(terms) && sl <= 0)
            return "the stop is not above zero";
        if(sl > 0 && (terms.is_buy ? sl >= base : sl <= base))
            return "the stop is on the wrong side";
        if(tp > 0 && (terms.is_buy ? tp <= base : tp >= base))
            return "the target is on the wrong side";
        double from = base;
        if(terms.order_type == "market")
            from = terms.is_buy ? tick.bid : tick.ask;
        const double least = sheet.stops_level * sheet.point - sheet.point / 2;
        if(sheet.stops_level > 0 && sl > 0 && MathAbs(from - sl) < least)
            return "the stop is nearer than the broker takes";
        if(sheet.stops_level > 0 && tp > 0 && MathAbs(from - tp) < least)
            return "the target is nearer than the broker takes";
        return "";
    }

    // Some brokers with market execution take no stop with the order; it follows at once then.
    bool GoesWithStops(const Sheet &sheet) const
    {
        return g_journal.Value(StopsAfterName(sheet.name)) == "";
    }

    // How a resting order ends; false where this symbol cannot do it.
    bool SetExpiration(const Terms &terms, const Sheet &sheet, MqlTradeRequest &request) const
    {
        const string wanted = TifExpiration(terms.tif);
        if(wanted == "day")
        {
            request.type_time = ORDER_TIME_DAY;
            return (sheet.expirations & SYMBOL_EXPIRATION_DAY) != 0;
        }
        if(wanted == "specified")
        {
            request.type_time = ORDER_TIME_SPECIFIED;
            request.expiration = BrokerMoment(terms.good_until);
            return (sheet.expirations & SYMBOL_EXPIRATION_SPECIFIED) != 0;
        }
        request.type_time = ORDER_TIME_GTC;
        return (sheet.expirations & SYMBOL_EXPIRATION_GTC) != 0;
    }

    // Fills the request; an empty answer, or the code to refuse with and the reason.
    uint Build(const Kept &one, const Sheet &sheet, const MqlTick &tick, const double lots,
               MqlTradeRequest &request, string &filling, string &why) const
    {
        const Terms terms = one.terms;
        const bool rests = terms.order_type != "market";
        const double base = PriceSnap(Base(terms, tick), sheet);
        const double sl = StopOf(terms, base, sheet);
        const double tp = TargetOf(terms, base, sheet);
        why = StopsFault(terms, base, sl, tp, tick, sheet);
        if(why != "")
            return TRADE_RETCODE_INVALID_STOPS;
        RequestClear(request, terms.id, terms.symbol);
        request.action = rests ? TRADE_ACTION_PENDING : TRADE_ACTION_DEAL;
        request.type = TypeOf(terms);
        request.volume = lots;
        request.price = base;
        if(terms.order_type == "stop_limit")
        {
            request.price = PriceSnap(terms.stop_price, sheet);
            request.stoplimit = PriceSnap(terms.limit_price, sheet);
        }
        if(GoesWithStops(sheet))
        {
            request.sl = sl;
            request.tp = tp;
        }
        int deviation = g_set.deviation_points_max;
        if(terms.deviation >= 0)
            deviation = MathMin(deviation, terms.deviation);
        request.deviation = (ulong)deviation;
        filling = rests ? FillingOfResting(sheet, one.fillings) : FillingChoose(TifFillings(terms.tif), sheet, one.fillings);
        why = "no filling is left that the symbol takes";
        if(filling == "" || (!rests && TifFillings(terms.tif) == filling && !FillingIsAllowed(filling, sheet)))
            return TRADE_RETCODE_INVALID_FILL;
        request.type_filling = FillingOf(filling);
        why = "the symbol's orders do not end that way";
        if(rests && !SetExpiration(terms, sheet, request))
            return TRADE_RETCODE_INVALID_EXPIRATION;
        why = "";
        return 0;
    }

    void Refuse(const int at, const uint retcode, const string why)
    {
        OrderEnd(at, KIND_REJECTED, (int)retcode, why);
    }

    // The order goes back to waiting: it is certain that nothing was done.
    void Again(const int at, const int in_ms, const string refused_filling)
    {
        OrderMove(at, STAGE_RECEIVED);
        g_journal.kept[at].tries++;
        g_journal.kept[at].next_try = GetTickCount64() + (ulong)in_ms;
        if(refused_filling != "")
            g_journal.kept[at].fillings += "|" + refused_filling;
    }

    void Answered(const int at, const TradeAnswer &answer, const string filling, const bool had_stop)
    {
        const int tries = g_journal.kept[at].tries;
        const bool rests = g_journal.kept[at].terms.order_type != "market";
        if(answer.action == ACT_SUCCESS)
            Accepted(at, answer, filling);
        else if(answer.action == ACT_RETRY && tries + 1 < TRIES_MAX)
            Again(at, RETRY_MS * (tries + 1), "");
        else if(answer.retcode == TRADE_RETCODE_INVALID_FILL && g_journal.kept[at].fillings == "")
            Again(at, 0, filling);
        else if(answer.retcode == TRADE_RETCODE_INVALID_PRICE && tries == 0 && !rests)
            Again(at, 0, "");
        else if(answer.retcode == TRADE_RETCODE_INVALID_STOPS && had_stop && StopsMayFollow(at))
            Again(at, 0, "");
        else if(answer.action == ACT_PAUSE)
            Again(at, PAUSE_MS, "");
        else if(answer.action == ACT_LOOK_UP || answer.action == ACT_NO_OP)
            OrderMove(at, STAGE_LOOKUP);
        else
            Refuse(at, answer.retcode, answer.message);
    }

    // 10016 for a stop that stands far enough away, under market execution: this broker takes none
    // with the order. It is remembered, and the stop follows the fill at once.
    bool StopsMayFollow(const int at)
    {
        const string symbol = g_journal.kept[at].terms.symbol;
        Sheet sheet;
        ZeroMemory(sheet);
        MqlTick tick;
        string why = "";
        if(!SheetRead(symbol, sheet, why) || !TickFresh(symbol, tick, why))
            return false;
        if(sheet.execution != SYMBOL_TRADE_EXECUTION_MARKET || g_journal.kept[at].terms.order_type != "market")
            return false;
        const double base = Base(g_journal.kept[at].terms, tick);
        const double sl = StopOf(g_journal.kept[at].terms, base, sheet);
        const double tp = TargetOf(g_journal.kept[at].terms, base, sheet);
        const double far = sheet.stops_level * sheet.point + 3 * (tick.ask - tick.bid);
        if(MathAbs(base - sl) < far || (tp > 0 && MathAbs(base - tp) < far))
            return false;
        return g_journal.Keep(StopsAfterName(symbol), "1");
    }

    void Accepted(const int at, const TradeAnswer &answer, const string filling)
    {
        Kept next = g_journal.kept[at];
        const bool rests = next.terms.order_type != "market";
        next.stage = STAGE_SENT;
        next.ticket = (long)answer.order;
        g_journal.Begin();
        g_journal.Put(StageRecord(next));
        if(!rests)
            g_journal.Put(ValueRecord(FillingName(next.terms.symbol), filling));
        g_journal.Commit();
        if(rests)
            OrderSay(at, KIND_WORKING, (int)answer.retcode, "order " + IntegerToString(next.ticket), STAGE_SENT);
        g_deals.Collect();
        g_protection.Beat();
        if(!rests && g_journal.kept[at].filled > 0 && RestingTicket(next.terms.id) == 0)
            OrderEnd(at, KIND_DONE, (int)answer.retcode, answer.message);
    }

public:
    // Ends an entry whose time is over.
    bool EndLate(const int at)
    {
        const long until = g_journal.kept[at].terms.valid_until;
        if(until == 0 || g_clock.Now() < until)
            return false;
        Refuse(at, 0, "expired before it was sent");
        return true;
    }

    // Sends it if it may be sent now. `permit_until` is by the monotonic clock.
    void Try(const int at, const ulong permit_until)
    {
        if(EndLate(at))
            return;
        const Kept one = g_journal.kept[at];
        const ulong now = GetTickCount64();
        if(now >= permit_until || now < one.next_try)
            return;
        bool is_final = false;
        string why = g_risk.Block(is_final);
        Sheet sheet;
        ZeroMemory(sheet);
        if(why == "" && !SheetRead(one.terms.symbol, sheet, why))
            is_final = why == "symbol_unknown";
        const double lots = LotsFloor(one.terms.lots, sheet);
        if(why == "")
        {
            why = g_risk.Refusal(one.terms, sheet, lots, one.tries == 0);
            is_final = why != "";
        }
        MqlTick tick;
        ZeroMemory(tick);
        if(why == "")
            why = g_risk.Wait(one.terms, sheet, tick);
        if(why == "" && g_risk.WidensShared(one.terms, StopWanted(one.terms, tick, sheet), sheet))
        {
            why = "netting_widens_stop";
            is_final = true;
        }
        g_journal.kept[at].waits = is_final ? "" : why;
        if(why == "")
            Send(at, sheet, tick, lots, permit_until);
        else if(is_final)
            Refuse(at, 0, why);
        else
            g_notes.Tell("order " + IntegerToString(one.terms.id), "waits: " + why);
    }

private:
    void Send(const int at, const Sheet &sheet, const MqlTick &tick, const double lots,
              const ulong permit_until)
    {
        Kept next = g_journal.kept[at];
        MqlTradeRequest request;
        ZeroMemory(request);
        string filling = "";
        string why = "";
        const uint fault = Build(next, sheet, tick, lots, request, filling, why);
        if(fault != 0)
        {
            Refuse(at, fault, why);
            return;
        }
        next.stage = STAGE_INTENT;
        g_journal.Begin();
        g_journal.Put(StageRecord(next));
        if(next.tries == 0)
            g_journal.Put(ValueRecord("entries", IntegerToString(g_risk.EntriesToday() + 1)));
        if(!g_journal.Commit())
            return;
        // Writing took its time; the permit may be over.
        if(GetTickCount64() >= permit_until)
        {
            OrderMove(at, STAGE_RECEIVED);
            return;
        }
        g_journal.kept[at].asked = request.action == TRADE_ACTION_DEAL ? request.price : 0;
        TradeAnswer answer;
        ZeroMemory(answer);
        TradeSend(request, answer);
        Answered(at, answer, filling, request.sl > 0);
        const bool is_again = g_journal.kept[at].stage == STAGE_RECEIVED
                              && g_journal.kept[at].next_try <= GetTickCount64();
        if(is_again && g_journal.kept[at].tries < TRIES_MAX)
            Try(at, permit_until);
    }
};

Entries g_entries;

#endif
