#ifndef FUSION_TELEMETRY_MQH
#define FUSION_TELEMETRY_MQH
// What the terminal says of itself: hello with its sheets, heartbeats with money and positions.

#include "Lookup.mqh"

#define SHEETS_MAX 500
#define EA_VERSION "1.00"

class Telemetry
{
private:
    string m_mapped[];    // broker symbols of the server's map

    bool IsListed(const string &names[], const string name) const
    {
        for(int i = 0; i < ArraySize(names); i++)
            if(names[i] == name)
                return true;
        return false;
    }

    void List(string &names[], const string name) const
    {
        const int count = ArraySize(names);
        if(count >= SHEETS_MAX || !TextIsWord(name, 64) || IsListed(names, name))
            return;
        ArrayResize(names, count + 1, 64);
        names[count] = name;
    }

    // One odd symbol costs itself, not the hello.
    void PutSheet(JsonText &json, const string name) const
    {
        Sheet sheet;
        ZeroMemory(sheet);
        string why = "";
        if(!SheetRead(name, sheet, why) || sheet.digits < 0 || sheet.digits > 10)
        {
            g_notes.Tell("symbol " + name, "left out: " + why);
            return;
        }
        json.Open("", "{");
        json.Text("symbol", name);
        json.Whole("digits", sheet.digits);
        json.Text("tick_size", DecimalText(sheet.tick_size, 10));
        json.Text("tick_value", DecimalText(sheet.tick_value, 10));
        json.Text("contract_size", DecimalText(sheet.contract_size, 10));
        json.Text("lot_min", LotsText(sheet.lot_min));
        json.Text("lot_step", LotsText(sheet.lot_step));
        json.Text("lot_max", LotsText(MathMin(sheet.lot_max, 999999.0)));
        json.Whole("stops_level_points", MathMax(0, MathMin(sheet.stops_level, 1000000)));
        json.Close("}");
    }

public:
    void Restart()
    {
        ArrayResize(m_mapped, 0);
    }

    void Map(const string broker_symbol)
    {
        List(m_mapped, broker_symbol);
    }

    string Hello(const string instance, const string boot_nonce) const
    {
        string names[];
        ArrayResize(names, 0);
        for(int i = 0; i < ArraySize(m_mapped); i++)
            List(names, m_mapped[i]);
        const int watched = SymbolsTotal(true);
        for(int i = 0; i < watched; i++)
            List(names, SymbolName(i, true));

        JsonText json;
        json.Open("", "{");
        json.Text("instance", instance);
        json.Whole("api_minor", EA_MINOR);
        json.Text("boot_nonce", boot_nonce);
        json.Text("server", AccountInfoString(ACCOUNT_SERVER));
        json.Text("login", IntegerToString(AccountInfoInteger(ACCOUNT_LOGIN)));
        json.Text("currency", AccountInfoString(ACCOUNT_CURRENCY));
        json.Text("margin_mode", AccountIsNetting() ? "netting" : "hedging");
        json.Open("versions", "{");
        json.Text("executor", "ea " + EA_VERSION);
        json.Text("terminal", IntegerToString(TerminalInfoInteger(TERMINAL_BUILD)));
        json.Close("}");
        json.Text("balance", MoneyText(AccountInfoDouble(ACCOUNT_BALANCE)));
        json.Text("equity", MoneyText(AccountInfoDouble(ACCOUNT_EQUITY)));
        json.Open("symbols", "[");
        for(int i = 0; i < ArraySize(names); i++)
            PutSheet(json, names[i]);
        json.Close("]");
        json.Close("}");
        return json.Written();
    }

    string Heartbeat(const string instance, const string boot_nonce) const
    {
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
        json.Open("open_tickets", "[");
        for(int i = 0; i < PositionsTotal(); i++)
            if(PositionGetTicket(i) > 0)
                json.Ticket("", PositionGetInteger(POSITION_IDENTIFIER));
        json.Close("]");
        json.Close("}");
        return json.Written();
    }
};

Telemetry g_telemetry;

#endif
