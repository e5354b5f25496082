#property version "1.0"
#include "parts.mqh"
input group "What to do"
input string   InpCase = "values";              // which part is run
input int      InpNumber = 0;                   // a divisor, an index
input double   InpReal = 0.5;                   // a number
input Side     InpSide = SIDE_BUY;              // a side
input bool     InpFlag = false;                 // a switch
input datetime InpFrom = D'2026.01.02 03:04:05'; // a moment
Leg legs[];
FastMeter meter;
int calls = 0;
const string WORDS[] = {"one", "two", "three"};
int Counted()
  {
   static int count = 0;
   count++;
   return count;
  }
void Values()
  {
   ArrayResize(legs, 2);
   ZeroMemory(legs[0]);
   legs[0].name = GREETING;
   legs[0].volumes[1] = 2.5;
   legs[0].side = InpSide;
   legs[0].at = InpFrom + 60;
   Append(legs[0].tags, 7);
   legs[1] = legs[0];
   legs[1].volumes[1] /= 2;
   Append(legs[1].tags, 8);
   Print(legs[1].name, " ", legs[0].volumes[1], " ", legs[1].volumes[1], " ", ArraySize(legs[0].tags), ArraySize(legs[1].tags));
   Print(EnumToString(legs[1].side), " ", EnumToString((Side)9), " ", (int)SIDE_SELL, " ", legs[0].at, " ", InpFlag, " ", InpReal);
   Print(Sum(legs[0].volumes), " ", Sum(legs[0].volumes, 2), " ", WORDS[2], ArraySize(WORDS));
   meter.Beat();
   meter.Beat();
   Counted();
   Print(meter.Count(), " ", Counted(), " ", D'2024.02.29' - D'2024.02.28');
   int big = INT_MAX;
   big = big + 1;
   uint wrapped = 0;
   wrapped--;
   long wide = LONG_MAX;
   wide++;
   uchar small = 255;
   small++;
   Print(big, " ", wrapped, " ", wide, " ", small, " ", -7 / 2, " ", -7 % 3);
   ushort letter = 'A';
   switch(letter)
     {
      case 'A':
         letter += 1;
         break;
      default:
         letter = 0;
     }
   Print(letter, " ", ShortToString(letter), " ", (5 & 3) | 8, " ", ~0, " ", 1 << 4, " ", InpNumber == 0 ? "zero" : "other");
  }
void Texts()
  {
   Print(DoubleToString(0.125, 2), " ", DoubleToString(-2.5, 0), " ", DoubleToString(9.995, 2), " ", DoubleToString(99.5, 0), " ", DoubleToString(1.1));
   Print(DoubleToString(1e15 / 3, 3), " ", DoubleToString(12345.678, -3), " ", NormalizeDouble(1.23456789, 5), " ", NormalizeDouble(-0.125, 2));
   Print(StringFormat("%05d|%-5s|%5s|%.2f|%8.3f|%I64d|%x|%c|%%|%+d", 42, "ab", "cd", 0.125, -1.0005, (long)1 << 40, 255, 65, 3));
   Print(IntegerToString(-5), " ", IntegerToString(7, 3, '0'), " ", IntegerToString(LONG_MIN), " ", StringToInteger(" -12x"), " ", StringToDouble("1.5e2"), " ", StringToDouble("0x10"), " ", StringToDouble("nan"));
   string text = "a,b,,c";
   string parts[];
   int pieces = StringSplit(text, ',', parts);
   int replaced = StringReplace(text, ",", "; ");
   Print(pieces, parts[0], parts[2], parts[3], " ", replaced, text);
   Print(StringFind("abcabc", "c", 3), StringFind("abc", "z"), " ", StringSubstr("abcdef", 2, 3), StringSubstr("abc", 5), " ", StringCompare("a", "B", false));
   string padded = "  x\t\r\n";
   int left = StringTrimLeft(padded);
   int right = StringTrimRight(padded);
   Print(left, right, "[", padded, "]");
   string greek = "\x03b1\x20ac";
   uchar bytes[];
   int count = StringToCharArray(greek, bytes, 0, WHOLE_ARRAY, CP_UTF8);
   Print(StringLen(greek), " ", count, " ", bytes[0], " ", CharArrayToString(bytes, 0, WHOLE_ARRAY, CP_UTF8) == greek, " ", greek);
   Print(TimeToString(InpFrom), " ", TimeToString(InpFrom, TIME_SECONDS), " ", StringToTime("2026.01.02 03:04:05") == InpFrom, " ", (long)StringToTime("2026.02.30"));
   MqlDateTime at;
   TimeToStruct(InpFrom, at);
   Print(at.year, at.mon, at.day, " ", at.day_of_week, " ", at.day_of_year, " ", StructToTime(at) == InpFrom);
   uchar digest[];
   uchar key[];
   uchar data[];
   StringToCharArray("abc", data, 0, WHOLE_ARRAY, CP_UTF8);
   ArrayResize(data, 3);
   CryptEncode(CRYPT_HASH_SHA256, data, key, digest);
   Print(ArraySize(digest), " ", StringFormat("%02x%02x%02x%02x", digest[0], digest[1], digest[30], digest[31]));
   CryptEncode(CRYPT_BASE64, data, key, digest);
   Print(CharArrayToString(digest, 0, WHOLE_ARRAY, CP_UTF8), " ", MathRound(-2.5), " ", MathMax(2, 3), " ", MathMod(-7.5, 2));
  }
int Deep(const int depth)
  {
   calls++;
   return depth < 0 ? 0 : Deep(depth + 1) + calls;
  }
void Faults()
  {
   int numbers[3];
   string word = "abc";
   ArrayInitialize(numbers, 1);
   if(InpCase == "index")
      Print(numbers[InpNumber]); // index
   if(InpCase == "divide")
      Print(7 / InpNumber); // divide
   if(InpCase == "remainder")
      numbers[0] %= InpNumber; // remainder
   if(InpCase == "real divide")
      Print(7.0 / (InpReal - 0.5)); // real divide
   if(InpCase == "overflow")
      Print((INT_MIN + calls) / (calls - 1)); // overflow
   if(InpCase == "format")
      Print(StringFormat("%d", (long)InpNumber)); // format
   if(InpCase == "format count")
      Print(StringFormat("%s %s", "one")); // format count
   if(InpCase == "letters")
      Print(StringGetCharacter("abc", 9), word[InpNumber]); // letters
   if(InpCase == "broker")
      Print(AccountInfoDouble(ACCOUNT_BALANCE)); // broker
   if(InpCase == "outside")
      Print(FileOpen("../x.txt", FILE_READ | FILE_BIN)); // outside
   if(InpCase == "long name")
      Print(GlobalVariableGet("0123456789012345678901234567890123456789012345678901234567890123")); // long name
   if(InpCase == "negative")
      ArrayResize(legs, InpNumber - 1); // negative
   if(InpCase == "deep")
      Print(Deep(0));
   if(InpCase == "endless")
      while(!IsStopped())
         calls++;
  }
int OnInit()
  {
   if(InpCase == "values")
      Values();
   else if(InpCase == "texts")
      Texts();
   else
      Faults();
   return INIT_SUCCEEDED;
  }
