#ifndef FUSION_TELEMETRY_MQH
#define FUSION_TELEMETRY_MQH
// The heartbeat: money, positions, resting orders, quotes, and why no entry would be sent.

#include "Sheets.mqh"

#define POSITIONS_TOLD_MAX 5000
#define PENDINGS_TOLD_MAX 1000
#define BLOCKED_TOLD_MAX 16

class Telemetry
{
private:
    long m_number;

    void PutPrice(JsonText &json, const string key, const double price) const
    {
        if(price != 0)
            json.Text(key, DecimalText(price, 10));
    }

    void PutTickets(JsonText &json) const
    {
        json.Open("open_tickets", "[");
        for(int i = 0; i < PositionsTotal(); i++)
            if(PositionGetTicket(i) > 0)
                json.Ticket("", PositionGetInteger(POSITION_IDENTIFIER));
        json.Close("]");
    }

    void PutPositions(JsonText &json) const
    {
        json.Open("positions", "[");
        for(int i = 0; i < PositionsTotal() && i < POSITIONS_TOLD_MAX; i++)
        {
            if(PositionGetTicket(i) == 0 || PositionGetDouble(POSITION_VOLUME) <= 0)
                continue;
            json.Open("", "{");
            json.Ticket("position_ticket", PositionGetInteger(POSITION_IDENTIFIER));
            json.Text("symbol", PositionGetString(POSITION_SYMBOL));
            json.Text("side", PositionGetInteger(POSITION_TYPE) == POSITION_TYPE_BUY ? "buy" : "sell");
            json.Text("volume_lots", LotsText(PositionGetDouble(POSITION_VOLUME)));
            json.Text("price_open", DecimalText(PositionGetDouble(POSITION_PRICE_OPEN), 10));
            PutPrice(json, "sl", PositionGetDouble(POSITION_SL));
            PutPrice(json, "tp", PositionGetDouble(POSITION_TP));
            json.Close("}");
        }
        json.Close("]");
    }

    void PutPendings(JsonText &json) const
    {
        json.Open("pendings", "[");
        for(int i = 0; i < OrdersTotal() && i < PENDINGS_TOLD_MAX; i++)
        {
            const ulong ticket = OrderGetTicket(i);
            const long type = ticket > 0 ? OrderGetInteger(ORDER_TYPE) : -1;
            if(type < ORDER_TYPE_BUY_LIMIT || type > ORDER_TYPE_SELL_STOP_LIMIT || OrderGetDouble(ORDER_VOLUME_CURRENT) <= 0)
                continue;
            json.Open("", "{");
            json.Ticket("broker_order_ticket", (long)ticket);
            json.Ticket("magic", OrderGetInteger(ORDER_MAGIC));
            json.Text("symbol", OrderGetString(ORDER_SYMBOL));
            json.Text("kind", EnumWord(EnumToString((ENUM_ORDER_TYPE)type), "order_type_"));
            json.Text("volume_lots", LotsText(OrderGetDouble(ORDER_VOLUME_CURRENT)));
            json.Text("price", DecimalText(OrderGetDouble(ORDER_PRICE_OPEN), 10));
            PutPrice(json, "limit_price", OrderGetDouble(ORDER_PRICE_STOPLIMIT));
            PutPrice(json, "sl", OrderGetDouble(ORDER_SL));
            PutPrice(json, "tp", OrderGetDouble(ORDER_TP));
            const long ends = OrderGetInteger(ORDER_TIME_EXPIRATION);
            if(ends > 0 && OrderGetInteger(ORDER_TYPE_TIME) != ORDER_TIME_GTC)
                json.Text("expires_at", MomentText((ends - BrokerOffset()) * 1000));
            json.Close("}");
        }
        json.Close("]");
    }

    void PutQuotes(JsonText &json) const
    {
        json.Open("quotes", "[");
        for(int i = 0; i < g_sheets.Mapped(); i++)
        {
            MqlTick tick;
            ZeroMemory(tick);
            const string name = g_sheets.MappedName(i);
            if(!SymbolInfoTick(name, tick) || tick.bid == 0 || tick.ask == 0 || tick.time_msc <= 0)
                continue;
            json.Open("", "{");
            json.Text("symbol", name);
            json.Text("bid", DecimalText(tick.bid, 10));
            json.Text("ask", DecimalText(tick.ask, 10));
            json.Whole("time_msc", tick.time_msc);
            json.Close("}");
        }
        json.Close("]");
    }

    // Why no entry would be sent, and for what those that are here wait; each word once.
    void PutBlocked(JsonText &json) const
    {
        bool is_final = false;
        const string block = g_risk.Block(is_final);
        string words = block;
        int count = block == "" ? 0 : 1;
        json.Open("entries_blocked", "[");
        if(block != "")
            json.Text("", block);
        for(int i = 0; i < ArraySize(g_journal.kept) && count < BLOCKED_TOLD_MAX; i++)
        {
            const string why = g_journal.kept[i].waits;
            if(g_journal.kept[i].stage != STAGE_RECEIVED || why == "" || IsOneOf(why, words))
                continue;
            json.Text("", why);
            words += "|" + why;
            count++;
        }
        json.Close("]");
    }

    void PutState(JsonText &json, const long ping_ms) const
    {
        json.Text("margin_free", MoneyText(AccountInfoDouble(ACCOUNT_MARGIN_FREE)));
        json.Text("credit", MoneyText(AccountInfoDouble(ACCOUNT_CREDIT)));
        json.Text("floating", MoneyText(AccountInfoDouble(ACCOUNT_PROFIT)));
        json.Whole("ping_ms", ping_ms);
        json.Whole("skew_ms", MathMax(MathMin(g_clock.SkewSeconds(), (long)86400), (long)-86400) * 1000);
        json.Open("flags", "{");
        json.Flag("connected", TerminalIsConnected());
        json.Flag("terminal_allowed", TerminalInfoInteger(TERMINAL_TRADE_ALLOWED) != 0);
        json.Flag("program_allowed", MQLInfoInteger(MQL_TRADE_ALLOWED) != 0);
        json.Flag("account_allowed", AccountInfoInteger(ACCOUNT_TRADE_ALLOWED) != 0);
        json.Flag("experts_allowed", AccountInfoInteger(ACCOUNT_TRADE_EXPERT) != 0);
        json.Close("}");
        g_sheets.PutVersions(json);
        json.Whole("outbox_depth", g_journal.Untold());
        PutBlocked(json);
        if(g_journal.Value("latch") != "")
            json.Text("latch", "equity_stop");
    }

public:
    Telemetry() : m_number(0) {}

    void Restart()
    {
        m_number = 0;
    }

    string Heartbeat(const string instance, const string boot_nonce, const long ping_ms)
    {
        m_number++;
        JsonText json;
        json.Open("", "{");
        json.Text("instance", instance);
        json.Text("boot_nonce", boot_nonce);
        json.Text("balance", MoneyText(AccountInfoDouble(ACCOUNT_BALANCE)));
        json.Text("equity", MoneyText(AccountInfoDouble(ACCOUNT_EQUITY)));
        json.Text("margin", MoneyText(AccountInfoDouble(ACCOUNT_MARGIN)));
        json.Open("watermark", "{");
        json.Whole("time_msc", g_deals.NewestMsc());
        json.Ticket("ticket", g_deals.NewestTicket());
        json.Close("}");
        if(g_notes.ServerMinor() < TELLS_ALL)
            PutTickets(json);
        else
        {
            json.Whole("number", m_number);
            json.Text("told_at", MomentText((long)TimeGMT() * 1000));
            json.Whole("broker_offset_seconds", BrokerOffset());
            PutPositions(json);
            PutPendings(json);
            PutQuotes(json);
            PutState(json, ping_ms);
        }
        json.Close("}");
        return json.Written();
    }
};

Telemetry g_telemetry;

#endif
