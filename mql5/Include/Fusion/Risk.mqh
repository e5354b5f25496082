#ifndef FUSION_RISK_MQH
#define FUSION_RISK_MQH
// The terminal's own limits, the last line: never weaker than the server's, kept over restarts.

#include "Books.mqh"
#include "Trade.mqh"

#define KILL_FILE "Fusion\\KILL.txt"
#define FLATTEN_FILE "Fusion\\FLATTEN.txt"
#define KILL_VARIABLE "FusionKill"
#define RESET_VARIABLE "FusionReset"

class Risk
{
private:
    bool   m_server_allows;
    bool   m_server_kills;
    double m_server_order_lots;
    double m_server_open_lots;

    void Latch(const string name, const string code, const string why)
    {
        if(g_journal.Value(name) != "")
            return;
        g_journal.Keep(name, why);
        g_notes.Notify(code, name, why);
    }

    // The trader's reset takes the equity stop back and measures from now on.
    void Reset()
    {
        if(!GlobalVariableCheck(RESET_VARIABLE) || GlobalVariableGet(RESET_VARIABLE) == 0)
            return;
        if(!g_books.MeasureAnew() || !g_journal.Keep("latch", ""))
            return;
        GlobalVariableSet(RESET_VARIABLE, 0);
        g_notes.Over("latch");
        g_notes.Tell("reset", "the equity stop was reset by " + RESET_VARIABLE);
        g_notes.Over("reset");
    }

public:
    Risk() : m_server_allows(false), m_server_kills(false), m_server_order_lots(0), m_server_open_lots(0) {}

    void Restart()
    {
        m_server_allows = false;
        m_server_kills = false;
        m_server_order_lots = 0;
        m_server_open_lots = 0;
        g_books.Restart();
    }

    void ServerLimits(const double order_lots, const double open_lots)
    {
        m_server_order_lots = order_lots;
        m_server_open_lots = open_lots;
    }

    // What the last poll said; `kills` holds as long as each poll says it.
    void ServerAllows(const bool allows)
    {
        m_server_allows = allows;
    }

    void ServerKills(const bool kills)
    {
        m_server_kills = kills;
    }

    // Measures the account; at the limit of the day entries end until the next, at the equity
    // stop until a person resets it.
    void Beat(const bool deals_are_told)
    {
        if(!TerminalIsConnected() || !g_journal.IsWritable() || !g_books.Measured(deals_are_told))
            return;
        Reset();
        const double day = g_books.DayLossPercent();
        const double fall = g_books.FallPercent();
        if(day >= g_set.daily_loss_percent)
            Latch("day_block", "daily_loss", "the day's loss is " + DoubleToString(day, 2) + " percent");
        if(fall >= g_set.equity_stop_percent)
            Latch("latch", "equity_stop", "equity fell by " + DoubleToString(fall, 2) + " percent: all is closed");
    }

    string KilledBy() const
    {
        if(FileIsExist(KILL_FILE))
            return "kill_file";
        if(FileIsExist(FLATTEN_FILE))
            return "flatten_file";
        if(GlobalVariableCheck(KILL_VARIABLE) && GlobalVariableGet(KILL_VARIABLE) != 0)
            return "kill_variable";
        return m_server_kills ? "kill_command" : "";
    }

    // The loss of this day has reached its limit.
    bool IsDayLost() const
    {
        return g_journal.Value("day_block") != "";
    }

    bool IsFlattening() const
    {
        return g_journal.Value("latch") != "" || FileIsExist(FLATTEN_FILE);
    }

    // Why no entry is sent at all; empty where one may be. `is_final` tells that waiting is no use.
    string Block(bool &is_final)
    {
        is_final = true;
        const string killed = KilledBy();
        if(killed != "")
            return killed;
        if(g_journal.Value("latch") != "")
            return "equity_stop";
        if(IsDayLost())
            return "daily_loss";
        const double level = AccountInfoDouble(ACCOUNT_MARGIN_LEVEL);
        if(AccountInfoDouble(ACCOUNT_MARGIN) > 0 && level < g_set.margin_level_min)
            return "margin_level";
        if(AccountIsNetting() && g_set.refuses_netting)
            return "netting_account";
        is_final = false;
        if(!TerminalIsConnected())
            return "not_connected";
        if(!TradingIsAllowed())
            return "trading_off";
        if(!g_journal.IsWritable())
            return "journal_not_writable";
        if(!g_clock.IsKnown() || g_clock.IsSilent())
            return "server_silent";
        if(!g_books.IsMeasured())
            return "account_not_measured";
        if(MathAbs(g_clock.SkewSeconds()) > g_set.skew_seconds_max)
            return "clock_skew";
        return m_server_allows ? "" : "server_halted";
    }

    // Lots that are open or rest, of the whole account.
    double LotsOut() const
    {
        double lots = 0;
        for(int i = PositionsTotal() - 1; i >= 0; i--)
            if(PositionGetTicket(i) > 0)
                lots += PositionGetDouble(POSITION_VOLUME);
        for(int i = OrdersTotal() - 1; i >= 0; i--)
            if(OrderGetTicket(i) > 0)
                lots += OrderGetDouble(ORDER_VOLUME_CURRENT);
        return lots;
    }

    int EntriesToday() const
    {
        return (int)StringToInteger(g_journal.Value("entries"));
    }

    // Why this entry is never sent; empty where it may be.
    string Refusal(const Terms &terms, const Sheet &sheet, const double lots, const bool is_first) const
    {
        if(lots < sheet.lot_min)
            return "volume_below_minimum";
        if(lots > sheet.lot_max || lots > g_set.order_lots_max
           || (m_server_order_lots > 0 && lots > m_server_order_lots + 1e-9))
            return "order_lots_limit";
        const double out = LotsOut() + lots;
        if(out > g_set.open_lots_max + 1e-9 || (m_server_open_lots > 0 && out > m_server_open_lots + 1e-9))
            return "open_lots_limit";
        if(PositionsTotal() + OrdersTotal() >= g_set.positions_max)
            return "positions_limit";
        if(is_first && EntriesToday() >= g_set.entries_a_day_max)
            return "entries_a_day_limit";
        if(g_set.needs_stop && !HasStop(terms))
            return "stop_required";
        if(!SideIsAllowed(sheet, terms.is_buy))
            return "side_not_allowed";
        if(g_set.flat_over_weekend && MinutesToWeekend(sheet.name) <= g_set.weekend_minutes)
            return "weekend";
        return "";
    }

    // A netting position has one stop, that of the order filled last. True where this entry's would
    // take the place of one that is nearer, at the position or at what rests beside it.
    bool WidensShared(const Terms &terms, const double sl, const Sheet &sheet) const
    {
        if(!AccountIsNetting())
            return false;
        for(int i = PositionsTotal() - 1; i >= 0; i--)
            if(PositionGetTicket(i) > 0 && PositionGetString(POSITION_SYMBOL) == terms.symbol
               && (PositionGetInteger(POSITION_TYPE) == POSITION_TYPE_BUY) == terms.is_buy
               && StopWidens(PositionGetDouble(POSITION_SL), sl, terms.is_buy, sheet))
                return true;
        for(int i = OrdersTotal() - 1; i >= 0; i--)
            if(OrderGetTicket(i) > 0 && OrderGetString(ORDER_SYMBOL) == terms.symbol
               && OrderTypeIsBuy(OrderGetInteger(ORDER_TYPE)) == terms.is_buy
               && StopWidens(OrderGetDouble(ORDER_SL), sl, terms.is_buy, sheet))
                return true;
        return false;
    }

    // Why this entry is not sent now, but may be later.
    string Wait(const Terms &terms, const Sheet &sheet, MqlTick &tick) const
    {
        string why = "";
        if(!SessionIsOpen(sheet.name))
            return "session_closed";
        if(!TickFresh(sheet.name, tick, why))
            return why;
        if(StringToInteger(g_journal.Value("pause." + sheet.name)) > g_clock.Now())
            return "deviation_pause";
        const double spread = (tick.ask - tick.bid) / sheet.point;
        int most = g_set.spread_points_max;
        if(terms.spread_max >= 0)
            most = MathMin(most, terms.spread_max);
        return spread > most + 1e-6 ? "spread" : "";
    }
};

Risk g_risk;

#endif
