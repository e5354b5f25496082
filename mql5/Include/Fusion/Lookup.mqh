#ifndef FUSION_LOOKUP_MQH
#define FUSION_LOOKUP_MQH
// What became of an entry: looked up at the broker and told. Nothing is ever sent again from here.

#include "Manage.mqh"

#define LOOK_EVERY_MS 1000
#define UNKNOWN_AFTER_MS 5000
#define TAKEN_AFTER_MS 30000   // the broker said yes, so its history comes late
#define ANSWER_EVERY_MS 10000
#define ASKED_MAX 200

struct Asked          // a command about an order that this journal never held
{
    long   order_id;
    long   fence;
    string told;
    ulong  at;
};

class LookUps
{
private:
    Asked m_asked[];
    Asked m_closed[];     // positions that the server wants closed

    // How it ended, from its order in the history; empty while the history does not say.
    string EndKind(const long state, const double filled) const
    {
        if(state == ORDER_STATE_FILLED)
            return filled > 0 ? KIND_DONE : "";
        if(filled > 0 && (state == ORDER_STATE_CANCELED || state == ORDER_STATE_EXPIRED
                          || state == ORDER_STATE_PARTIAL))
            return KIND_DONE;
        if(state == ORDER_STATE_CANCELED)
            return KIND_CANCELLED;
        if(state == ORDER_STATE_EXPIRED)
            return KIND_EXPIRED;
        return state == ORDER_STATE_REJECTED ? KIND_REJECTED : "";
    }

    string EndWords(const long state, const double filled) const
    {
        if(state == ORDER_STATE_EXPIRED && filled > 0)
            return "expired after a part was filled";
        if(state == ORDER_STATE_CANCELED && filled > 0)
            return "cancelled after a part was filled";
        return "found in the history";
    }

    void Ended(const int at, const long state)
    {
        const double filled = g_journal.kept[at].filled;
        const string kind = EndKind(state, filled);
        if(kind != "")
            OrderEnd(at, kind, 0, EndWords(state, filled));
    }

    void SetAgain(const int at)
    {
        g_journal.kept[at].next_try = GetTickCount64() + LOOK_EVERY_MS;
    }

    // The broker took it: it rests, or it is in the history.
    void Watch(const int at)
    {
        Kept one = g_journal.kept[at];
        if(one.ticket > 0 && OrderSelect((ulong)one.ticket))
            return;
        if(RestingTicket(one.terms.id) > 0)
            return;
        g_deals.Collect();
        if(one.ticket > 0 && HistoryOrderSelect((ulong)one.ticket))
            Ended(at, HistoryOrderGetInteger((ulong)one.ticket, ORDER_STATE));
        else
            Find(at);
    }

    // By its magic, its symbol and its time.
    void Find(const int at)
    {
        Kept one = g_journal.kept[at];
        Traces traces;
        ZeroMemory(traces);
        TracesFind(one.terms.id, one.terms.symbol, one.received_ms, traces);
        if(traces.resting > 0)
            Resting(at, traces.resting);
        else if(traces.deals > 0)
        {
            g_deals.Collect();
            OrderEnd(at, KIND_DONE, 0, "found by its deals");
        }
        else if(traces.ended > 0)
            Ended(at, traces.ended_state);
        else if(one.end_kind != KIND_UNKNOWN
                && HasPassed(one.since, one.stage == STAGE_SENT ? TAKEN_AFTER_MS : UNKNOWN_AFTER_MS))
            OrderSay(at, KIND_UNKNOWN, 0, "sent or not; the broker shows nothing yet", STAGE_LOOKUP);
    }

    void Resting(const int at, const ulong ticket)
    {
        Kept one = g_journal.kept[at];
        if(one.stage == STAGE_SENT && one.ticket == (long)ticket)
            return;
        g_journal.kept[at].ticket = (long)ticket;
        OrderSay(at, KIND_WORKING, 0, "found resting, order " + IntegerToString((long)ticket), STAGE_SENT);
    }

    int AskedFind(const long order_id, const long fence)
    {
        for(int i = 0; i < ArraySize(m_asked); i++)
            if(m_asked[i].order_id == order_id && m_asked[i].fence == fence)
                return i;
        if(ArraySize(m_asked) >= ASKED_MAX)
            ArrayRemove(m_asked, 0, ASKED_MAX / 2);
        const int at = ArraySize(m_asked);
        ArrayResize(m_asked, at + 1, 16);
        m_asked[at].order_id = order_id;
        m_asked[at].fence = fence;
        m_asked[at].told = "";
        m_asked[at].at = 0;
        return at;
    }

    // An order that the journal never held: never sent, if the journal is older than the lease;
    // where it is younger the one before it may have sent it, and a late history hides that.
    void AnswerStranger(const long order_id, const long fence, const string command)
    {
        const int at = AskedFind(order_id, fence);
        if(m_asked[at].at > 0 && !HasPassed(m_asked[at].at, ANSWER_EVERY_MS))
            return;
        m_asked[at].at = GetTickCount64();
        Traces traces;
        ZeroMemory(traces);
        TracesFind(order_id, "", 0, traces);
        string kind = "";
        if(traces.resting > 0 && command == "cancel")
        {
            TradeAnswer answer;
            ZeroMemory(answer);
            TradeRemove(traces.resting, order_id, answer);
            g_deals.Due();
            return;
        }
        if(traces.resting > 0)
            kind = KIND_WORKING;
        else if(traces.deals > 0)
            kind = KIND_DONE;
        else if(traces.ended > 0)
            kind = EndKind(traces.ended_state, 0);
        else if(IsOlderThanLease(order_id, fence))
            kind = KIND_NEVER_SENT;
        else if(g_history.IsSettled() && TerminalIsConnected())
            kind = KIND_LOOKUP_ABSENT;
        if(kind != "" && kind != m_asked[at].told && SayOfStranger(order_id, fence, kind))
            m_asked[at].told = kind;
    }

    bool SayOfStranger(const long order_id, const long fence, const string kind)
    {
        if(kind == KIND_DONE)
            g_deals.Collect();
        Kept one;
        ZeroMemory(one);
        one.terms.id = order_id;
        one.terms.fence = fence;
        g_journal.Begin();
        g_journal.PutReport(kind, OrderMembers(one, 0, "found by its number alone"));
        return g_journal.Commit();
    }

    void AnswerKept(const int at)
    {
        const Kept one = g_journal.kept[at];
        if(one.stage == STAGE_RECEIVED)
            OrderEnd(at, KIND_NEVER_SENT, 0, "");
        else if(one.stage == STAGE_CLOSED)
            OrderSayAgain(at);
        else if(one.stage == STAGE_SENT)
            OrderSayAgain(at);
        else if(g_history.IsSettled() && TerminalIsConnected())
            SayAbsent(at);
    }

    // A later lease of it never came here: the answer is that of an order not held, if it was not
    // sent under the one before. Otherwise it is the same order under its new fence.
    bool KnowsLease(const int at, const long fence)
    {
        Kept next = g_journal.kept[at];
        if(next.terms.fence >= fence)
            return true;
        if(next.stage == STAGE_RECEIVED || next.end_kind == KIND_NEVER_SENT)
            return false;
        next.terms.fence = fence;
        g_journal.Begin();
        g_journal.Put(StageRecord(next));
        return g_journal.Commit();
    }

    // It was about to be sent, and nothing of it is to be seen.
    void SayAbsent(const int at)
    {
        Find(at);
        const Kept one = g_journal.kept[at];
        const bool is_open = one.stage == STAGE_LOOKUP || one.stage == STAGE_INTENT;
        if(!is_open || !HasPassed(one.since, UNKNOWN_AFTER_MS) || !HasPassed(one.told_at, ANSWER_EVERY_MS))
            return;
        g_journal.Begin();
        g_journal.PutReport(KIND_LOOKUP_ABSENT, OrderMembers(one, 0, "about to be sent; the broker shows nothing"));
        if(g_journal.Commit())
            g_journal.kept[at].told_at = GetTickCount64();
    }

public:
    void Restart()
    {
        ArrayResize(m_asked, 0);
        ArrayResize(m_closed, 0);
    }

    // Closes a position that the server names; asked again only where the broker refused.
    void ClosePosition(const long position_id)
    {
        ulong ticket = 0;
        if(!PositionSelectById(position_id, ticket))
            return;
        int at = 0;
        while(at < ArraySize(m_closed) && m_closed[at].order_id != position_id)
            at++;
        if(at < ArraySize(m_closed) && !HasPassed(m_closed[at].at, ANSWER_EVERY_MS))
            return;
        if(at == ArraySize(m_closed))
            ArrayResize(m_closed, at + 1, 8);
        const int guard = g_journal.GuardFind(position_id);
        m_closed[at].order_id = position_id;
        m_closed[at].fence = 0;
        m_closed[at].told = "";
        m_closed[at].at = GetTickCount64();
        TradeAnswer answer;
        ZeroMemory(answer);
        const double lots = PositionGetDouble(POSITION_VOLUME);
        TradeClose(position_id, lots, guard >= 0 ? g_journal.guards[guard].order_id : 0, answer);
        g_notes.Tell("close " + IntegerToString(position_id), "wanted by the server: " + RetcodeName(answer.retcode));
        g_deals.Due();
    }

    // Orders that were out when this journal began: `id:fence,` for each, and `.` for the list.
    // A lease with a higher fence, or of another order, came later.
    bool IsOlderThanLease(const long order_id, const long fence) const
    {
        const string born = g_journal.Value("born");
        if(born == "")
            return false;
        const int at = StringFind("," + born, "," + IntegerToString(order_id) + ":");
        if(at < 0)
            return true;
        string rest = StringSubstr(born, at);
        const int from = StringFind(rest, ":") + 1;
        rest = StringSubstr(rest, from, StringFind(rest, ",") - from);
        return fence > StringToInteger(rest);
    }

    // One entry that is out.
    void Beat(const int at)
    {
        const Kept one = g_journal.kept[at];
        if(GetTickCount64() < one.next_try || !TerminalIsConnected())
            return;
        if(one.stage == STAGE_SENT)
            Watch(at);
        else
        {
            SetAgain(at);
            Find(at);
        }
    }

    // A command of the server, which repeats it until a report closes it.
    void Obey(const long order_id, const long fence, const string command)
    {
        const int at = g_journal.Find(order_id);
        if(command != "cancel" && command != "lookup")
            g_notes.Tell("command", "not known: " + TextClean(command, 40));
        else if(at < 0 || !KnowsLease(at, fence))
            AnswerStranger(order_id, fence, command);
        else if(command == "cancel" && g_journal.kept[at].stage == STAGE_RECEIVED)
            OrderEnd(at, KIND_CANCELLED, 0, "not sent");
        else if(command == "cancel" && IsEntry(g_journal.kept[at]) && g_manager.IsOut(g_journal.kept[at])
                && RestingTicket(order_id) > 0)
            g_manager.Remove(at);
        else
            AnswerKept(at);
    }
};

LookUps g_lookups;

#endif
