#ifndef FUSION_SHEETS_MQH
#define FUSION_SHEETS_MQH
// Contract sheets and hello: what the terminal says of the account and of what can be traded.

#include "Lookup.mqh"

#define SHEETS_MAX 500
#define SESSIONS_MAX 64
#define TELLS_ALL 2   // the minor that came with all that is told beyond money and tickets
#define EA_VERSION "1.00"

// SYMBOL_TRADE_MODE_LONGONLY -> longonly.
string EnumWord(const string name, const string prefix)
{
    string word = name;
    StringToLower(word);
    return StringFind(word, prefix) == 0 ? StringSubstr(word, StringLen(prefix)) : "";
}

void PutBit(JsonText &json, const long bits, const int bit, const string word)
{
    if((bits & bit) != 0)
        json.Text("", word);
}

class Sheets
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
        if(count >= SHEETS_MAX || !SymbolIsTellable(name) || IsListed(names, name))
            return;
        ArrayResize(names, count + 1, 64);
        names[count] = name;
    }

    // One odd symbol costs itself, not the hello.
    void Put(JsonText &json, const string name) const
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
        if(g_notes.ServerMinor() >= TELLS_ALL)
            PutModes(json, sheet);
        json.Close("}");
    }

    void PutModes(JsonText &json, const Sheet &sheet) const
    {
        const double loss = SymbolInfoDouble(sheet.name, SYMBOL_TRADE_TICK_VALUE_LOSS);
        if(loss > 0)
            json.Text("tick_value_loss", DecimalText(loss, 10));
        json.Whole("freeze_level_points", MathMax(0, MathMin(sheet.freeze_level, 1000000)));
        json.Text("lots_limit", LotsText(MathMin(sheet.lot_limit, 999999.0)));
        json.Text("trade_mode", EnumWord(EnumToString((ENUM_SYMBOL_TRADE_MODE)sheet.trade_mode), "symbol_trade_mode_"));
        json.Text("execution_mode", EnumWord(EnumToString((ENUM_SYMBOL_TRADE_EXECUTION)sheet.execution), "symbol_trade_execution_"));
        json.Open("filling_modes", "[");
        PutBit(json, sheet.fillings, SYMBOL_FILLING_FOK, "fok");
        PutBit(json, sheet.fillings, SYMBOL_FILLING_IOC, "ioc");
        PutBit(json, sheet.fillings, SYMBOL_FILLING_BOC, "boc");
        json.Close("]");
        json.Open("expiration_modes", "[");
        PutBit(json, sheet.expirations, SYMBOL_EXPIRATION_GTC, "gtc");
        PutBit(json, sheet.expirations, SYMBOL_EXPIRATION_DAY, "day");
        PutBit(json, sheet.expirations, SYMBOL_EXPIRATION_SPECIFIED, "specified");
        PutBit(json, sheet.expirations, SYMBOL_EXPIRATION_SPECIFIED_DAY, "specified_day");
        json.Close("]");
        PutOrderModes(json, sheet.orders);
        PutSessions(json, sheet.name);
        PutSwap(json, sheet.name);
    }

    void PutOrderModes(JsonText &json, const long orders) const
    {
        json.Open("order_modes", "[");
        PutBit(json, orders, SYMBOL_ORDER_MARKET, "market");
        PutBit(json, orders, SYMBOL_ORDER_LIMIT, "limit");
        PutBit(json, orders, SYMBOL_ORDER_STOP, "stop");
        PutBit(json, orders, SYMBOL_ORDER_STOP_LIMIT, "stop_limit");
        PutBit(json, orders, SYMBOL_ORDER_SL, "sl");
        PutBit(json, orders, SYMBOL_ORDER_TP, "tp");
        PutBit(json, orders, SYMBOL_ORDER_CLOSEBY, "closeby");
        json.Close("]");
    }

    void PutSessions(JsonText &json, const string name) const
    {
        int count = 0;
        json.Open("sessions", "[");
        for(int day = 0; day < 7; day++)
            for(uint i = 0; i < 24 && count < SESSIONS_MAX; i++)
            {
                datetime from = 0;
                datetime to = 0;
                if(!SymbolInfoSessionTrade(name, (ENUM_DAY_OF_WEEK)day, i, from, to))
                    break;
                const long end = MathMin((long)to, (long)86400);
                if((long)from >= end)
                    continue;
                count++;
                json.Open("", "{");
                json.Whole("day", day);
                json.Whole("from_seconds", (long)from);
                json.Whole("to_seconds", end);
                json.Close("}");
            }
        json.Close("]");
    }

    void PutSwap(JsonText &json, const string name) const
    {
        const string currency = SymbolInfoString(name, SYMBOL_CURRENCY_PROFIT);
        if(CurrencyIsTellable(currency))
            json.Text("profit_currency", currency);
        json.Text("swap_mode", EnumWord(EnumToString((ENUM_SYMBOL_SWAP_MODE)SymbolInfoInteger(name, SYMBOL_SWAP_MODE)), "symbol_swap_mode_"));
        json.Text("swap_long", DecimalText(SymbolInfoDouble(name, SYMBOL_SWAP_LONG), 8));
        json.Text("swap_short", DecimalText(SymbolInfoDouble(name, SYMBOL_SWAP_SHORT), 8));
        const int triple = (int)SymbolInfoInteger(name, SYMBOL_SWAP_ROLLOVER3DAYS);
        if(triple >= 0 && triple <= 6)
            json.Whole("swap_triple_day", triple);
    }

    bool CurrencyIsTellable(const string currency) const
    {
        const int length = StringLen(currency);
        for(int i = 0; i < length; i++)
        {
            const ushort letter = StringGetCharacter(currency, i);
            if((letter < 'A' || letter > 'Z') && (letter < '0' || letter > '9'))
                return false;
        }
        return length >= 3 && length <= 8;
    }

    string AccountKindWord() const
    {
        const long mode = AccountInfoInteger(ACCOUNT_TRADE_MODE);
        return EnumWord(EnumToString((ENUM_ACCOUNT_TRADE_MODE)mode), "account_trade_mode_");
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

    int Mapped() const
    {
        return ArraySize(m_mapped);
    }

    string MappedName(const int at) const
    {
        return m_mapped[at];
    }

    // The symbols of the map, and those that the trader has in the Market Watch.
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
        PutVersions(json);
        json.Text("balance", MoneyText(AccountInfoDouble(ACCOUNT_BALANCE)));
        json.Text("equity", MoneyText(AccountInfoDouble(ACCOUNT_EQUITY)));
        if(g_notes.ServerMinor() >= TELLS_ALL)
        {
            json.Whole("currency_digits", AccountInfoInteger(ACCOUNT_CURRENCY_DIGITS));
            json.Text("trade_mode", AccountKindWord());
            json.Text("journal_since", g_journal.Value("since"));
        }
        json.Open("symbols", "[");
        for(int i = 0; i < ArraySize(names); i++)
            Put(json, names[i]);
        json.Close("]");
        json.Close("}");
        return json.Written();
    }

    void PutVersions(JsonText &json) const
    {
        json.Open("versions", "{");
        json.Text("executor", "ea " + EA_VERSION);
        json.Text("terminal", IntegerToString(TerminalInfoInteger(TERMINAL_BUILD)));
        json.Close("}");
    }
};

Sheets g_sheets;

#endif
