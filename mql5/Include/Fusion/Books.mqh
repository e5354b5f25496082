#ifndef FUSION_BOOKS_MQH
#define FUSION_BOOKS_MQH
// The account's money by its deals: what was paid in or out is neither profit nor loss.

#include "Broker.mqh"
#include "Orders.mqh"

#define BOOKS_SETTLE_MS 60000
#define PEAK_STEP 1.0005

// What a deal adds to the balance.
double DealNet(const ulong ticket)
{
    return HistoryDealGetDouble(ticket, DEAL_PROFIT) + HistoryDealGetDouble(ticket, DEAL_SWAP)
           + HistoryDealGetDouble(ticket, DEAL_COMMISSION) + HistoryDealGetDouble(ticket, DEAL_FEE);
}

bool DealIsTrade(const ulong ticket)
{
    const long kind = HistoryDealGetInteger(ticket, DEAL_TYPE);
    return kind == DEAL_TYPE_BUY || kind == DEAL_TYPE_SELL;
}

// Kept in the journal: `told_sum` of all deals, `flows` of those that are no trading, `anchor`
// between that sum and the money that is there; `day_equity` and `peak`, without flows.
class Books
{
private:
    ulong m_apart_since;   // since the balance is not what the deals say
    bool  m_is_apart;

    double Number(const string name) const
    {
        return StringToDouble(g_journal.Value(name));
    }

    string NumberText(const double value) const
    {
        return DoubleToString(value, 4);
    }

    string Today() const
    {
        return TimeToString((datetime)BrokerNow(), TIME_DATE);
    }

    double Equity() const
    {
        return AccountInfoDouble(ACCOUNT_EQUITY);
    }

    // Balance and credit: equity counts both, and deals change each.
    double Money() const
    {
        return AccountInfoDouble(ACCOUNT_BALANCE) + AccountInfoDouble(ACCOUNT_CREDIT);
    }

    // The money changes a moment before its deal is shown. Nothing is measured in between; what
    // stays unexplained counts as paid in or out.
    bool Agrees(const bool deals_are_told)
    {
        const double apart = Money() - Number("told_sum") - Number("anchor");
        if(MathAbs(apart) < 0.01)
        {
            m_is_apart = false;
            return true;
        }
        if(!m_is_apart)
        {
            m_is_apart = true;
            m_apart_since = GetTickCount64();
        }
        if(!deals_are_told || !g_history.IsSettled() || !HasPassed(m_apart_since, BOOKS_SETTLE_MS))
            return false;
        g_notes.Notify("balance_unexplained", "balance", "the balance differs from its deals by " + NumberText(apart));
        g_journal.Begin();
        g_journal.Put(ValueRecord("anchor", NumberText(Number("anchor") + apart)));
        g_journal.Put(ValueRecord("flows", NumberText(Number("flows") + apart)));
        m_is_apart = !g_journal.Commit();
        return !m_is_apart;
    }

    bool Anchor()
    {
        g_journal.Begin();
        g_journal.Put(ValueRecord("anchor", NumberText(Money() - Number("told_sum"))));
        g_journal.Put(ValueRecord("peak", NumberText(Equity() - Number("flows"))));
        return g_journal.Commit();
    }

    // What the day began with: the money of then and what was paid in or out since, or the equity
    // of now where that is more.
    bool BeginDay()
    {
        const datetime midnight = (datetime)(BrokerNow() / 86400 * 86400);
        double traded = 0;
        if(!HistorySelect(midnight, (datetime)((long)midnight + 2 * 86400)))
            return false;
        for(int i = HistoryDealsTotal() - 1; i >= 0; i--)
        {
            const ulong ticket = HistoryDealGetTicket(i);
            if(DealIsTrade(ticket))
                traded += DealNet(ticket);
        }
        const double start = MathMax(Equity(), Money() - traded);
        g_journal.Begin();
        g_journal.Put(ValueRecord("day", Today()));
        g_journal.Put(ValueRecord("day_equity", NumberText(start - Number("flows"))));
        g_journal.Put(ValueRecord("day_block", ""));
        g_journal.Put(ValueRecord("entries", "0"));
        g_notes.Over("day_block");
        return g_journal.Commit();
    }

    // How far equity is below what it was, where what was paid in since counts as there before.
    double Percent(const string name) const
    {
        const double before = Number(name) + Number("flows");
        return before <= 0 ? 0 : (before - Equity()) * 100.0 / before;
    }

public:
    Books() : m_apart_since(0), m_is_apart(false) {}

    void Restart()
    {
        m_is_apart = false;
        m_apart_since = 0;
    }

    // True where the account's money is understood now. `deals_are_told`: none is left untold.
    bool Measured(const bool deals_are_told)
    {
        if(Equity() <= 0 || BrokerNow() == 0)
            return false;
        if(g_journal.Value("anchor") == "" && (!deals_are_told || !g_history.IsSettled() || !Anchor()))
            return false;
        if(!Agrees(deals_are_told))
            return false;
        if(g_journal.Value("day") != Today() && !BeginDay())
            return false;
        const double trading = Equity() - Number("flows");
        if(trading + Number("flows") > (Number("peak") + Number("flows")) * PEAK_STEP)
            g_journal.Keep("peak", NumberText(trading));
        return true;
    }

    bool IsMeasured() const
    {
        return g_journal.Value("day") != "" && g_journal.Value("anchor") != "";
    }

    bool MeasureAnew() const
    {
        return g_journal.Keep("peak", NumberText(Equity() - Number("flows")));
    }

    double DayLossPercent() const
    {
        return Percent("day_equity");
    }

    double FallPercent() const
    {
        return Percent("peak");
    }

    // Puts what a new deal changes into the change that tells it.
    void PutDeal(const ulong ticket) const
    {
        const long kind = HistoryDealGetInteger(ticket, DEAL_TYPE);
        const double net = DealNet(ticket);
        const bool is_flow = kind == DEAL_TYPE_BALANCE || kind == DEAL_TYPE_CREDIT || kind == DEAL_TYPE_BONUS
                             || kind == DEAL_TYPE_CORRECTION;
        if(net != 0)
            g_journal.Put(ValueRecord("told_sum", NumberText(Number("told_sum") + net)));
        if(net != 0 && is_flow)
            g_journal.Put(ValueRecord("flows", NumberText(Number("flows") + net)));
    }
};

Books g_books;

#endif
