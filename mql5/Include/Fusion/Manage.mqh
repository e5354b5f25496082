#ifndef FUSION_MANAGE_MQH
#define FUSION_MANAGE_MQH
// What lowers risk: exits, partial exits, amended stops, cancels. Needs no permit, and ends only
// when the risk is gone.

#include "Entry.mqh"

#define EXIT_REJECTS_MAX 5
#define EXIT_SETTLE_MS 3000
#define EXIT_RESEND_MS 10000
#define AMEND_TRIES_MAX 20

class Manager
{
private:
    ulong m_strangers_at;

    // What rests under a number of ours that this journal does not know: the one before was lost.
    void RemoveStrangers(const string why)
    {
        if(!HasPassed(m_strangers_at, 1000))
            return;
        m_strangers_at = GetTickCount64();
        for(int i = OrdersTotal() - 1; i >= 0; i--)
        {
            const ulong ticket = OrderGetTicket(i);
            const long magic = ticket > 0 ? OrderGetInteger(ORDER_MAGIC) : 0;
            if(magic <= 0 || OrderGetString(ORDER_COMMENT) != IntegerToString(magic) || g_journal.Find(magic) >= 0)
                continue;
            g_notes.Tell("remove " + IntegerToString(magic), "taken back, of a lost journal: " + why);
            TradeAnswer answer;
            ZeroMemory(answer);
            TradeRemove(ticket, magic, answer);
            g_deals.Due();
        }
    }

    void LaterBy(const int at, const int least_ms)
    {
        const int tries = g_journal.kept[at].tries;
        int delay = least_ms;
        for(int i = 0; i < tries && delay < 30000; i++)
            delay *= 2;
        g_journal.kept[at].tries++;
        g_journal.kept[at].next_try = GetTickCount64() + (ulong)MathMin(delay, 30000);
    }

    // What the position shall hold in the end. An exit closes all that is open.
    double GoalOf(const Kept &one, const double open, const Sheet &sheet) const
    {
        if(one.terms.event == "exit")
            return 0;
        return NormalizeDouble(MathMax(0.0, open - LotsFloor(one.terms.lots, sheet)), 8);
    }

    void Exit(const int at)
    {
        Kept one = g_journal.kept[at];
        ulong ticket = 0;
        if(!PositionSelectById(one.terms.position_id, ticket))
        {
            ExitOfNothing(at);
            return;
        }
        const string symbol = PositionGetString(POSITION_SYMBOL);
        const double open = PositionGetDouble(POSITION_VOLUME);
        Sheet sheet;
        ZeroMemory(sheet);
        string why = "";
        SheetRead(symbol, sheet, why);
        const double goal = one.goal >= 0 ? one.goal : GoalOf(one, open, sheet);
        const double rest = NormalizeDouble(open - goal, 8);
        if(one.goal < 0 && rest <= 0)
        {
            OrderEnd(at, KIND_REJECTED, (int)TRADE_RETCODE_INVALID_VOLUME, "less than the smallest step");
            return;
        }
        if(rest < sheet.lot_step / 2)
            ExitDone(at, (int)TRADE_RETCODE_DONE, "done");
        else if(ExitJournalled(at, goal))
            ExitSend(at, rest);
    }

    // A whole exit goes out even where the journal cannot be written: it closes what is there.
    bool ExitJournalled(const int at, const double goal)
    {
        Kept next = g_journal.kept[at];
        next.goal = goal;
        next.stage = STAGE_INTENT;
        g_journal.Begin();
        g_journal.Put(StageRecord(next));
        return g_journal.Commit() || next.terms.event == "exit";
    }

    void ExitOfNothing(const int at)
    {
        if(!TerminalIsConnected() || !g_history.IsSettled())
            return;
        g_deals.Collect();
        OrderEnd(at, KIND_DONE, (int)TRADE_RETCODE_POSITION_CLOSED, "the position is closed");
    }

    void ExitDone(const int at, const int retcode, const string message)
    {
        g_deals.Collect();
        OrderEnd(at, KIND_DONE, retcode, message);
    }

    void ExitSend(const int at, const double lots)
    {
        Kept one = g_journal.kept[at];
        TradeAnswer answer;
        ZeroMemory(answer);
        TradeClose(one.terms.position_id, lots, one.terms.id, answer);
        g_deals.Due();
        // "Closed already" counts no more than "done": the position itself says when it is gone.
        if(answer.action == ACT_SUCCESS || answer.action == ACT_NO_OP)
        {
            OrderMove(at, STAGE_SENT);
            g_deals.Collect();
            ExitWatch(at);
            return;
        }
        if(answer.action == ACT_LOOK_UP)
        {
            OrderMove(at, STAGE_LOOKUP);
            return;
        }
        OrderMove(at, STAGE_RECEIVED);
        if(answer.action == ACT_REJECT && one.tries + 1 >= EXIT_REJECTS_MAX)
        {
            OrderEnd(at, KIND_REJECTED, (int)answer.retcode, answer.message);
            return;
        }
        LaterBy(at, answer.action == ACT_PAUSE ? 2000 : RETRY_MS);
        SayWorking(at, (int)answer.retcode, "asked again: " + answer.message);
    }

    void SayWorking(const int at, const int retcode, const string message)
    {
        if(g_journal.kept[at].is_told_working)
            return;
        if(OrderSay(at, KIND_WORKING, retcode, message, g_journal.kept[at].stage))
            g_journal.kept[at].is_told_working = true;
    }

    // The broker said yes; the position may still stand for a moment, or keep a rest.
    void ExitWatch(const int at)
    {
        Kept one = g_journal.kept[at];
        ulong ticket = 0;
        const bool is_there = PositionSelectById(one.terms.position_id, ticket);
        const double open = is_there ? PositionGetDouble(POSITION_VOLUME) : 0;
        if(!is_there && !TerminalIsConnected())
            return;
        if(open <= MathMax(0.0, one.goal) + 1e-8)
            ExitDone(at, (int)TRADE_RETCODE_DONE, "done");
        else if(HasPassed(one.since, EXIT_SETTLE_MS) && RestingTicket(one.terms.id) == 0)
            OrderMove(at, STAGE_RECEIVED);
    }

    // Nobody knows whether it was closed: the position says so. It is asked again only when the
    // broker shows that nothing is on its way.
    void ExitLookUp(const int at)
    {
        Kept one = g_journal.kept[at];
        ulong ticket = 0;
        const bool is_there = PositionSelectById(one.terms.position_id, ticket);
        if(!TerminalIsConnected() || !g_history.IsSettled())
            return;
        const double open = is_there ? PositionGetDouble(POSITION_VOLUME) : 0;
        if(!is_there || (one.goal >= 0 && open <= one.goal + 1e-8))
        {
            ExitDone(at, (int)TRADE_RETCODE_DONE, "found closed");
            return;
        }
        SayWorking(at, (int)TRADE_RETCODE_TIMEOUT, "the outcome is looked up");
        if(one.goal >= 0 && HasPassed(one.since, EXIT_RESEND_MS) && RestingTicket(one.terms.id) == 0)
            OrderMove(at, STAGE_RECEIVED);
    }

    void Amend(const int at)
    {
        Kept one = g_journal.kept[at];
        ulong ticket = 0;
        if(!PositionSelectById(one.terms.position_id, ticket))
        {
            if(TerminalIsConnected() && g_history.IsSettled())
                OrderEnd(at, KIND_REJECTED, (int)TRADE_RETCODE_POSITION_CLOSED, "the position is closed");
            return;
        }
        Sheet sheet;
        ZeroMemory(sheet);
        string why = "";
        SheetRead(PositionGetString(POSITION_SYMBOL), sheet, why);
        const bool is_buy = PositionGetInteger(POSITION_TYPE) == POSITION_TYPE_BUY;
        const double sl_now = PositionGetDouble(POSITION_SL);
        const double tp_now = PositionGetDouble(POSITION_TP);
        const double sl = one.terms.sl > 0 ? PriceSnap(one.terms.sl, sheet) : 0;
        const double tp = one.terms.tp > 0 ? PriceSnap(one.terms.tp, sheet) : 0;
        if(StopWidens(sl_now, sl, is_buy, sheet))
        {
            OrderEnd(at, KIND_REJECTED, 0, "it would widen the stop");
            return;
        }
        if(MathAbs(sl - sl_now) < sheet.point / 2 && MathAbs(tp - tp_now) < sheet.point / 2)
        {
            AmendDone(at, sl, tp, (int)TRADE_RETCODE_NO_CHANGES, "nothing to change");
            return;
        }
        if(OrderMove(at, STAGE_INTENT))
            AmendSend(at, sl, tp);
    }

    void AmendSend(const int at, const double sl, const double tp)
    {
        Kept one = g_journal.kept[at];
        TradeAnswer answer;
        ZeroMemory(answer);
        TradeStops(one.terms.position_id, sl, tp, one.terms.id, answer);
        if(answer.action == ACT_SUCCESS || answer.retcode == TRADE_RETCODE_NO_CHANGES)
            AmendDone(at, sl, tp, (int)answer.retcode, answer.message);
        else
            AmendNotDone(at, answer);
    }

    void AmendNotDone(const int at, const TradeAnswer &answer)
    {
        const Kept one = g_journal.kept[at];
        const bool is_over = answer.action == ACT_REJECT || answer.action == ACT_FIX_ONCE
                             || answer.action == ACT_NO_OP || one.tries >= AMEND_TRIES_MAX;
        if(is_over)
        {
            OrderEnd(at, KIND_REJECTED, (int)answer.retcode, answer.message);
            return;
        }
        // Setting the same prices twice sets them once: it may be asked again without looking.
        OrderMove(at, STAGE_RECEIVED);
        LaterBy(at, RETRY_MS);
        SayWorking(at, (int)answer.retcode, "asked again: " + answer.message);
    }

    // An entry that rests gets other prices.
    void AmendEntry(const int at)
    {
        const Kept one = g_journal.kept[at];
        const ulong ticket = RestingTicket(one.terms.target_id);
        if(ticket == 0 || !OrderSelect(ticket))
        {
            if(TerminalIsConnected() && g_history.IsSettled())
                OrderEnd(at, KIND_REJECTED, (int)TRADE_RETCODE_INVALID_ORDER, "the entry does not rest");
            return;
        }
        Sheet sheet;
        ZeroMemory(sheet);
        string why = "";
        SheetRead(one.terms.symbol, sheet, why);
        const double base = PriceSnap(LevelOf(one.terms), sheet);
        const double sl = StopOf(one.terms, base, sheet);
        const bool with_limit = one.terms.order_type == "stop_limit";
        const double level_now = OrderGetDouble(with_limit ? ORDER_PRICE_STOPLIMIT : ORDER_PRICE_OPEN);
        if(RisksMore(level_now, OrderGetDouble(ORDER_SL), base, sl, sheet))
            OrderEnd(at, KIND_REJECTED, 0, "it would widen the stop");
        else if(OrderMove(at, STAGE_INTENT))
            AmendEntrySend(at, ticket, base, sl, TargetOf(one.terms, base, sheet), sheet);
    }

    // By the distance from the price to the stop, to a tick.
    bool RisksMore(const double level_now, const double sl_now, const double level, const double sl,
                   const Sheet &sheet) const
    {
        if(sl_now <= 0)
            return false;
        return sl <= 0 || MathAbs(level - sl) > MathAbs(level_now - sl_now) + 1.5 * sheet.tick_size;
    }

    void AmendEntrySend(const int at, const ulong ticket, const double base, const double sl,
                        const double tp, const Sheet &sheet)
    {
        const Kept one = g_journal.kept[at];
        const bool with_both = one.terms.order_type == "stop_limit";
        const double price = with_both ? PriceSnap(one.terms.stop_price, sheet) : base;
        TradeAnswer answer;
        ZeroMemory(answer);
        TradeReprice(ticket, price, with_both ? base : 0, sl, tp, one.terms.id, answer);
        if(answer.action != ACT_SUCCESS && answer.retcode != TRADE_RETCODE_NO_CHANGES)
        {
            AmendNotDone(at, answer);
            return;
        }
        g_journal.Begin();
        g_journal.Put(AmendedRecord(one.terms.target_id, one.raw));
        if(g_journal.Commit())
            OrderEnd(at, KIND_DONE, (int)answer.retcode, answer.message);
    }

    void AmendDone(const int at, const double sl, const double tp, const int retcode, const string message)
    {
        const long position_id = g_journal.kept[at].terms.position_id;
        const int found = g_journal.GuardFind(position_id);
        if(found >= 0 && sl > 0)
        {
            Guard next = g_journal.guards[found];
            next.sl = sl;
            next.tp = tp;
            g_journal.Begin();
            g_journal.Put(GuardRecord(next));
            g_journal.Commit();
        }
        OrderEnd(at, KIND_DONE, retcode, message);
    }

public:
    Manager() : m_strangers_at(0) {}

    // One exit or amend, whatever its stage.
    void Beat(const int at)
    {
        const Kept one = g_journal.kept[at];
        const bool is_amend = one.terms.event == "amend";
        if(GetTickCount64() < one.next_try || !TerminalIsConnected())
            return;
        if(one.stage == STAGE_RECEIVED && is_amend && one.terms.target_id != 0)
            AmendEntry(at);
        else if(one.stage == STAGE_RECEIVED && is_amend)
            Amend(at);
        else if(one.stage == STAGE_RECEIVED)
            Exit(at);
        else if(is_amend)
            OrderMove(at, STAGE_RECEIVED);
        else if(one.stage == STAGE_SENT)
            ExitWatch(at);
        else
            ExitLookUp(at);
    }

    // Takes a resting entry back. What became of it the history says, at a later beat.
    void Remove(const int at)
    {
        const Kept one = g_journal.kept[at];
        const ulong ticket = RestingTicket(one.terms.id);
        if(ticket == 0 || GetTickCount64() < one.next_try)
            return;
        g_journal.kept[at].next_try = GetTickCount64() + 1000;
        TradeAnswer answer;
        ZeroMemory(answer);
        TradeRemove(ticket, one.terms.id, answer);
        g_deals.Due();
    }

    // All entries that rest: stopped, or the server has been silent for too long.
    void RemoveAll(const string why)
    {
        for(int i = 0; i < ArraySize(g_journal.kept); i++)
            if(IsEntry(g_journal.kept[i]) && IsOut(g_journal.kept[i]) && RestingTicket(g_journal.kept[i].terms.id) > 0)
            {
                g_notes.Tell("remove " + IntegerToString(g_journal.kept[i].terms.id), "taken back: " + why);
                Remove(i);
            }
        RemoveStrangers(why);
    }

    bool IsOut(const Kept &one) const
    {
        return one.stage == STAGE_SENT || one.stage == STAGE_LOOKUP;
    }
};

Manager g_manager;

#endif
