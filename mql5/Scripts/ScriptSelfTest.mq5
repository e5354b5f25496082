// Tries the executor's own parts in this very terminal: JSON, signatures, rounding, files.
// Run it once after installing (docs/ea.md); it trades nothing and talks to nobody.
#property copyright "Fusion"
#property version   "1.00"

#include <Fusion/Json.mqh>
#include <Fusion/JsonText.mqh>
#include <Fusion/JournalFile.mqh>
#include <Fusion/Symbols.mqh>

int g_passed = 0;
int g_failed = 0;

void Check(const string what, const bool holds)
{
    if(holds)
        g_passed++;
    else
        g_failed++;
    Print(holds ? "PASS " : "FAIL ", what);
}

string HmacOfHex(const uchar key_byte, const int key_length, const string text)
{
    uchar key[];
    uchar bytes[];
    ArrayResize(key, key_length);
    for(int i = 0; i < key_length; i++)
        key[i] = key_byte;
    BytesOf(text, bytes);
    return HmacSha256(key, bytes);
}

// RFC 4231, cases 1, 2 and 6, and the signed call of docs/executor.md.
void CheckSignatures()
{
    Check("HMAC of RFC 4231, case 1", HmacOfHex(0x0b, 20, "Hi There")
          == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    uchar key[];
    uchar bytes[];
    BytesOf("Jefe", key);
    BytesOf("what do ya want for nothing?", bytes);
    Check("HMAC of RFC 4231, case 2", HmacSha256(key, bytes)
          == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    Check("HMAC of RFC 4231, case 6", HmacOfHex(0xaa, 131, "Test Using Larger Than Block-Size Key - Hash Key First")
          == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    string signing_key = "";
    for(int i = 0; i < 32; i++)
        signing_key += "0f";
    BytesOf(signing_key, key);
    BytesOf("POST\n/api/v1/executor/poll\n1772452800000\nf3b1c8-1\n{\"instance\":\"ea-1\"}", bytes);
    Check("the signed call of docs/executor.md", HmacSha256(key, bytes)
          == "3b787fadcdc64cd44ea2688e4334df3f442d1d5593af78ac183b0304929bc539");
}

bool IsRefused(const string text)
{
    JsonDoc doc;
    return !doc.ReadText(text);
}

void CheckJson()
{
    JsonDoc doc;
    Check("JSON is read", doc.ReadText("{\"a\": \"4503599627370495\", \"b\": [1, true, null], \"c\": \"\\u00e9\\n\"}"));
    Check("an identifier keeps its last digit", doc.Ticket(0, "a") == 4503599627370495);
    Check("an escaped letter is read", StringLen(doc.Text(0, "c")) == 2);
    Check("a list has its parts", doc.First(doc.Part(0, "b", JSON_ARRAY)) > 0);
    Check("nothing was missing", doc.Fault() == "");
    doc.Ticket(0, "b");
    Check("a list is no number", doc.Fault() != "");
    Check("JSON that is cut off is refused", IsRefused("{\"a\": 1"));
    Check("a number with a leading zero is refused", IsRefused("{\"a\": 01}"));
    Check("a name that comes twice is refused", IsRefused("{\"a\": 1, \"a\": 2}"));
    Check("what follows the end is refused", IsRefused("{} {}"));
    Check("HTML is refused", IsRefused("<html></html>"));
    JsonText json;
    json.Open("", "{");
    json.Text("a", "x\"y\\z");
    json.Ticket("t", 4503599627370495);
    json.Close("}");
    Check("JSON is written", json.Written() == "{\"a\":\"x\\\"y\\\\z\",\"t\":\"4503599627370495\"}");
}

void CheckNumbers()
{
    Sheet sheet;
    ZeroMemory(sheet);
    sheet.digits = 2;
    sheet.point = 0.01;
    sheet.tick_size = 0.25;
    sheet.lot_step = 0.1;
    sheet.lot_min = 0.1;
    Check("lots are floored", MathAbs(LotsFloor(0.79, sheet) - 0.7) < 1e-9);
    Check("whole steps stay", MathAbs(LotsFloor(0.3, sheet) - 0.3) < 1e-9);
    Check("a price stands on a tick", MathAbs(PriceSnap(100.30, sheet) - 100.25) < 1e-9);
    Check("money has no exponent", MoneyText(-0.00000001) == "-0.00000001" && MoneyText(1234567.5) == "1234567.5");
    Check("zero has no minus", MoneyText(-0.000000001) == "0");
    long moment = 0;
    Check("a moment is read", MomentRead("2026-03-02T12:00:00.250Z", moment) && moment == 1772452800250);
    Check("a moment is written", MomentText(1772452800250) == "2026-03-02T12:00:00.250Z");
    Check("a day that is not is refused", !MomentRead("2026-02-30T12:00:00.250Z", moment));
    long whole = 0;
    Check("2^63 is too much", !WholeRead("9223372036854775808", whole) && WholeRead("9223372036854775807", whole));
}

void CheckFiles()
{
    const string path = "Fusion\\selftest\\journal.txt";
    FolderCreate("Fusion\\selftest");
    if(FileIsExist(path))
        FileDelete(path);
    string lines[];
    bool is_torn = false;
    int damaged = 0;
    JournalFile file;
    Check("a journal is opened", file.Open(path, lines, is_torn, damaged));
    Check("a line is written", file.Append("first") && file.Append("second"));
    file.Close();
    Check("both lines are read", file.Open(path, lines, is_torn, damaged) && ArraySize(lines) == 2
          && lines[1] == "second" && !is_torn && damaged == 0);
    file.Close();
    const int handle = FileOpen(path, FILE_READ | FILE_WRITE | FILE_BIN);
    uchar torn[];
    BytesOf("0123456789abcdef torn", torn);
    FileSeek(handle, 0, SEEK_END);
    FileWriteArray(handle, torn);
    FileClose(handle);
    Check("a torn line is left out", file.Open(path, lines, is_torn, damaged) && ArraySize(lines) == 2 && is_torn);
    Check("the file is written anew", file.Rewrite(lines) && file.Append("third"));
    file.Close();
    Check("and is whole", file.Open(path, lines, is_torn, damaged) && ArraySize(lines) == 3 && !is_torn);
    file.Close();
    FileDelete(path);
}

void OnStart()
{
    CheckSignatures();
    CheckJson();
    CheckNumbers();
    CheckFiles();
    Print("ScriptSelfTest: ", IntegerToString(g_passed), " passed, ", IntegerToString(g_failed), " failed",
          g_failed == 0 ? "" : ": do not trade with this terminal, report the lines that say FAIL");
}
