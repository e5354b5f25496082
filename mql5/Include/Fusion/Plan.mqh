#ifndef FUSION_PLAN_MQH
#define FUSION_PLAN_MQH
// Carries the plans of entries out once they are filled. What a plan has come to is journalled
// before it is acted on; what it has closed the broker's own deals tell, so nothing is closed twice.

#include "Protect.mqh"

#define MINOR_OF_STEPS 4
#define PLAN_AGAIN_MS 1500
#define PLAN_PAUSE_MS 15000
#define PLAN_STEPS_IN_DISTANCE 10

struct PlanView         // a position with a plan, and what the market offers for it
{
    long   position_id;
    bool   is_buy;
    double up;          // 1 where a rising price gains, else -1
    double open_price;
    double open_lots;
    double filled;
    double closed;      // by the plan
    double price;
    double sl;
    double tp;
    long   seconds;
};

struct PlanWait
{
    long  position_id;
    ulong again;        // not before this moment
    ulong absent_since; // 0: it is there
};

// Down to a tick, away from the price: a stop never stands nearer than was asked.
double PriceBack(const double price, const bool is_buy, const Sheet &sheet)
{
    const double tick = sheet.tick_size > 0 ? sheet.tick_size : sheet.point;
    const double ticks = price / tick;
    const double whole = is_buy ? MathFloor(ticks + 1e-6) : MathCeil(ticks - 1e-6);
    return NormalizeDouble(whole * tick, sheet.digits);
}

// A distance in the symbol's own price.
double DistanceAway(const Distance &distance, const double base, const Sheet &sheet)
{
    if(distance.unit == "points")
        return distance.value * sheet.point;
    if(distance.unit == "pips")
        return distance.value * PipOf(sheet);
    return distance.unit == "percent" ? base * distance.value / 100.0 : 0;
}

double PlanTargetPrice(const PlanTerms &plan, const int number, const PlanView &view, const Sheet &sheet)
{
    if(plan.target_unit == "price")
        return PriceSnap(plan.target_value[number], sheet);
    Distance distance;
    distance.unit = plan.target_unit;
    distance.value = plan.target_value[number];
    return PriceSnap(view.open_price + view.up * DistanceAway(distance, view.open_price, sheet), sheet);
}

// What the first targets close together: each share down to the lot step, nothing below the least
// lot, and no such rest; the last of the whole closes all that is left.
double PlanLots(const PlanTerms &plan, const int reached, const double filled, const Sheet &sheet)
{
    double sum = 0;
    for(int i = 0; i < reached; i++)
    {
        double part = LotsFloor(filled * plan.target_share[i] / 100.0, sheet);
        const double left = filled - sum - part;
        if(i == plan.targets - 1 && PlanClosesAll(plan))
            return filled;
        if(left > 1e-8 && left < sheet.lot_min - 1e-8)
            part = LotsFloor(part - (sheet.lot_min - left), sheet);
        if(part >= sheet.lot_min - 1e-8)
            sum += part;
    }
    return NormalizeDouble(sum, 8);
}

double PlanTrailStep(const PlanTerms &plan, const PlanView &view, const Sheet &sheet)
{
    double step = DistanceAway(plan.trail_step, view.open_price, sheet);
    if(plan.trail_step.unit == "")
        step = DistanceAway(plan.trail, view.open_price, sheet) / PLAN_STEPS_IN_DISTANCE;
    return MathMax(step, MathMax(sheet.tick_size, sheet.point));
}

// What price and time have brought; nothing is taken back.
void PlanSee(const PlanTerms &plan, const PlanView &view, const Sheet &sheet, PlanState &state)
{
    const double near = sheet.point / 1000;
    const double gained = (view.price - view.open_price) * view.up;
    while(state.reached < plan.targets
          && (view.price - PlanTargetPrice(plan, state.reached, view, sheet)) * view.up >= -near)
        state.reached++;
    if(plan.even_trigger.unit != "" && gained >= DistanceAway(plan.even_trigger, view.open_price, sheet) - near)
        state.is_even = true;
    const double since = DistanceAway(plan.trail_trigger, view.open_price, sheet);
    if(plan.trail.unit != "" && gained >= since - near)
    {
        const double steps = MathFloor((gained - since) / PlanTrailStep(plan, view, sheet) + 1e-6);
        state.trailed = (int)MathMax((double)state.trailed, 1 + steps);
    }
    if(plan.time_exit > 0 && view.seconds >= plan.time_exit)
        state.is_time_over = true;
}

// The tightest stop that the plan asks for by now, and which rule that is; 0 for none.
double PlanStop(const PlanTerms &plan, const PlanState &state, const PlanView &view, const Sheet &sheet,
                string &why)
{
    double gain = 0;
    why = "";
    if(plan.even_trigger.unit != "" && state.is_even)
    {
        gain = DistanceAway(plan.even_offset, view.open_price, sheet);
        why = "break_even";
    }
    if(plan.trail.unit != "" && state.trailed > 0)
    {
        const double trailed = DistanceAway(plan.trail_trigger, view.open_price, sheet)
                               + (state.trailed - 1) * PlanTrailStep(plan, view, sheet)
                               - DistanceAway(plan.trail, view.open_price, sheet);
        if(why == "" || trailed > gain)
        {
            gain = trailed;
            why = "trailing";
        }
    }
    return why == "" ? 0 : MathMax(0.0, PriceBack(view.open_price + view.up * gain, view.is_buy, sheet));
}

class Plans
{
private:
    PlanWait m_waits[];

    int WaitOf(const long position_id)
    {
        for(int i = 0; i < ArraySize(m_waits); i++)
            if(m_waits[i].position_id == position_id)
                return i;
        const int count = ArraySize(m_waits);
        ArrayResize(m_waits, count + 1, 16);
        m_waits[count].position_id = position_id;
        m_waits[count].again = 0;
        m_waits[count].absent_since = 0;
        return count;
    }

    // Rebuilt by the broker, such as for swap, a position is away for a moment and comes back.
    bool IsGone(const int wait)
    {
        if(m_waits[wait].absent_since == 0)
            m_waits[wait].absent_since = GetTickCount64();
        return HasPassed(m_waits[wait].absent_since, GUARD_GONE_MS) && g_history.IsSettled();
    }

    // What the deals of a position say of it. False while they do not add up to what is open: the
    // history comes late, and nothing may be counted by it.
    bool Traded(const long order_id, PlanView &view) const
    {
        if(!HistorySelectByPosition(view.position_id))
            return false;
        double open = 0;
        double worth = 0;
        for(int i = 0; i < HistoryDealsTotal(); i++)
        {
            const ulong ticket = HistoryDealGetTicket(i);
            if(ticket == 0 || !DealIsTrade(ticket))
                continue;
            const long entry = HistoryDealGetInteger(ticket, DEAL_ENTRY);
            const double lots = HistoryDealGetDouble(ticket, DEAL_VOLUME);
            const bool is_ours = HistoryDealGetInteger(ticket, DEAL_MAGIC) == order_id;
            // What the broker opens anew has no order.
            const bool is_filled = is_ours && HistoryDealGetInteger(ticket, DEAL_ORDER) > 0;
            const double price = HistoryDealGetDouble(ticket, DEAL_PRICE);
            const bool is_buy = HistoryDealGetInteger(ticket, DEAL_TYPE) == DEAL_TYPE_BUY;
            if(entry == DEAL_ENTRY_IN)
            {
                open += lots;
                view.filled += is_filled ? lots : 0;
                worth += is_filled ? lots * price : 0;
            }
            else if(entry == DEAL_ENTRY_INOUT)
            {
                open = lots - open;
                view.filled = is_filled ? open : 0;
                worth = is_filled ? open * price : 0;
                view.closed = 0;
            }
            else
            {
                open -= lots;
                const bool by_plan = is_ours && is_buy != view.is_buy && entry == DEAL_ENTRY_OUT
                                     && HistoryDealGetInteger(ticket, DEAL_REASON) == DEAL_REASON_EXPERT;
                view.closed += by_plan ? lots : 0;
            }
        }
        if(view.filled <= 0 || MathAbs(open - view.open_lots) > 1e-6)
            return false;
        view.open_price = NormalizeDouble(worth / view.filled, 8);
        return true;
    }

    bool View(const long position_id, const Kept &one, PlanView &view) const
    {
        ulong ticket = 0;
        MqlTick tick;
        ZeroMemory(tick);
        if(!PositionSelectById(position_id, ticket) || !SymbolInfoTick(one.terms.symbol, tick))
            return false;
        view.position_id = position_id;
        view.is_buy = PositionGetInteger(POSITION_TYPE) == POSITION_TYPE_BUY;
        view.up = view.is_buy ? 1 : -1;
        view.open_lots = PositionGetDouble(POSITION_VOLUME);
        view.sl = PositionGetDouble(POSITION_SL);
        view.tp = PositionGetDouble(POSITION_TP);
        view.price = view.is_buy ? tick.bid : tick.ask;
        view.seconds = (long)BrokerNow() - PositionGetInteger(POSITION_TIME_MSC) / 1000;
        view.filled = 0;
        view.closed = 0;
        return view.price > 0 && view.is_buy == one.terms.is_buy && Traded(one.terms.id, view);
    }

    void PutStep(const Kept &one, const string code, const string words)
    {
        JsonText json;
        json.Ticket("order_id", one.terms.id);
        json.Whole("fence", one.terms.fence);
        json.Text("code", code);
        json.Text("message", words);
        g_journal.PutReport(KIND_STEP, json.Written());
    }

    // Journals what has been reached, with the reports of what is done. False where it cannot.
    bool Keep(const Kept &one, const PlanState &before, const PlanState &state, const PlanView &view,
              const string stop_why)
    {
        if(PlanRecord(before) == PlanRecord(state))
            return true;
        g_journal.Begin();
        g_journal.Put(PlanRecord(state));
        if(state.told > before.told)
            PutStep(one, "target_" + IntegerToString(state.told), LotsText(view.closed) + " lots closed");
        if(state.stop_told != before.stop_told)
            PutStep(one, stop_why, "the stop is " + DecimalText(state.stop_told, 10));
        if(state.is_end_told && !before.is_end_told)
            PutStep(one, "time_exit", "its time is over: all of it is closed");
        return g_journal.Commit();
    }

    void End(const PlanState &state, const Kept &one)
    {
        PlanState over = state;
        over.order_id = 0;
        g_journal.Begin();
        g_journal.Put(PlanRecord(over));
        if(g_notes.ServerMinor() >= MINOR_OF_STEPS)
            PutStep(one, "plan_over", "position " + IntegerToString(state.position_id) + " is closed");
        g_journal.Commit();
    }

    void Wait(const long position_id, const TradeAnswer &answer)
    {
        const ulong pause = answer.action == ACT_PAUSE ? PLAN_PAUSE_MS : PLAN_AGAIN_MS;
        m_waits[WaitOf(position_id)].again = GetTickCount64() + pause;
        g_deals.Due();
    }

    void Close(const PlanView &view, const Kept &one, const double lots)
    {
        TradeAnswer answer;
        ZeroMemory(answer);
        TradeClose(view.position_id, lots, one.terms.id, answer);
        Wait(view.position_id, answer);
    }

    void Move(const PlanView &view, const Kept &one, const double sl, const double tp)
    {
        TradeAnswer answer;
        ZeroMemory(answer);
        TradeStops(view.position_id, sl, tp, one.terms.id, answer);
        if(answer.action != ACT_SUCCESS && answer.retcode != TRADE_RETCODE_NO_CHANGES)
            Wait(view.position_id, answer);
    }

    void Look(const PlanState &before, const Kept &one)
    {
        PlanView view;
        ZeroMemory(view);
        Sheet sheet;
        ZeroMemory(sheet);
        string why = "";
        if(!SheetRead(one.terms.symbol, sheet, why) || !View(before.position_id, one, view))
            return;
        const PlanTerms plan = one.terms.plan;
        PlanState state = before;
        PlanSee(plan, view, sheet, state);
        const double stop = PlanStop(plan, state, view, sheet, why);
        const bool is_passed = stop > 0 && (view.price - stop) * view.up <= 0;
        if(state.reached > before.reached)
            state.goal = MathMax(state.goal, PlanLots(plan, state.reached, view.filled, sheet));
        double due = state.goal - view.closed;
        if(state.is_time_over || is_passed || (state.reached == plan.targets && PlanClosesAll(plan)))
            due = view.open_lots;
        due = NormalizeDouble(MathMax(0.0, MathMin(due, view.open_lots)), 8);
        // Told once the server is known to read steps: after a restart that is not yet sure.
        const bool tells = g_notes.ServerMinor() >= MINOR_OF_STEPS;
        if(tells && due <= 0 && state.reached > state.told)
            state.told = state.reached;
        if(tells && state.is_time_over)
            state.is_end_told = true;
        const bool is_tighter = stop > 0 && (view.sl <= 0 || (stop - view.sl) * view.up > sheet.point / 2);
        if(tells && state.is_moved && stop > 0 && MathAbs(stop - view.sl) < sheet.point / 2)
            state.stop_told = stop;
        if(due <= 0 && is_tighter)
            state.is_moved = true;
        const double last = PlanClosesAll(plan) ? PlanTargetPrice(plan, plan.targets - 1, view, sheet) : 0;
        if(last > 0 && MathAbs(view.tp - last) < sheet.point / 2)
            state.has_target = true;
        const bool sets_target = due <= 0 && last > 0 && !state.has_target && view.tp <= 0
                                 && (is_tighter || view.sl > 0);
        if(!Keep(one, before, state, view, why))
            return;
        const double tp = sets_target ? last : view.tp;
        if(due > 0)
            Close(view, one, due);
        else if(is_tighter || sets_target)
            Move(view, one, is_tighter ? stop : view.sl, tp);
    }

public:
    void Restart()
    {
        ArrayResize(m_waits, 0);
    }

    void Beat()
    {
        if(!TerminalIsConnected() || !TradingIsAllowed())
            return;
        for(int i = ArraySize(g_journal.plans) - 1; i >= 0; i--)
        {
            const PlanState state = g_journal.plans[i];
            const int at = g_journal.Find(state.order_id);
            ulong ticket = 0;
            const int wait = WaitOf(state.position_id);
            if(at < 0 || GetTickCount64() < m_waits[wait].again)
                continue;
            if(PositionSelectById(state.position_id, ticket))
            {
                m_waits[wait].absent_since = 0;
                Look(state, g_journal.kept[at]);
            }
            else if(IsGone(wait) && g_notes.ServerMinor() > 0)
                End(state, g_journal.kept[at]);
        }
    }
};

Plans g_plans;

#endif
