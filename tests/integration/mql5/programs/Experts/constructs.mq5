#property strict
#include <Sub/lib.mqh>
input ENUM_TIMEFRAMES InpFrame = PERIOD_H1; // frame
input ulong InpMagic = 4503599627370495; // magic
Square squares[2];
const double RATES[] = {1.5, -2.5};
Item Make(const string text, double v = STEP)
  {
   Item one;
   ZeroMemory(one);
   one.text = text + "/" + DoubleToString(v, 2);
   one.v = v;
   return(one);
  }
void Change(string &s, double &values[], bool &flag)
  {
   s += "!";
   flag = !flag;
   for(int i = 0, j = ArraySize(values) - 1; i < j; i++, j--)
     {
      double t = values[i];
      values[i] = values[j];
      values[j] = t;
     }
  }
double AreaOf(const Shape &shape) { return shape.Area(); }
int OnInit()
  {
   squares[0].Put(Make("a"));
   squares[0].Put(Make("b", 3.0 / 2));
   Print(squares[0].Last().text, " ", AreaOf(squares[1]), " ", Square::Made(), " ", NAME);
   double list[5];
   for(int i = 0; i < ArraySize(list); i++)
      list[i] = i * RATES[0] / 3 / (i + 1) + (double)i / (double)5;
   string s = "x";
   bool flag = false;
   Change(s, list, flag);
   int i = 0;
   do
     {
      i++;
      if(i == 2)
         continue;
     }
   while(i < 4 && !IsStopped());
   list[i--] = -1;
   list[0] /= list[1] + 1;
   list[1] -= list[2] / list[3];
   datetime t = TimeGMT() - 60;
   static datetime last = 0;
   if(t - last > 5 && t > 0)
      last = t;
   ushort ch = StringGetCharacter("a\"b", 1);
   string kind = (ch == '"' || ch == '\\' || ch == '\'') ? "quote" : "";
   Print(s, flag, " ", i, " ", list[4], " ", TimeToString(last), " ", kind, " ", StringFormat("%I64u %s", InpMagic, kind != "" ? "yes" : "no"));
   ulong mask = 0xFF;
   mask = (mask << 8) ^ 0x0F;
   uchar b = (uchar)(mask & 0xFF);
   Print(mask, " ", b, " ", EnumToString(InpFrame), " ", sizeof(int), " ", -5 / 2, " ", MathAbs(-3), " ", (int)MathFloor(2.7));
   MqlTradeRequest request;
   ZeroMemory(request);
   request.action = TRADE_ACTION_DEAL;
   request.magic = InpMagic;
   MqlTradeResult result;
   ZeroMemory(result);
   if(!OrderSend(request, result)) // send
      Print("no");
   return(INIT_SUCCEEDED);
  }
