// Carries out one instruction a second, and prints what the terminal says.
#property strict
input string InpScript = ""; // instructions between semicolons
input bool   InpHear = false; // print trade transactions
input int    InpPeriod = 1000; // milliseconds
string g_steps[];
int    g_at = 0;

string Word(const string text, const string name, const string fallback = "")
  {
   string words[];
   int count = StringSplit(text, ' ', words);
   for(int i = 0; i < count; i++)
     {
      int mark = StringFind(words[i], "=");
      if(mark > 0 && StringSubstr(words[i], 0, mark) == name)
         return StringSubstr(words[i], mark + 1);
     }
   return fallback;
  }
ENUM_TRADE_REQUEST_ACTIONS ActionOf(const string text)
  {
   if(text == "pending") return TRADE_ACTION_PENDING;
   if(text == "sltp") return TRADE_ACTION_SLTP;
   if(text == "modify") return TRADE_ACTION_MODIFY;
   if(text == "remove") return TRADE_ACTION_REMOVE;
   if(text == "closeby") return TRADE_ACTION_CLOSE_BY;
   return TRADE_ACTION_DEAL;
  }
ENUM_ORDER_TYPE TypeOf(const string text)
  {
   if(text == "sell") return ORDER_TYPE_SELL;
   if(text == "buylimit") return ORDER_TYPE_BUY_LIMIT;
   if(text == "selllimit") return ORDER_TYPE_SELL_LIMIT;
   if(text == "buystop") return ORDER_TYPE_BUY_STOP;
   if(text == "sellstop") return ORDER_TYPE_SELL_STOP;
   if(text == "buystoplimit") return ORDER_TYPE_BUY_STOP_LIMIT;
   if(text == "sellstoplimit") return ORDER_TYPE_SELL_STOP_LIMIT;
   return ORDER_TYPE_BUY;
  }
ENUM_ORDER_TYPE_FILLING FillingOf(const string text)
  {
   if(text == "ioc") return ORDER_FILLING_IOC;
   if(text == "return") return ORDER_FILLING_RETURN;
   if(text == "boc") return ORDER_FILLING_BOC;
   return ORDER_FILLING_FOK;
  }
ENUM_ORDER_TYPE_TIME TimeOf(const string text)
  {
   if(text == "day") return ORDER_TIME_DAY;
   if(text == "specified") return ORDER_TIME_SPECIFIED;
   if(text == "specifiedday") return ORDER_TIME_SPECIFIED_DAY;
   return ORDER_TIME_GTC;
  }
// A number, or `ask` or `bid` with points added: ask, bid+20, ask-5.
double PriceOf(const string symbol, const string text)
  {
   if(text == "")
      return 0;
   string side = StringSubstr(text, 0, 3);
   if(side != "ask" && side != "bid")
      return StringToDouble(text);
   double points = StringLen(text) > 3 ? StringToDouble(StringSubstr(text, 3)) : 0.0;
   double base = SymbolInfoDouble(symbol, side == "ask" ? SYMBOL_ASK : SYMBOL_BID);
   int digits = (int)SymbolInfoInteger(symbol, SYMBOL_DIGITS);
   return NormalizeDouble(base + points * SymbolInfoDouble(symbol, SYMBOL_POINT), digits);
  }
// A ticket, or @N: the Nth that is open.
ulong TicketOf(const string text, const bool position)
  {
   if(StringSubstr(text, 0, 1) != "@")
      return (ulong)StringToInteger(text);
   int at = (int)StringToInteger(StringSubstr(text, 1));
   return position ? PositionGetTicket(at) : OrderGetTicket(at);
  }
void Fill(const string step, MqlTradeRequest &request)
  {
   ZeroMemory(request);
   string symbol = Word(step, "symbol", "EURUSD");
   request.action = ActionOf(Word(step, "action"));
   request.type = TypeOf(Word(step, "type"));
   request.symbol = symbol;
   request.volume = StringToDouble(Word(step, "volume"));
   request.price = PriceOf(symbol, Word(step, "price"));
   request.stoplimit = PriceOf(symbol, Word(step, "stoplimit"));
   request.sl = PriceOf(symbol, Word(step, "sl"));
   request.tp = PriceOf(symbol, Word(step, "tp"));
   request.deviation = (ulong)StringToInteger(Word(step, "deviation"));
   request.magic = (ulong)StringToInteger(Word(step, "magic"));
   request.comment = Word(step, "comment");
   request.type_filling = FillingOf(Word(step, "filling"));
   request.type_time = TimeOf(Word(step, "time"));
   int lives = (int)StringToInteger(Word(step, "lives"));
   if(lives != 0)
      request.expiration = TimeTradeServer() + lives;
   request.position = TicketOf(Word(step, "position"), true);
   request.position_by = TicketOf(Word(step, "by"), true);
   request.order = TicketOf(Word(step, "order"), false);
  }
void Send(const string step)
  {
   MqlTradeRequest request;
   MqlTradeResult result;
   ZeroMemory(result);
   Fill(step, request);
   ResetLastError();
   bool sent = OrderSend(request, result);
   PrintFormat("sent %s %u error %d volume %.2f price %s deal %s", sent ? "true" : "false", result.retcode,
               GetLastError(), result.volume, DoubleToString(result.price, 5), result.deal != 0 ? "yes" : "no");
  }
void Check(const string step)
  {
   MqlTradeRequest request;
   MqlTradeCheckResult result;
   ZeroMemory(result);
   Fill(step, request);
   bool fine = OrderCheck(request, result);
   PrintFormat("checked %s %u margin %.2f free %.2f", fine ? "true" : "false", result.retcode, result.margin,
               result.margin_free);
  }
void Positions()
  {
   PrintFormat("positions %d", PositionsTotal());
   for(int i = 0; i < PositionsTotal(); i++)
     {
      ulong ticket = PositionGetTicket(i);
      PrintFormat("position %I64u id %I64d %s %s %.2f at %s sl %s tp %s magic %I64d swap %.2f profit %.2f '%s'", ticket,
                  PositionGetInteger(POSITION_IDENTIFIER), PositionGetString(POSITION_SYMBOL),
                  EnumToString((ENUM_POSITION_TYPE)PositionGetInteger(POSITION_TYPE)),
                  PositionGetDouble(POSITION_VOLUME), DoubleToString(PositionGetDouble(POSITION_PRICE_OPEN), 5),
                  DoubleToString(PositionGetDouble(POSITION_SL), 5), DoubleToString(PositionGetDouble(POSITION_TP), 5),
                  PositionGetInteger(POSITION_MAGIC), PositionGetDouble(POSITION_SWAP),
                  PositionGetDouble(POSITION_PROFIT), PositionGetString(POSITION_COMMENT));
     }
  }
void Orders()
  {
   PrintFormat("orders %d", OrdersTotal());
   for(int i = 0; i < OrdersTotal(); i++)
     {
      ulong ticket = OrderGetTicket(i);
      PrintFormat("order %I64u %s %s %.2f of %.2f at %s until %s", ticket,
                  EnumToString((ENUM_ORDER_TYPE)OrderGetInteger(ORDER_TYPE)),
                  EnumToString((ENUM_ORDER_STATE)OrderGetInteger(ORDER_STATE)), OrderGetDouble(ORDER_VOLUME_CURRENT),
                  OrderGetDouble(ORDER_VOLUME_INITIAL), DoubleToString(OrderGetDouble(ORDER_PRICE_OPEN), 5),
                  TimeToString((datetime)OrderGetInteger(ORDER_TIME_EXPIRATION), TIME_DATE | TIME_SECONDS));
     }
  }
void History(const string step)
  {
   string position = Word(step, "position");
   bool selected = position == "" ? HistorySelect(0, TimeTradeServer() + 86400)
                                  : HistorySelectByPosition(StringToInteger(position));
   PrintFormat("history %s orders %d deals %d", selected ? "true" : "false", HistoryOrdersTotal(), HistoryDealsTotal());
   for(int i = 0; i < HistoryDealsTotal(); i++)
     {
      ulong ticket = HistoryDealGetTicket(i);
      PrintFormat("deal %I64u order %I64d position %I64d %s %s %s %.2f at %s profit %.2f swap %.2f commission %.2f fee %.2f magic %I64d '%s'",
                  ticket, HistoryDealGetInteger(ticket, DEAL_ORDER), HistoryDealGetInteger(ticket, DEAL_POSITION_ID),
                  EnumToString((ENUM_DEAL_TYPE)HistoryDealGetInteger(ticket, DEAL_TYPE)),
                  EnumToString((ENUM_DEAL_ENTRY)HistoryDealGetInteger(ticket, DEAL_ENTRY)),
                  EnumToString((ENUM_DEAL_REASON)HistoryDealGetInteger(ticket, DEAL_REASON)),
                  HistoryDealGetDouble(ticket, DEAL_VOLUME), DoubleToString(HistoryDealGetDouble(ticket, DEAL_PRICE), 5),
                  HistoryDealGetDouble(ticket, DEAL_PROFIT), HistoryDealGetDouble(ticket, DEAL_SWAP),
                  HistoryDealGetDouble(ticket, DEAL_COMMISSION), HistoryDealGetDouble(ticket, DEAL_FEE),
                  HistoryDealGetInteger(ticket, DEAL_MAGIC), HistoryDealGetString(ticket, DEAL_COMMENT));
     }
   for(int i = 0; i < HistoryOrdersTotal(); i++)
     {
      ulong ticket = HistoryOrderGetTicket(i);
      PrintFormat("past %I64u %s %s %.2f of %.2f position %I64d", ticket,
                  EnumToString((ENUM_ORDER_TYPE)HistoryOrderGetInteger(ticket, ORDER_TYPE)),
                  EnumToString((ENUM_ORDER_STATE)HistoryOrderGetInteger(ticket, ORDER_STATE)),
                  HistoryOrderGetDouble(ticket, ORDER_VOLUME_CURRENT), HistoryOrderGetDouble(ticket, ORDER_VOLUME_INITIAL),
                  HistoryOrderGetInteger(ticket, ORDER_POSITION_ID));
     }
  }
void Account()
  {
   PrintFormat("account %I64d %s %.2f equity %.2f margin %.2f level %.2f connected %d allowed %d %I64d %I64d", AccountInfoInteger(ACCOUNT_LOGIN),
               AccountInfoString(ACCOUNT_SERVER), AccountInfoDouble(ACCOUNT_BALANCE), AccountInfoDouble(ACCOUNT_EQUITY),
               AccountInfoDouble(ACCOUNT_MARGIN), AccountInfoDouble(ACCOUNT_MARGIN_LEVEL), TerminalInfoInteger(TERMINAL_CONNECTED),
               TerminalInfoInteger(TERMINAL_TRADE_ALLOWED), AccountInfoInteger(ACCOUNT_TRADE_ALLOWED),
               AccountInfoInteger(ACCOUNT_TRADE_EXPERT));
  }
void Tick(const string step)
  {
   string symbol = Word(step, "symbol", "EURUSD");
   MqlTick tick;
   ZeroMemory(tick);
   ResetLastError();
   bool there = SymbolInfoTick(symbol, tick);
   PrintFormat("tick %s %s %s %s at %I64d error %d", there ? "true" : "false", symbol, DoubleToString(tick.bid, 5),
               DoubleToString(tick.ask, 5), tick.time_msc, GetLastError());
  }
void Quotes()
  {
   string line = "quotes";
   for(int i = 0; i < SymbolsTotal(true); i++)
     {
      string symbol = SymbolName(i, true);
      int digits = (int)SymbolInfoInteger(symbol, SYMBOL_DIGITS);
      line += " " + DoubleToString(SymbolInfoDouble(symbol, SYMBOL_BID), digits) + " "
              + DoubleToString(SymbolInfoDouble(symbol, SYMBOL_ASK), digits);
     }
   Print(line);
  }
void Clock()
  {
   PrintFormat("clock current %s server %s gmt %s ticks %I64u", TimeToString(TimeCurrent(), TIME_DATE | TIME_SECONDS),
               TimeToString(TimeTradeServer(), TIME_DATE | TIME_SECONDS), TimeToString(TimeGMT(), TIME_DATE | TIME_SECONDS),
               GetTickCount64());
  }
void Rates(const string step)
  {
   MqlRates rates[];
   int count = CopyRates(Word(step, "symbol", "EURUSD"), PERIOD_M1, 0, 3, rates);
   PrintFormat("rates %d", count);
   for(int i = 0; i < count; i++)
      PrintFormat("bar %s %s %s %s %s of %I64d", TimeToString(rates[i].time, TIME_DATE | TIME_SECONDS),
                  DoubleToString(rates[i].open, 5), DoubleToString(rates[i].high, 5), DoubleToString(rates[i].low, 5),
                  DoubleToString(rates[i].close, 5), rates[i].tick_volume);
  }
void Terms(const string step)
  {
   string symbol = Word(step, "symbol", "EURUSD");
   datetime from = 0, to = 0;
   bool session = SymbolInfoSessionTrade(symbol, MONDAY, 0, from, to);
   PrintFormat("symbol %s digits %I64d tick %s value %s contract %s volume %s %s %s session %s %I64d %I64d", symbol, SymbolInfoInteger(symbol, SYMBOL_DIGITS),
               DoubleToString(SymbolInfoDouble(symbol, SYMBOL_TRADE_TICK_SIZE), 5),
               DoubleToString(SymbolInfoDouble(symbol, SYMBOL_TRADE_TICK_VALUE), 5),
               DoubleToString(SymbolInfoDouble(symbol, SYMBOL_TRADE_CONTRACT_SIZE), 0),
               DoubleToString(SymbolInfoDouble(symbol, SYMBOL_VOLUME_MIN), 2),
               DoubleToString(SymbolInfoDouble(symbol, SYMBOL_VOLUME_STEP), 2),
               DoubleToString(SymbolInfoDouble(symbol, SYMBOL_VOLUME_MAX), 2), session ? "true" : "false", from, to);
  }
void Note(const string step)
  {
   int handle = FileOpen("note.txt", FILE_READ | FILE_WRITE | FILE_TXT | FILE_ANSI, ';', CP_UTF8);
   FileSeek(handle, 0, SEEK_END);
   ResetLastError();
   uint wrote = FileWriteString(handle, Word(step, "text") + "\n");
   FileFlush(handle);
   PrintFormat("wrote %u error %d", wrote, GetLastError());
   FileClose(handle);
  }
void Ask(const string step)
  {
   uchar body[];
   uchar answer[];
   string headers = "";
   ArrayResize(body, 0);
   ResetLastError();
   int status = WebRequest("POST", Word(step, "url"), "", 1000, body, answer, headers);
   PrintFormat("asked %d error %d '%s'", status, GetLastError(), CharArrayToString(answer, 0, WHOLE_ARRAY, CP_UTF8));
  }
void Carry(const string step)
  {
   string what = Word(step, "do", "send");
   if(what == "send") Send(step);
   else if(what == "check") Check(step);
   else if(what == "positions") Positions();
   else if(what == "orders") Orders();
   else if(what == "history") History(step);
   else if(what == "account") Account();
   else if(what == "tick") Tick(step);
   else if(what == "quotes") Quotes();
   else if(what == "clock") Clock();
   else if(what == "rates") Rates(step);
   else if(what == "symbol") Terms(step);
   else if(what == "file") Note(step);
   else if(what == "ask") Ask(step);
   else if(what == "watch") PrintFormat("watch %s", SymbolSelect(Word(step, "symbol"), Word(step, "on", "yes") == "yes") ? "true" : "false");
   else if(what == "dirty")
     {
      MqlTradeRequest request;
      ZeroMemory(request);
      request.action = (ENUM_TRADE_REQUEST_ACTIONS)99;
      MqlTradeResult result;
      ZeroMemory(result);
      OrderSend(request, result);
     }
  }
int OnInit()
  {
   StringSplit(InpScript, ';', g_steps);
   EventSetMillisecondTimer(InpPeriod);
   return INIT_SUCCEEDED;
  }
void OnTimer()
  {
   // The last instruction is repeated where the script says so.
   bool again = g_at == ArraySize(g_steps) && g_at > 0 && Word(g_steps[g_at - 1], "again") == "yes";
   if(again)
      g_at--;
   if(g_at < ArraySize(g_steps))
      Carry(g_steps[g_at++]);
  }
void OnTradeTransaction(const MqlTradeTransaction &trans, const MqlTradeRequest &request, const MqlTradeResult &result)
  {
   if(InpHear)
      PrintFormat("heard %s deal %s order %I64u position %I64u retcode %u", EnumToString(trans.type),
                  trans.deal != 0 ? "yes" : "no", trans.order, trans.position, result.retcode);
  }
