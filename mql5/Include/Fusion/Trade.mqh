#ifndef FUSION_TRADE_MQH
#define FUSION_TRADE_MQH
// The one place where anything is sent to the broker, and what its answer means.

#include "Broker.mqh"

struct TradeAnswer
{
    uint   retcode;
    int    action;   // ACT_...
    ulong  order;
    ulong  deal;
    double price;
    string message;
};

// Sends and judges by the return code alone: that OrderSend gives true says only that the request
// was well formed.
void TradeSend(MqlTradeRequest &request, TradeAnswer &answer)
{
    MqlTradeResult result;
    ZeroMemory(result);
    ResetLastError();
    const bool was_taken = OrderSend(request, result);
    const int error = GetLastError();
    answer.retcode = result.retcode;
    answer.order = result.order;
    answer.deal = result.deal;
    answer.price = result.price;
    answer.message = TextClean(result.comment, 100);
    answer.action = RetcodeAction(result.retcode);
    if(answer.message == "")
        answer.message = RetcodeName(answer.retcode);
    if(answer.action != ACT_SUCCESS)
        Print("order ", IntegerToString((long)request.magic), ": ", RetcodeName(answer.retcode), " ",
              answer.message, was_taken ? "" : ", error " + IntegerToString(error));
}

// A request with nothing in it but who asks.
void RequestClear(MqlTradeRequest &request, const long magic, const string symbol)
{
    ZeroMemory(request);
    request.magic = (ulong)magic;
    request.symbol = symbol;
    request.comment = IntegerToString(magic);
}

ENUM_ORDER_TYPE_FILLING FillingOf(const string word)
{
    if(word == "fok")
        return ORDER_FILLING_FOK;
    return word == "ioc" ? ORDER_FILLING_IOC : ORDER_FILLING_RETURN;
}

// `return` is no bit of the mask: all but market execution know it.
bool FillingIsAllowed(const string word, const Sheet &sheet)
{
    if(word == "fok")
        return (sheet.fillings & SYMBOL_FILLING_FOK) != 0;
    if(word == "ioc")
        return (sheet.fillings & SYMBOL_FILLING_IOC) != 0;
    return sheet.execution != SYMBOL_TRADE_EXECUTION_MARKET;
}

string FillingName(const string symbol)
{
    return "filling." + symbol;
}

// The filling to ask for: the one that this symbol took before, else the first that the symbol
// says it knows, else the first of those wanted. Empty where all were refused.
string FillingChoose(const string wanted, const Sheet &sheet, const string refused)
{
    string words[];
    const int count = StringSplit(wanted, ',', words);
    const string taken = g_journal.Value(FillingName(sheet.name));
    for(int i = 0; i < count; i++)
        if(words[i] == taken && !IsOneOf(words[i], refused))
            return taken;
    for(int i = 0; i < count; i++)
        if(FillingIsAllowed(words[i], sheet) && !IsOneOf(words[i], refused))
            return words[i];
    for(int i = 0; i < count; i++)
        if(!IsOneOf(words[i], refused))
            return words[i];
    return "";
}

// What rests is sent as `return`, whatever the execution: the Reference wants it, and the broker
// chooses when the order is reached. Some brokers refuse it all the same.
string FillingOfResting(const Sheet &sheet, const string refused)
{
    return IsOneOf("return", refused) ? FillingChoose("fok,ioc", sheet, refused) : "return";
}

// Closes so many lots of a position. The filling is another one after a refusal, once.
void TradeClose(const long position_id, const double lots, const long magic, TradeAnswer &answer)
{
    answer.retcode = TRADE_RETCODE_POSITION_CLOSED;
    answer.action = ACT_NO_OP;
    answer.order = 0;
    answer.deal = 0;
    answer.price = 0;
    answer.message = "the position is closed";
    string refused = "";
    for(int attempt = 0; attempt < 2; attempt++)
    {
        ulong ticket = 0;
        if(!PositionSelectById(position_id, ticket))
            return;
        const string symbol = PositionGetString(POSITION_SYMBOL);
        const bool is_buy = PositionGetInteger(POSITION_TYPE) == POSITION_TYPE_BUY;
        const double open = PositionGetDouble(POSITION_VOLUME);
        Sheet sheet;
        ZeroMemory(sheet);
        string why = "";
        SheetRead(symbol, sheet, why);
        MqlTradeRequest request;
        RequestClear(request, magic, symbol);
        request.action = TRADE_ACTION_DEAL;
        request.position = ticket;
        request.type = is_buy ? ORDER_TYPE_SELL : ORDER_TYPE_BUY;
        request.volume = MathMin(lots, open);
        if(sheet.lot_max > 0)
            request.volume = MathMin(request.volume, sheet.lot_max);
        request.price = SymbolInfoDouble(symbol, is_buy ? SYMBOL_BID : SYMBOL_ASK);
        request.deviation = (ulong)g_set.deviation_points_max;
        const string filling = FillingChoose("fok,ioc,return", sheet, refused);
        request.type_filling = FillingOf(filling);
        TradeSend(request, answer);
        if(answer.retcode != TRADE_RETCODE_INVALID_FILL)
        {
            if(answer.action == ACT_SUCCESS)
                g_journal.Keep(FillingName(symbol), filling);
            return;
        }
        refused += "|" + filling;
    }
}

// Sets stop and target of a position; 0 is none.
void TradeStops(const long position_id, const double sl, const double tp, const long magic,
                TradeAnswer &answer)
{
    answer.retcode = TRADE_RETCODE_POSITION_CLOSED;
    answer.action = ACT_NO_OP;
    answer.message = "the position is closed";
    ulong ticket = 0;
    if(!PositionSelectById(position_id, ticket))
        return;
    MqlTradeRequest request;
    RequestClear(request, magic, PositionGetString(POSITION_SYMBOL));
    request.action = TRADE_ACTION_SLTP;
    request.position = ticket;
    request.sl = sl;
    request.tp = tp;
    TradeSend(request, answer);
}

// Gives the resting order that is selected other prices; its end and its volume stay.
void TradeReprice(const ulong ticket, const double price, const double stoplimit, const double sl,
                  const double tp, const long magic, TradeAnswer &answer)
{
    MqlTradeRequest request;
    RequestClear(request, magic, OrderGetString(ORDER_SYMBOL));
    request.action = TRADE_ACTION_MODIFY;
    request.order = ticket;
    request.price = price;
    request.stoplimit = stoplimit;
    request.sl = sl;
    request.tp = tp;
    request.type_time = (ENUM_ORDER_TYPE_TIME)OrderGetInteger(ORDER_TYPE_TIME);
    request.expiration = (datetime)OrderGetInteger(ORDER_TIME_EXPIRATION);
    TradeSend(request, answer);
}

void TradeRemove(const ulong ticket, const long magic, TradeAnswer &answer)
{
    MqlTradeRequest request;
    RequestClear(request, magic, "");
    request.action = TRADE_ACTION_REMOVE;
    request.order = ticket;
    TradeSend(request, answer);
}

#endif
