#ifndef FUSION_PROTECT_MQH
#define FUSION_PROTECT_MQH
// No position of ours is without its stop: it is set, or the position is closed, before all else.

#include "Deals.mqh"

#define GUARD_GONE_MS 60000
#define CLOSE_AGAIN_MS 1500
#define CLOSE_PAUSE_MS 15000
#define STOPS_TRIES_MAX 5

struct Attempts         // what was asked of a position and not got
{
    long  position_id;
    ulong close_again;  // not before this moment
    ulong stops_again;
    int   stops_tries;
};

class Protection
{
private:
    ulong    m_absent_since[];   // beside m_absent_id
    long     m_absent_id[];
    Attempts m_attempts[];

    // Whose it is: by its guard, or by the magic of an entry that the journal knows.
    int OrderOf(const long position_id, const long magic, int &guard) const
    {
        guard = g_journal.GuardFind(position_id);
        const int at = g_journal.Find(guard >= 0 ? g_journal.guards[guard].order_id : magic);
        return at >= 0 && IsEntry(g_journal.kept[at]) ? at : -1;
    }

    void GuardSet(const long position_id, const long order_id, const double sl, const double tp)
    {
        Guard next;
        next.position_id = position_id;
        next.order_id = order_id;
        next.sl = sl;
        next.tp = tp;
        next.nearest = 0;
        g_journal.Begin();
        g_journal.Put(GuardRecord(next));
        g_journal.Commit();
    }

    int AttemptsOf(const long position_id)
    {
        for(int i = 0; i < ArraySize(m_attempts); i++)
            if(m_attempts[i].position_id == position_id)
                return i;
        const int count = ArraySize(m_attempts);
        ArrayResize(m_attempts, count + 1, 16);
        m_attempts[count].position_id = position_id;
        m_attempts[count].close_again = 0;
        m_attempts[count].stops_again = 0;
        m_attempts[count].stops_tries = 0;
        return count;
    }

    // When it may be asked again: what was taken needs a moment to be seen, and a market that is
    // closed is not hammered.
    ulong NextTry(const TradeAnswer &answer) const
    {
        return GetTickCount64() + (answer.action == ACT_PAUSE ? CLOSE_PAUSE_MS : CLOSE_AGAIN_MS);
    }

    void Close(const long position_id, const long magic, const string why)
    {
        ulong ticket = 0;
        const int of = AttemptsOf(position_id);
        if(GetTickCount64() < m_attempts[of].close_again || !PositionSelectById(position_id, ticket))
            return;
        TradeAnswer answer;
        ZeroMemory(answer);
        TradeClose(position_id, PositionGetDouble(POSITION_VOLUME), magic, answer);
        m_attempts[of].close_again = NextTry(answer);
        const string id = IntegerToString(position_id);
        g_notes.Notify("position_closed", "close " + id, "position " + id + ": " + why + ": " + RetcodeName(answer.retcode));
        g_deals.Due();
    }

    // The stop is nearer to the price than the one wanted.
    bool IsTighter(const double sl_now, const double wanted, const bool is_buy, const double point) const
    {
        return is_buy ? sl_now > wanted + point / 2 : sl_now < wanted - point / 2;
    }

    // What the fill asks for; where all share one stop, none further away than that was.
    double StopOfFill(const Terms &terms, const double open, const double nearest, const Sheet &sheet) const
    {
        const double sl = StopOf(terms, open, sheet);
        return StopWidens(nearest, sl, terms.is_buy, sheet) ? nearest : sl;
    }

    // The price has gone beyond the stop of the position that is selected.
    bool IsPassed(const double sl, const bool is_buy) const
    {
        const double price = PositionGetDouble(POSITION_PRICE_CURRENT);
        return price > 0 && (is_buy ? price <= sl : price >= sl);
    }

    // The position that is selected, against what its order asks for.
    void Judge(const long position_id, const int at, const int guard)
    {
        Kept one = g_journal.kept[at];
        Sheet sheet;
        ZeroMemory(sheet);
        string why = "";
        SheetRead(one.terms.symbol, sheet, why);
        const double sl_now = PositionGetDouble(POSITION_SL);
        const double tp_now = PositionGetDouble(POSITION_TP);
        const bool is_buy = PositionGetInteger(POSITION_TYPE) == POSITION_TYPE_BUY;
        const double open = PositionGetDouble(POSITION_PRICE_OPEN);
        double sl = guard >= 0 ? g_journal.guards[guard].sl : 0;
        double tp = guard >= 0 ? g_journal.guards[guard].tp : 0;
        const double nearest = guard >= 0 ? g_journal.guards[guard].nearest : 0;
        const bool is_first = sl <= 0;
        if(is_first && sheet.tick_size > 0)
        {
            sl = StopOfFill(one.terms, open, nearest, sheet);
            tp = TargetOf(one.terms, open, sheet);
        }
        if(sl <= 0)
        {
            if(sl_now <= 0 && HasStop(one.terms))
                Close(position_id, one.terms.id, "it has no stop and none can be counted");
            return;
        }
        const bool is_right = MathAbs(sl - sl_now) < sheet.point / 2
                              && (tp <= 0 || MathAbs(tp - tp_now) < sheet.point / 2);
        const bool is_led = g_journal.PlanHasMoved(position_id);
        const bool is_counted = one.terms.sl_distance.unit != "" && !AccountIsNetting() && !is_led;
        const bool is_tighter = !is_counted && IsTighter(sl_now, sl, is_buy, sheet.point);
        if(sl_now > 0 && (!is_first || is_right || is_tighter))
        {
            // Moved nearer by hand, that is the stop to hold from now on.
            if(is_first || IsTighter(sl_now, sl, is_buy, sheet.point))
                GuardSet(position_id, one.terms.id, sl_now, tp_now);
            return;
        }
        if(is_first && sl == nearest && IsPassed(sl, is_buy))
            Close(position_id, one.terms.id, "the stop that all share was passed");
        else
            SetStops(position_id, one.terms.id, sl, tp > 0 ? tp : tp_now, sl_now);
    }

    void SetStops(const long position_id, const long magic, const double sl, const double tp,
                  const double sl_now)
    {
        const int of = AttemptsOf(position_id);
        if(sl_now > 0 && GetTickCount64() < m_attempts[of].stops_again)
            return;
        TradeAnswer answer;
        ZeroMemory(answer);
        TradeStops(position_id, sl, tp, magic, answer);
        if(answer.action == ACT_SUCCESS || answer.retcode == TRADE_RETCODE_NO_CHANGES)
            GuardSet(position_id, magic, sl, tp);
        else if(answer.retcode == TRADE_RETCODE_POSITION_CLOSED)
            return;
        else if(sl_now <= 0)
            Close(position_id, magic, "its stop cannot be set (" + RetcodeName(answer.retcode) + ")");
        else
            StopStays(of, magic, sl_now, tp, answer);
    }

    // It has the stop of its order, which is to follow the fill: asked again a few times, then left.
    void StopStays(const int of, const long magic, const double sl_now, const double tp,
                   const TradeAnswer &answer)
    {
        m_attempts[of].stops_again = NextTry(answer);
        if(answer.action != ACT_REJECT && answer.action != ACT_FIX_ONCE)
            return;
        m_attempts[of].stops_tries++;
        if(m_attempts[of].stops_tries < STOPS_TRIES_MAX)
            return;
        const string id = IntegerToString(m_attempts[of].position_id);
        GuardSet(m_attempts[of].position_id, magic, sl_now, tp);
        g_notes.Notify("stop_stays", "stop " + id, "position " + id + ": its stop stays where its order had it: "
                       + RetcodeName(answer.retcode));
    }

    // A position that the journal does not know, with our comment on our magic.
    bool IsOursByComment(const long magic) const
    {
        return magic > 0 && PositionGetString(POSITION_COMMENT) == IntegerToString(magic);
    }

    void One(const ulong ticket)
    {
        const long position_id = PositionGetInteger(POSITION_IDENTIFIER);
        const long magic = PositionGetInteger(POSITION_MAGIC);
        int guard = -1;
        const int at = OrderOf(position_id, magic, guard);
        if(at < 0)
        {
            if(PositionGetDouble(POSITION_SL) <= 0 && g_set.needs_stop && IsOursByComment(magic))
                Close(position_id, magic, "it has no stop, and its order is not known any more");
            return;
        }
        // On a netting account another's trade may turn it round: what is left is the other's.
        const bool is_buy = PositionGetInteger(POSITION_TYPE) == POSITION_TYPE_BUY;
        if(is_buy != g_journal.kept[at].terms.is_buy)
            g_notes.Tell("position " + IntegerToString(position_id), "turned round by another; left alone");
        else if(g_risk.IsFlattening())
            Close(position_id, g_journal.kept[at].terms.id, "flattened");
        else if(g_set.flat_over_weekend
                && MinutesToWeekend(PositionGetString(POSITION_SYMBOL)) <= g_set.weekend_minutes)
            Close(position_id, g_journal.kept[at].terms.id, "the week ends");
        else
            Judge(position_id, at, guard);
    }

    // Guards of positions that have been gone for a minute.
    void ForgetGone()
    {
        for(int i = ArraySize(g_journal.guards) - 1; i >= 0; i--)
        {
            const long position_id = g_journal.guards[i].position_id;
            ulong ticket = 0;
            if(!PositionSelectById(position_id, ticket) && IsGoneForLong(position_id))
            {
                g_journal.Begin();
                g_journal.Put("G\t" + IntegerToString(position_id) + "\t0\t0\t0\t0");
                g_journal.Commit();
            }
            else if(ticket > 0)
                Present(position_id);
        }
    }

    bool IsGoneForLong(const long position_id)
    {
        for(int i = 0; i < ArraySize(m_absent_id); i++)
            if(m_absent_id[i] == position_id)
                return HasPassed(m_absent_since[i], GUARD_GONE_MS);
        const int count = ArraySize(m_absent_id);
        ArrayResize(m_absent_id, count + 1, 16);
        ArrayResize(m_absent_since, count + 1, 16);
        m_absent_id[count] = position_id;
        m_absent_since[count] = GetTickCount64();
        return false;
    }

    void Present(const long position_id)
    {
        for(int i = ArraySize(m_absent_id) - 1; i >= 0; i--)
            if(m_absent_id[i] == position_id)
            {
                ArrayRemove(m_absent_id, (uint)i, 1);
                ArrayRemove(m_absent_since, (uint)i, 1);
            }
    }

public:
    void Restart()
    {
        ArrayResize(m_absent_id, 0);
        ArrayResize(m_absent_since, 0);
        ArrayResize(m_attempts, 0);
    }

    void Beat()
    {
        if(!TerminalIsConnected() || !TradingIsAllowed())
            return;
        for(int i = PositionsTotal() - 1; i >= 0; i--)
        {
            const ulong ticket = PositionGetTicket(i);
            if(ticket > 0)
                One(ticket);
        }
        ForgetGone();
    }
};

Protection g_protection;

#endif
