#ifndef FUSION_RISK_MQH
#define FUSION_RISK_MQH
// The terminal's own limits, the last line: never weaker than the server's, kept over restarts.

#include "Orders.mqh"
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
    double m_day_start;
    double m_peak;

    string Today() const
    {
        return TimeToString(TimeTradeServer(), TIME_DATE);
    }

    // What the day began with: the balance of then and what was paid in or out since, or the
    // equity of now where that is more.
    double DayStart(const double equity) const
    {
        const datetime midnight = (datetime)((long)TimeTradeServer() / 86400 * 86400);
        double traded = 0;
        if(HistorySelect(midnight, (datetime)((long)midnight + 2 * 86400)))
            for(int i = HistoryDealsTotal() - 1; i >= 0; i--)
            {
                const ulong ticket = HistoryDealGetTicket(i);
                const long kind = HistoryDealGetInteger(ticket, DEAL_TYPE);
                if(kind == DEAL_TYPE_BUY || kind == DEAL_TYPE_SELL)
                    traded += HistoryDealGetDouble(ticket, DEAL_PROFIT)
                              + HistoryDealGetDouble(ticket, DEAL_SWAP)
                              + HistoryDealGetDouble(ticket, DEAL_COMMISSION)
                              + HistoryDealGetDouble(ticket, DEAL_FEE);
            }
        return MathMax(equity, AccountInfoDouble(ACCOUNT_BALANCE) - traded);
    }

    void Latch(const string name, const string why)
    {
        if(g_journal.Value(name) != "")
            return;
        g_journal.Keep(name, why);
        g_notes.Notify(name == "latch" ? "equity_stop" : "daily_loss", name, why);
    }

    // The trader's reset takes the equity stop back and measures from now on.
    void Reset(const double equity)
    {
        if(!GlobalVariableCheck(RESET_VARIABLE) || GlobalVariableGet(RESET_VARIABLE) == 0)
            return;
        GlobalVariableSet(RESET_VARIABLE, 0);
        m_peak = equity;
        g_journal.Begin();
        g_journal.Put(ValueRecord("latch", ""));
        g_journal.Put(ValueRecord("peak", DoubleToString(equity, 2)));
        g_journal.Commit();
        g_notes.Tell("latch", "");
        g_notes.Tell("reset", "the equity stop was reset by " + RESET_VARIABLE);
        g_notes.Over("reset");
    }

public:
    Risk() : m_server_allows(false), m_server_kills(false), m_server_order_lots(0), m_server_open_lots(0), m_day_start(0),
             m_peak(0) {}

    void Restart()
    {
        m_server_allows = false;
        m_server_kills = false;
        m_server_order_lots = 0;
        m_server_open_lots = 0;
        m_day_start = StringToDouble(g_journal.Value("day_start"));
        m_peak = StringToDouble(g_journal.Value("peak"));
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
    void Beat()
    {
        const double equity = AccountInfoDouble(ACCOUNT_EQUITY);
        if(!TerminalIsConnected() || equity <= 0 || TimeTradeServer() <= 0 || !g_journal.IsWritable())
            return;
        if(g_journal.Value("day") != Today() || m_day_start <= 0)
        {
            m_day_start = DayStart(equity);
            g_journal.Begin();
            g_journal.Put(ValueRecord("day", Today()));
            g_journal.Put(ValueRecord("day_start", DoubleToString(m_day_start, 2)));
            g_journal.Put(ValueRecord("day_block", ""));
            g_journal.Put(ValueRecord("entries", "0"));
            g_journal.Commit();
            g_notes.Over("day_block");
        }
        if(equity > m_peak)
        {
            m_peak = equity;
            g_journal.Keep("peak", DoubleToString(m_peak, 2));
        }
        Reset(equity);
        if(DayLossPercent() >= g_set.daily_loss_percent)
            Latch("day_block", "the day's loss is " + DoubleToString(DayLossPercent(), 2) + " percent");
        if(m_peak > 0 && (m_peak - equity) * 100.0 / m_peak >= g_set.equity_stop_percent)
            Latch("latch", "equity " + DoubleToString(equity, 2) + " after " + DoubleToString(m_peak, 2));
    }

    double DayLossPercent() const
    {
        if(m_day_start <= 0)
            return 0;
        return (m_day_start - AccountInfoDouble(ACCOUNT_EQUITY)) * 100.0 / m_day_start;
    }

    // Money paid in or out is no profit and no loss. Records for the change that tells the deal.
    void PutFlow(const double amount, const datetime at)
    {
        if(m_day_start > 0 && TimeToString(at, TIME_DATE) == g_journal.Value("day"))
            m_day_start += amount;
        m_peak = MathMax(0.01, m_peak + amount);
        g_journal.Put(ValueRecord("day_start", DoubleToString(m_day_start, 2)));
        g_journal.Put(ValueRecord("peak", DoubleToString(m_peak, 2)));
    }

    bool IsMeasured() const
    {
        return m_day_start > 0;
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
        if(g_journal.Value("day_block") != "")
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
        if(!IsMeasured())
            return "account_not_measured";
        if(!g_journal.IsWritable())
            return "journal_not_writable";
        if(!g_clock.IsKnown() || g_clock.IsSilent())
            return "server_silent";
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
    string Refusal(const Terms &terms, const Sheet &sheet, const double lots) const
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
        if(EntriesToday() >= g_set.entries_a_day_max)
            return "entries_a_day_limit";
        if(g_set.needs_stop && !HasStop(terms))
            return "stop_required";
        if(!SideIsAllowed(sheet, terms.is_buy))
            return "side_not_allowed";
        if(g_set.flat_over_weekend && MinutesToWeekend(sheet.name) <= g_set.weekend_minutes)
            return "weekend";
        return "";
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
