#ifndef FUSION_BROKER_MQH
#define FUSION_BROKER_MQH
// The broker's side as the terminal shows it: account, positions, orders and history of a magic.

#include "Journal.mqh"
#include "Symbols.mqh"

#define HISTORY_SETTLE_MS 5000

struct Traces
{
    ulong  resting;      // ticket of an order that rests
    int    deals;
    long   position_id;  // of the newest deal
    ulong  ended;        // ticket of an order in the history
    long   ended_state;
};

bool TerminalIsConnected()
{
    return TerminalInfoInteger(TERMINAL_CONNECTED) != 0;
}

// Whether programs may trade at all: the AutoTrading button, this program's own box, the broker.
bool TradingIsAllowed()
{
    return TerminalInfoInteger(TERMINAL_TRADE_ALLOWED) != 0 && MQLInfoInteger(MQL_TRADE_ALLOWED) != 0
           && AccountInfoInteger(ACCOUNT_TRADE_ALLOWED) != 0
           && AccountInfoInteger(ACCOUNT_TRADE_EXPERT) != 0;
}

bool AccountIsNetting()
{
    return AccountInfoInteger(ACCOUNT_MARGIN_MODE) != ACCOUNT_MARGIN_MODE_RETAIL_HEDGING;
}

// Selects the position and gives its ticket, which changes while the identifier stays.
bool PositionSelectById(const long position_id, ulong &ticket)
{
    for(int i = PositionsTotal() - 1; i >= 0; i--)
    {
        ticket = PositionGetTicket(i);
        if(ticket > 0 && PositionGetInteger(POSITION_IDENTIFIER) == position_id)
            return true;
    }
    ticket = 0;
    return false;
}

ulong RestingTicket(const long magic)
{
    for(int i = OrdersTotal() - 1; i >= 0; i--)
    {
        const ulong ticket = OrderGetTicket(i);
        if(ticket > 0 && OrderGetInteger(ORDER_MAGIC) == magic)
            return ticket;
    }
    return 0;
}

// Whose side an open order is on.
bool OrderTypeIsBuy(const long type)
{
    return type == ORDER_TYPE_BUY || type == ORDER_TYPE_BUY_LIMIT || type == ORDER_TYPE_BUY_STOP
           || type == ORDER_TYPE_BUY_STOP_LIMIT;
}

bool HistorySelectSince(const long since_ms)
{
    const long from = MathMax((long)0, since_ms / 1000 + BrokerOffset() - 86400);
    return HistorySelect((datetime)from, (datetime)(BrokerNow() + 86400));
}

// What the broker shows of a magic since a moment (UTC, milliseconds). Numbers can come again
// after a restore, so what is older, or of another symbol, is another's.
void TracesFind(const long magic, const string symbol, const long since_ms, Traces &traces)
{
    traces.resting = RestingTicket(magic);
    traces.deals = 0;
    traces.position_id = 0;
    traces.ended = 0;
    traces.ended_state = -1;
    if(!HistorySelectSince(since_ms))
        return;
    for(int i = HistoryDealsTotal() - 1; i >= 0; i--)
    {
        const ulong ticket = HistoryDealGetTicket(i);
        if(ticket == 0 || HistoryDealGetInteger(ticket, DEAL_MAGIC) != magic)
            continue;
        if(symbol != "" && HistoryDealGetString(ticket, DEAL_SYMBOL) != symbol)
            continue;
        if(traces.deals == 0)
            traces.position_id = HistoryDealGetInteger(ticket, DEAL_POSITION_ID);
        traces.deals++;
    }
    for(int i = HistoryOrdersTotal() - 1; i >= 0 && traces.ended == 0; i--)
    {
        const ulong ticket = HistoryOrderGetTicket(i);
        if(ticket == 0 || HistoryOrderGetInteger(ticket, ORDER_MAGIC) != magic)
            continue;
        if(symbol != "" && HistoryOrderGetString(ticket, ORDER_SYMBOL) != symbol)
            continue;
        traces.ended = ticket;
        traces.ended_state = HistoryOrderGetInteger(ticket, ORDER_STATE);
    }
}

// Whether the history can be believed when it shows nothing: it comes some time after a login.
class HistoryWatch
{
private:
    int   m_count;
    ulong m_since;
    bool  m_is_settled;

public:
    HistoryWatch() : m_count(-1), m_since(0), m_is_settled(false) {}

    void Restart()
    {
        m_count = -1;
        m_since = GetTickCount64();
        m_is_settled = false;
    }

    void Beat()
    {
        if(!TerminalIsConnected())
        {
            Restart();
            return;
        }
        if(m_is_settled || !HistorySelectSince(g_clock.Now() - (long)7 * 86400000))
            return;
        const int count = HistoryDealsTotal() + HistoryOrdersTotal();
        if(count != m_count)
        {
            m_count = count;
            m_since = GetTickCount64();
        }
        m_is_settled = HasPassed(m_since, HISTORY_SETTLE_MS);
    }

    bool IsSettled() const
    {
        return m_is_settled;
    }
};

HistoryWatch g_history;

#endif
