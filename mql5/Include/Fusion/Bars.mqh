#ifndef FUSION_BARS_MQH
#define FUSION_BARS_MQH
// Closed bars of the mapped symbols: told once, one call a beat, gaps made up for.

#include "Http.mqh"
#include "Outbox.mqh"
#include "Sheets.mqh"

#define BARS_A_CALL 500
#define BARS_BACK_MAX 20000      // an older gap stays one
#define BARS_SETTLE_SECONDS 2
#define BARS_LOOK_MS 5000        // the minute was quiet: no bar came of it
#define BARS_HISTORY_MS 10000    // the terminal has not loaded it yet
#define BARS_PAUSE_MS 30000      // the server would not take them now
#define BARS_GAP_SECONDS 86400   // a weekend: where brokers change their clocks

struct Feed
{
    string symbol;
    ulong  next_look;
    int    back;     // bars before the newest, from which a gap is read on; 0: not known
    int    most;     // bars of the next call
};

class Bars
{
private:
    Feed m_feeds[];
    int  m_turn;

    ENUM_TIMEFRAMES Timeframe() const
    {
        switch(g_set.bar_minutes)
        {
            case 5: return PERIOD_M5;
            case 15: return PERIOD_M15;
            case 30: return PERIOD_M30;
            case 60: return PERIOD_H1;
            case 240: return PERIOD_H4;
        }
        return PERIOD_M1;
    }

    int Length() const
    {
        return g_set.bar_minutes * 60;
    }

    string Name(const string symbol) const
    {
        return "bars." + IntegerToString(g_set.bar_minutes) + "." + symbol;
    }

    // The opening of the newest bar that was told, in broker time; 0 where none was, or under
    // another offset of the broker's clock.
    long Told(const string symbol) const
    {
        string parts[];
        const int count = StringSplit(g_journal.Value(Name(symbol)), ':', parts);
        return count == 2 && StringToInteger(parts[1]) == BrokerOffset() ? StringToInteger(parts[0]) : 0;
    }

    bool Keep(const string symbol, const long open) const
    {
        return g_journal.Keep(Name(symbol), IntegerToString(open) + ":" + IntegerToString(BrokerOffset()));
    }

    int FeedOf(const string symbol)
    {
        for(int i = 0; i < ArraySize(m_feeds); i++)
            if(m_feeds[i].symbol == symbol)
                return i;
        const int count = ArraySize(m_feeds);
        ArrayResize(m_feeds, count + 1, 64);
        m_feeds[count].symbol = symbol;
        m_feeds[count].next_look = 0;
        m_feeds[count].back = 0;
        m_feeds[count].most = BARS_A_CALL;
        return count;
    }

    void LookAfter(const int at, const ulong milliseconds)
    {
        m_feeds[at].next_look = GetTickCount64() + milliseconds;
    }

    // The next bar is closed when two lengths have passed since the newest one opened.
    void LookWhenClosed(const int at, const long newest)
    {
        const long due = newest + 2 * Length() + BARS_SETTLE_SECONDS - (long)TimeTradeServer();
        LookAfter(at, (ulong)MathMax(due * 1000, (long)BARS_LOOK_MS));
    }

    // Where reading begins: far enough back that nothing since the newest told is left out. There
    // are no more bars than lengths, so it may be too far, and is then shortened at the next looks.
    int Back(const int at, const long told) const
    {
        if(m_feeds[at].back > 0)
            return m_feeds[at].back;
        if(told == 0)
            return BARS_A_CALL;
        const long lengths = ((long)TimeTradeServer() - told) / Length() + 1;
        return (int)MathMax(MathMin(lengths, (long)BARS_BACK_MAX), (long)1);
    }

    // The first of them that is to be told. A feed that begins, or whose broker changed its clock,
    // begins after the last weekend: of bars before it the offset is not known.
    int First(const MqlRates &rates[], const long told) const
    {
        int first = 0;
        for(int i = 0; i < ArraySize(rates); i++)
        {
            const bool is_after_gap = i > 0 && (long)rates[i].time - (long)rates[i - 1].time >= BARS_GAP_SECONDS;
            if(told == 0 && is_after_gap)
                first = i;
            if(told > 0 && (long)rates[i].time <= told)
                first = i + 1;
        }
        return first;
    }

    string Body(const string symbol, const MqlRates &rates[], const int first, const int end,
                const string instance, const string boot_nonce) const
    {
        JsonText json;
        json.Open("", "{");
        json.Text("instance", instance);
        json.Text("boot_nonce", boot_nonce);
        json.Text("symbol", symbol);
        json.Whole("timeframe_seconds", Length());
        json.Whole("broker_offset_seconds", BrokerOffset());
        json.Open("bars", "[");
        for(int i = first; i < end; i++)
        {
            json.Open("", "{");
            json.Whole("time_msc", (long)rates[i].time * 1000);
            json.Text("open", DecimalText(rates[i].open, 10));
            json.Text("high", DecimalText(rates[i].high, 10));
            json.Text("low", DecimalText(rates[i].low, 10));
            json.Text("close", DecimalText(rates[i].close, 10));
            if(rates[i].tick_volume >= 0)
                json.Whole("volume", rates[i].tick_volume);
            json.Close("}");
        }
        json.Close("]");
        json.Close("}");
        return json.Written();
    }

    // Refused are all for one: fewer are told next, and one that is refused alone is left out.
    void Refused(const int at, const MqlRates &rates[], const int first, const int count)
    {
        const string symbol = m_feeds[at].symbol;
        if(g_http.status != 422)
        {
            LookAfter(at, BARS_PAUSE_MS);
            return;
        }
        g_notes.Tell("bars " + symbol, "refused: " + g_http.message);
        if(count == 1)
            Keep(symbol, (long)rates[first].time);
        m_feeds[at].most = MathMax(1, count / 2);
    }

    // Reads into `rates`, oldest first; false where the terminal has nothing there.
    bool Read(const string symbol, const int from, const int count, MqlRates &rates[]) const
    {
        ArrayResize(rates, 0);
        ResetLastError();
        return CopyRates(symbol, Timeframe(), from, count, rates) > 0;
    }

    void Look(const int at, const string instance, const string boot_nonce)
    {
        const string symbol = m_feeds[at].symbol;
        const long told = Told(symbol);
        MqlRates rates[];
        // Bar 0 is still being made.
        if(!Read(symbol, 1, 1, rates))
        {
            g_notes.Tell("bars " + symbol, "the terminal has none yet, error " + IntegerToString(GetLastError()));
            LookAfter(at, BARS_HISTORY_MS);
            return;
        }
        const long newest = (long)rates[0].time;
        if(newest <= told)
        {
            LookWhenClosed(at, newest);
            return;
        }
        const int back = Back(at, told);
        const int from = MathMax(1, back - BARS_A_CALL + 1);
        const bool is_there = Read(symbol, from, MathMin(back, BARS_A_CALL), rates);
        const int first = is_there ? First(rates, told) : 0;
        const int end = MathMin(ArraySize(rates), first + m_feeds[at].most);
        if(is_there && first < end)
            Tell(at, rates, first, end, instance, boot_nonce);
        else
            m_feeds[at].back = from > 1 ? from - 1 : 0;
    }

    void Tell(const int at, const MqlRates &rates[], const int first, const int end,
              const string instance, const string boot_nonce)
    {
        const string symbol = m_feeds[at].symbol;
        // Read from anew next time: bars may have closed meanwhile.
        m_feeds[at].back = 0;
        if(!g_http.Ask("bars", Body(symbol, rates, first, end, instance, boot_nonce)))
        {
            Refused(at, rates, first, end - first);
            return;
        }
        g_notes.Over("bars " + symbol);
        m_feeds[at].most = MathMin(BARS_A_CALL, m_feeds[at].most * 2);
        if(Keep(symbol, (long)rates[end - 1].time) && end == ArraySize(rates))
            LookWhenClosed(at, (long)rates[end - 1].time);
    }

public:
    Bars() : m_turn(0) {}

    void Restart()
    {
        ArrayResize(m_feeds, 0);
        m_turn = 0;
    }

    // One symbol's bars, one call at most; the next symbol has its turn at the next beat.
    void Beat(const string instance, const string boot_nonce)
    {
        const int count = g_sheets.Mapped();
        const bool may = g_set.bar_minutes > 0 && g_notes.ServerMinor() >= TELLS_ALL && TerminalIsConnected()
                         && g_journal.IsWritable();
        for(int i = 0; i < count && may; i++)
        {
            m_turn = (m_turn + 1) % count;
            const int at = FeedOf(g_sheets.MappedName(m_turn));
            if(GetTickCount64() < m_feeds[at].next_look)
                continue;
            Look(at, instance, boot_nonce);
            return;
        }
    }
};

Bars g_bars;

#endif
