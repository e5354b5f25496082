#property version "1.0"
#include "parts.mqh"
input string InpCase = "timer";  // which part is run
input string InpUrl = "";        // where to ask
input int    InpPeriod = 1000;   // milliseconds of a beat
input int    InpSleep = 0;       // milliseconds that a beat takes
input int    InpTimeout = 2000;  // milliseconds of a request
int beats = 0;
int journal = INVALID_HANDLE;
void Boot()
  {
   double boots = GlobalVariableCheck("boots") ? GlobalVariableGet("boots") : 0;
   GlobalVariableSet("boots", boots + 1);
   GlobalVariableTemp("lock");
   Print("boot ", boots + 1, " ", GlobalVariableSetOnCondition("boots", 50, -1), " ", GlobalVariablesTotal());
   if(InpCase == "globals flushed")
      GlobalVariablesFlush();
  }
void Journal()
  {
   journal = FileOpen("log\\journal.txt", FILE_READ | FILE_WRITE | FILE_TXT | FILE_ANSI, ';', CP_UTF8);
   while(!FileIsEnding(journal))
      Print("read ", FileReadString(journal));
   FileWriteString(journal, "first\n");
   FileFlush(journal);
   FileWriteString(journal, "second\n");
  }
void Files()
  {
   uchar bytes[];
   uchar back[];
   ArrayResize(bytes, 4);
   for(int i = 0; i < 4; i++)
      bytes[i] = (uchar)(250 + i * 3);
   int handle = FileOpen("a.bin", FILE_WRITE | FILE_READ | FILE_BIN);
   uint wrote = FileWriteArray(handle, bytes);
   Print(wrote, " ", FileSize(handle), " ", FileTell(handle));
   FileSeek(handle, 1, SEEK_SET);
   uint got = FileReadArray(handle, back);
   Print(got, " ", back[0], " ", FileIsEnding(handle), " ", FileOpen("a.bin", FILE_WRITE | FILE_BIN));
   FileClose(handle);
   bool moved = FileMove("a.bin", 0, "b.bin", 0);
   Print(moved, " ", FileIsExist("a.bin"), " ", FileIsExist("b.bin"));
   bool deleted = FileDelete("b.bin");
   bool again = FileDelete("b.bin");
   Print(deleted, " ", again, " ", GetLastError());
   ResetLastError();
   int none = FileOpen("none.txt", FILE_READ | FILE_BIN);
   Print(none, " ", GetLastError());
   ulong size = FileSize(99);
   Print(size, " ", GetLastError());
  }
void Ask()
  {
   uchar body[];
   uchar answer[];
   string headers = "";
   StringToCharArray("{\"n\":1}", body, 0, WHOLE_ARRAY, CP_UTF8);
   ArrayResize(body, ArraySize(body) - 1);
   ulong before = GetTickCount64();
   ResetLastError();
   int status = WebRequest("POST", InpUrl, "Content-Type: application/json\r\n", InpTimeout, body, answer, headers);
   string text = CharArrayToString(answer, 0, WHOLE_ARRAY, CP_UTF8);
   Print("status ", status, " error ", GetLastError(), " took ", GetTickCount64() - before, " size ", ArraySize(answer), " ", StringSubstr(text, 0, 60));
   Print("kind ", StringFind(headers, "X-Kind: test\r\n") >= 0);
  }
int OnInit()
  {
   Print("init");
   if(InpCase == "refuse")
      return INIT_PARAMETERS_INCORRECT;
   if(StringFind(InpCase, "globals") == 0)
      Boot();
   if(InpCase == "journal")
      Journal();
   if(InpCase == "files")
      Files();
   if(InpCase == "ask")
      Ask();
   EventSetMillisecondTimer(InpPeriod);
   return INIT_SUCCEEDED;
  }
void OnTimer()
  {
   beats++;
   Print("beat ", beats, " ", TimeToString(TimeGMT(), TIME_MINUTES | TIME_SECONDS));
   if(InpSleep > 0)
      Sleep(InpSleep);
   if(InpCase == "remove" && beats == 2)
      ExpertRemove();
   if(InpCase == "kill timer" && beats == 2)
      EventKillTimer();
  }
void OnDeinit(const int reason)
  {
   Print("deinit ", reason, " ", UninitializeReason() == reason);
   if(journal != INVALID_HANDLE)
      FileClose(journal);
  }
