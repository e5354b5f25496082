#ifndef FUSION_DEALS_MQH
#define FUSION_DEALS_MQH
// Every deal of the account is told, whoever made it; one that the broker changed is told again.

#include "Risk.mqh"

#define DEALS_A_BEAT 200
#define DEALS_WINDOW_MS 604800000
#define MISSES_TO_DELETE 3
#define DELETED_MAX 5
#define DEVIATION_PAUSE_MS 600000

// DEAL_TYPE_BUY -> buy; a value that the terminal has no name for -> unknown.
string WordOf(const string name, const string prefix)
{
    string word = name;
    StringToLower(word);
    if(StringFind(word, "::") >= 0)
        return "unknown";
    if(StringFind(word, prefix) == 0)
        return StringSubstr(word, StringLen(prefix));
    return StringFind(word, "deal_") == 0 ? StringSubstr(word, 5) : word;
}

class Deals
{
private:
    bool  m_is_due;
    ulong m_scanned_at;
    long  m_newest_msc;
    long  m_newest_ticket;

    // The deal as the wire has it, without its offset: by this it is told from a changed one.
    string Content(const ulong ticket) const
    {
        JsonText json;
        const bool is_trade = DealIsTrade(ticket);
        const string symbol = HistoryDealGetString(ticket, DEAL_SYMBOL);
        json.Ticket("ticket", (long)ticket);
        json.Text("kind", WordOf(EnumToString((ENUM_DEAL_TYPE)HistoryDealGetInteger(ticket, DEAL_TYPE)), "deal_type_"));
        json.Whole("time_msc", HistoryDealGetInteger(ticket, DEAL_TIME_MSC));
        if(is_trade)
            json.Text("entry", WordOf(EnumToString((ENUM_DEAL_ENTRY)HistoryDealGetInteger(ticket, DEAL_ENTRY)), "deal_entry_"));
        json.Ticket("position_ticket", HistoryDealGetInteger(ticket, DEAL_POSITION_ID));
        json.Ticket("broker_order_ticket", HistoryDealGetInteger(ticket, DEAL_ORDER));
        json.Ticket("magic", HistoryDealGetInteger(ticket, DEAL_MAGIC));
        json.Text("symbol", SymbolIsTellable(symbol) ? symbol : "");
        json.Text("reason", WordOf(EnumToString((ENUM_DEAL_REASON)HistoryDealGetInteger(ticket, DEAL_REASON)), "deal_reason_"));
        json.Text("comment", TextClean(HistoryDealGetString(ticket, DEAL_COMMENT), 64));
        json.Text("volume_lots", LotsText(HistoryDealGetDouble(ticket, DEAL_VOLUME)));
        json.Text("price", DecimalText(HistoryDealGetDouble(ticket, DEAL_PRICE), 10));
        json.Text("profit", MoneyText(HistoryDealGetDouble(ticket, DEAL_PROFIT)));
        json.Text("swap", MoneyText(HistoryDealGetDouble(ticket, DEAL_SWAP)));
        json.Text("commission", MoneyText(HistoryDealGetDouble(ticket, DEAL_COMMISSION)));
        json.Text("fee", MoneyText(HistoryDealGetDouble(ticket, DEAL_FEE)));
        return json.Written();
    }

    // A stop moved by hand is no slippage: the deal says where it stood.
    void PutStops(JsonText &json, const ulong ticket) const
    {
        const double sl = HistoryDealGetDouble(ticket, DEAL_SL);
        const double tp = HistoryDealGetDouble(ticket, DEAL_TP);
        if(sl != 0)
            json.Text("sl", DecimalText(sl, 10));
        if(tp != 0)
            json.Text("tp", DecimalText(tp, 10));
    }

    string Members(const ulong ticket, const string content) const
    {
        JsonText json;
        json.Open("deal", "{");
        json.Members(content);
        json.Whole("broker_offset_seconds", BrokerOffset());
        if(g_notes.ServerMinor() >= MINOR_OF_TICKETS)
            PutStops(json, ticket);
        json.Close("}");
        return json.Written();
    }

    // Puts the report of a deal that is new or changed into the change that is open.
    bool Put(const ulong ticket)
    {
        const string content = Content(ticket);
        const string hash = HashText(content);
        const bool is_known = g_journal.DealIsKnown((long)ticket);
        if(is_known && g_journal.deals[g_journal.DealFind((long)ticket)].hash == hash)
            return false;
        g_journal.PutReport(KIND_DEAL, Members(ticket, content));
        g_journal.Put(DealRecord((long)ticket, hash, HistoryDealGetInteger(ticket, DEAL_TIME_MSC)));
        if(!is_known)
            PutEffects(ticket);
        return true;
    }

    // A deal on the entry's own side, by an order: where positions are netted it may close what is
    // against it. What closes an entry is of the other side, what the broker opens anew has no order.
    bool FillsEntry(const ulong ticket, const Kept &one) const
    {
        const bool is_buy = HistoryDealGetInteger(ticket, DEAL_TYPE) == DEAL_TYPE_BUY;
        return is_buy == one.terms.is_buy && HistoryDealGetInteger(ticket, DEAL_ORDER) > 0;
    }

    // What a new deal changes here: the account's books, and the order that it fills.
    void PutEffects(const ulong ticket)
    {
        g_books.PutDeal(ticket);
        if(!DealIsTrade(ticket))
            return;
        int found = g_journal.Find(HistoryDealGetInteger(ticket, DEAL_MAGIC));
        if(found < 0)
            found = g_journal.FindByTicket(HistoryDealGetInteger(ticket, DEAL_ORDER));
        if(found < 0 || g_journal.kept[found].terms.symbol != HistoryDealGetString(ticket, DEAL_SYMBOL))
            return;
        Kept next = g_journal.kept[found];
        const long entry = HistoryDealGetInteger(ticket, DEAL_ENTRY);
        const bool opens = entry == DEAL_ENTRY_IN || entry == DEAL_ENTRY_INOUT;
        if(IsEntry(next) ? !FillsEntry(ticket, next) : opens)
            return;
        next.filled += HistoryDealGetDouble(ticket, DEAL_VOLUME);
        g_journal.Put(StageRecord(next));
        if(opens)
            PutGuard(ticket, next);
    }

    void PutGuard(const ulong ticket, const Kept &one)
    {
        Guard guard;
        ZeroMemory(guard);
        guard.position_id = HistoryDealGetInteger(ticket, DEAL_POSITION_ID);
        guard.order_id = one.terms.id;
        guard.nearest = SharedStop(guard.position_id, one.terms.is_buy);
        g_journal.Put(GuardRecord(guard));
        if(one.terms.plan.is_there && g_journal.PlanFind(guard.position_id) < 0)
            PutPlan(guard.position_id, one.terms.id);
        JudgeDeviation(ticket, one);
    }

    void PutPlan(const long position_id, const long order_id)
    {
        PlanState state;
        ZeroMemory(state);
        state.position_id = position_id;
        state.order_id = order_id;
        g_journal.Put(PlanRecord(state));
    }

    // The stop that a netting position had before this fill, which brings its own; 0 where it is
    // another's side, or there was none.
    double SharedStop(const long position_id, const bool is_buy) const
    {
        const int at = g_journal.GuardFind(position_id);
        if(at < 0 || !AccountIsNetting())
            return 0;
        const Guard before = g_journal.guards[at];
        const int owner = g_journal.Find(before.order_id);
        if(owner < 0 || g_journal.kept[owner].terms.is_buy != is_buy)
            return 0;
        return before.sl > 0 ? before.sl : before.nearest;
    }

    // Under market execution the broker takes no deviation: a fill too far away stops entries of
    // its symbol for a while, and people are told.
    void JudgeDeviation(const ulong ticket, const Kept &one)
    {
        if(one.asked <= 0)
            return;
        const string symbol = one.terms.symbol;
        const double point = SymbolInfoDouble(symbol, SYMBOL_POINT);
        const double price = HistoryDealGetDouble(ticket, DEAL_PRICE);
        const double worse = one.terms.is_buy ? price - one.asked : one.asked - price;
        int most = g_set.deviation_points_max;
        if(one.terms.deviation >= 0)
            most = MathMin(most, one.terms.deviation);
        if(point <= 0 || worse / point <= most + 1e-6)
            return;
        g_journal.Put(ValueRecord("pause." + symbol, IntegerToString(g_clock.Now() + DEVIATION_PAUSE_MS)));
        g_notes.Notify("deviation", "deviation " + IntegerToString(one.terms.id), "order "
                     + IntegerToString(one.terms.id) + " filled " + DoubleToString(worse / point, 0) + " points away from the price asked");
    }

    // A deletion is the last word on a ticket at the server, so it is told only when it is sure.
    void Delete(const long ticket)
    {
        JsonText json;
        json.Ticket("deal_ticket", ticket);
        g_journal.Begin();
        g_journal.PutReport(KIND_DEAL_DELETED, json.Written());
        g_journal.Put("X\t" + IntegerToString(ticket));
        if(g_journal.Commit())
            g_notes.Tell("deal " + IntegerToString(ticket), "deleted at the broker");
    }

    // Known deals of the window that three looks, a minute apart, have not shown are gone, unless
    // it is the history that is not whole: one that shows nothing has not come yet.
    void FindDeleted(const long since_ms)
    {
        if(HistoryDealsTotal() == 0)
            return;
        long gone[];
        ArrayResize(gone, 0);
        for(int i = 0; i < ArraySize(g_journal.deals); i++)
        {
            const long ticket = g_journal.deals[i].ticket;
            const bool is_shown = HistoryDealGetInteger((ulong)ticket, DEAL_TICKET) == ticket;
            if(g_journal.deals[i].time_msc < since_ms || is_shown)
                g_journal.deals[i].misses = 0;
            else
                g_journal.deals[i].misses++;
            if(g_journal.deals[i].misses < MISSES_TO_DELETE)
                continue;
            ArrayResize(gone, ArraySize(gone) + 1, 8);
            gone[ArraySize(gone) - 1] = ticket;
        }
        if(ArraySize(gone) > DELETED_MAX)
            g_notes.Notify("history_not_whole", "history", IntegerToString(ArraySize(gone)) + " deals are not shown any more");
        else if(g_notes.ServerMinor() >= MINOR_OF_NOTICES)
            for(int i = 0; i < ArraySize(gone); i++)
                if(!HistoryDealSelect((ulong)gone[i]))
                    Delete(gone[i]);
    }

    void NoteNewest(const ulong ticket)
    {
        const long moment = HistoryDealGetInteger(ticket, DEAL_TIME_MSC);
        if(moment > m_newest_msc || (moment == m_newest_msc && (long)ticket > m_newest_ticket))
        {
            m_newest_msc = moment;
            m_newest_ticket = (long)ticket;
        }
    }

    // Tells the deals since then; `changed` looks at those that were told, too. True at the end.
    bool Scan(const long since_ms, const bool changed)
    {
        if(!HistorySelectSince(since_ms))
            return false;
        const int total = HistoryDealsTotal();
        int told = 0;
        for(int i = 0; i < total && told < DEALS_A_BEAT; i++)
        {
            const ulong ticket = HistoryDealGetTicket(i);
            if(ticket == 0 || (!changed && g_journal.DealIsKnown((long)ticket)))
                continue;
            g_journal.Begin();
            if(!Put(ticket))
                continue;
            if(!g_journal.Commit())
                return false;
            told++;
        }
        for(int i = MathMax(0, total - 50); i < total; i++)
            NoteNewest(HistoryDealGetTicket(i));
        return told < DEALS_A_BEAT;
    }

public:
    Deals() : m_is_due(true), m_scanned_at(0), m_newest_msc(0), m_newest_ticket(0) {}

    void Restart()
    {
        m_is_due = true;
        m_scanned_at = 0;
        m_newest_msc = 0;
        m_newest_ticket = 0;
        for(int i = 0; i < ArraySize(g_journal.deals); i++)
            if(g_journal.deals[i].time_msc >= m_newest_msc)
            {
                m_newest_msc = g_journal.deals[i].time_msc;
                m_newest_ticket = g_journal.deals[i].ticket;
            }
    }

    // Something happened at the broker: look at the next beat.
    void Due()
    {
        m_is_due = true;
    }

    bool AreTold() const
    {
        return !m_is_due;
    }

    // From here the history is read: some days before the newest deal told, or from its beginning.
    long Since() const
    {
        const long newest = g_journal.NewestDeal();
        return newest == 0 ? 0 : newest - (long)DEALS_WINDOW_MS - (long)BrokerOffset() * 1000;
    }

    // Tells what is new; each minute also what was changed or deleted.
    void Collect()
    {
        if(!g_journal.IsBorn())
            return;
        const bool is_full = HasPassed(m_scanned_at, 60000) || m_scanned_at == 0;
        const long since = Since();
        if(!Scan(since, is_full))
            return;
        m_is_due = false;
        if(is_full && g_history.IsSettled())
        {
            m_scanned_at = GetTickCount64();
            if(HistorySelectSince(since))
                FindDeleted(since + 86400000 + (long)BrokerOffset() * 1000);
        }
    }

    void Beat()
    {
        if(m_is_due || HasPassed(m_scanned_at, 60000) || m_scanned_at == 0)
            Collect();
    }

    long NewestMsc() const
    {
        return m_newest_msc;
    }

    long NewestTicket() const
    {
        return m_newest_ticket;
    }
};

Deals g_deals;

#endif
