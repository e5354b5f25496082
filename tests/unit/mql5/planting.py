"""A program without a fault, and lines to plant into it."""

from pathlib import Path

from mql5.host.lint.checking import lint
from mql5.host.program import load

CLEAN = """#property version "1.0"
#include "clean.mqh"
#define LIMIT 3
enum Side { SIDE_BUY = 1, SIDE_SELL = 2 };
struct Deal
  {
   string   name;
   double   volumes[3];
   Side     side;
   datetime at;
  };
class Book
  {
private:
   int      m_count;
public:
            Book() : m_count(0) {}
   int      Count() const { return m_count; }
   void     Add(const Deal &deal);
  };
void Book::Add(const Deal &deal)
  {
   if(deal.volumes[0] > 0)
      m_count++;
  }
input group "Limits"
input int InpCount = 3; // how many
Deal deals[];
Book book;
double Sum(const double &values[], const int from = 0)
  {
   double sum = 0;
   for(int i = from; i < ArraySize(values); i++)
      sum += values[i] / 2.0;
   return sum;
  }
// file
int OnInit()
  {
   int a = 0, b = 1;
   string text = "x'y" + IntegerToString(LIMIT);
   Deal deal;
   ZeroMemory(deal);
   deal.at = D'2026.01.31 14:05';
   uchar bytes[];
   StringToCharArray(text, bytes, 0, WHOLE_ARRAY, CP_UTF8);
   int handle = FileOpen("a.txt", FILE_WRITE | FILE_TXT | FILE_ANSI, ';', CP_UTF8);
   FileClose(handle);
   switch(a)
     {
      case 'a': b = 2; break;
      default: b = (a & b) > 0 ? ~a : -b;
     }
   book.Add(deal);
   // body
   return a == b ? INIT_SUCCEEDED : INIT_FAILED;
  }
void OnTimer()
  {
   Print("beat ", book.Count());
  }
"""
INCLUDED = """// What the program includes.
#ifndef CLEAN_MQH
#define CLEAN_MQH
int Twice(const int value)
  {
   return value * 2;
  }
#endif
"""


def written(folder: Path, main: str = CLEAN, included: str = INCLUDED) -> Path:
    """The program's path, in a folder like a terminal's."""
    path = folder / "Experts" / "clean.mq5"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(main)
    path.with_name("clean.mqh").write_text(included)
    return path


def planted(body: str = "", file: str = "", swap: tuple[str, str] = ("", "")) -> str:
    """The clean program with a line in OnInit, one at the top of the file, or one exchanged."""
    text = CLEAN.replace("// body", body).replace("// file", file)
    if swap[0]:
        assert text.count(swap[0]) == 1, swap[0]
        text = text.replace(*swap)
    return text


def codes(folder: Path, main: str = CLEAN, included: str = INCLUDED) -> set[str]:
    """The rules that find something."""
    return {one.code for one in lint(load(written(folder, main, included)))}
