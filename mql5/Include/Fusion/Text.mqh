#ifndef FUSION_TEXT_MQH
#define FUSION_TEXT_MQH
// Numbers, moments and bytes as text, strictly: what is not of its pattern is not read. No state.

#define MESSAGE_MAX 400

bool TextIsDigits(const string text)
{
    const int length = StringLen(text);
    for(int i = 0; i < length; i++)
    {
        const ushort letter = StringGetCharacter(text, i);
        if(letter < '0' || letter > '9')
            return false;
    }
    return length > 0;
}

// A whole number from 0 to 2^63 - 1. Identifiers go this way and never through a double.
bool WholeRead(const string text, long &value)
{
    value = 0;
    if(StringLen(text) > 19 || !TextIsDigits(text))
        return false;
    for(int i = 0; i < StringLen(text); i++)
    {
        const long digit = StringGetCharacter(text, i) - '0';
        if(value > (LONG_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    return true;
}

// A decimal of 0 or more with at most so many whole and further digits; no sign, no exponent.
bool DecimalRead(const string text, const int whole_max, const int part_max, double &value)
{
    value = 0;
    const int dot = StringFind(text, ".");
    const string whole = dot < 0 ? text : StringSubstr(text, 0, dot);
    if(!TextIsDigits(whole) || StringLen(whole) > whole_max)
        return false;
    if(dot >= 0)
    {
        const string part = StringSubstr(text, dot + 1);
        if(!TextIsDigits(part) || StringLen(part) > part_max)
            return false;
    }
    value = StringToDouble(text);
    return MathIsValidNumber(value);
}

// A number as the wire takes it: no exponent, no zeros at the end, no minus before a zero.
string DecimalText(const double value, const int digits)
{
    if(!MathIsValidNumber(value))
        return "0";
    string text = DoubleToString(value, digits);
    if(StringFind(text, ".") >= 0)
    {
        int length = StringLen(text);
        while(StringGetCharacter(text, length - 1) == '0')
            length--;
        if(StringGetCharacter(text, length - 1) == '.')
            length--;
        text = StringSubstr(text, 0, length);
    }
    return text == "-0" ? "0" : text;
}

// Money in the account's currency; MT5 keeps it as a double with at most 8 digits that count.
string MoneyText(const double value)
{
    return DecimalText(value, 8);
}

string LotsText(const double value)
{
    return DecimalText(MathMax(0.0, value), 8);
}

// Broker and server may write what they like; one line of printable text goes on from here.
string TextClean(const string text, const int length_max = MESSAGE_MAX)
{
    string clean = "";
    const int length = MathMin(StringLen(text), length_max);
    for(int i = 0; i < length; i++)
    {
        const ushort letter = StringGetCharacter(text, i);
        const bool is_odd = letter < 32 || letter == 127 || letter >= 0xD800;
        clean += is_odd ? " " : ShortToString(letter);
    }
    return clean;
}

// Printable ASCII without blanks, which is what names are on the wire.
bool TextIsWord(const string text, const int length_max)
{
    const int length = StringLen(text);
    for(int i = 0; i < length; i++)
    {
        const ushort letter = StringGetCharacter(text, i);
        if(letter <= 32 || letter > 126)
            return false;
    }
    return length > 0 && length <= length_max;
}

// A symbol's name as the wire takes it: printable ASCII, blanks inside.
bool SymbolIsTellable(const string name)
{
    string inside = name;
    StringReplace(inside, " ", "_");
    const int length = StringLen(name);
    return TextIsWord(inside, 64) && StringGetCharacter(name, 0) != ' '
           && StringGetCharacter(name, length - 1) != ' ';
}

bool TextEndsWith(const string text, const string end)
{
    const int at = StringLen(text) - StringLen(end);
    return at >= 0 && StringSubstr(text, at) == end;
}

bool DateIsReal(const MqlDateTime &moment)
{
    if(moment.year < 1970 || moment.year > 2999 || moment.mon < 1 || moment.mon > 12)
        return false;
    const int lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = moment.year % 4 == 0 && (moment.year % 100 != 0 || moment.year % 400 == 0);
    const int days = lengths[moment.mon - 1] + (leap && moment.mon == 2 ? 1 : 0);
    return moment.day >= 1 && moment.day <= days && moment.hour < 24 && moment.min < 60
           && moment.sec < 60;
}

// 2026-03-02T12:00:00.000Z -> milliseconds since 1970.
bool MomentRead(const string text, long &moment_ms)
{
    moment_ms = 0;
    if(StringLen(text) != 24 || StringGetCharacter(text, 23) != 'Z')
        return false;
    long parts[7];
    ArrayInitialize(parts, 0);
    const int starts[7] = {0, 5, 8, 11, 14, 17, 20};
    const string marks = "--T::.Z";
    for(int i = 0; i < 7; i++)
    {
        const int length = i == 0 ? 4 : (i == 6 ? 3 : 2);
        if(!WholeRead(StringSubstr(text, starts[i], length), parts[i]))
            return false;
        if(StringGetCharacter(text, starts[i] + length) != StringGetCharacter(marks, i))
            return false;
    }
    MqlDateTime moment;
    ZeroMemory(moment);
    moment.year = (int)parts[0];
    moment.mon = (int)parts[1];
    moment.day = (int)parts[2];
    moment.hour = (int)parts[3];
    moment.min = (int)parts[4];
    moment.sec = (int)parts[5];
    if(!DateIsReal(moment))
        return false;
    moment_ms = (long)StructToTime(moment) * 1000 + parts[6];
    return true;
}

// Milliseconds since 1970 -> 2026-03-02T12:00:00.000Z.
string MomentText(const long moment_ms)
{
    string text = TimeToString((datetime)(moment_ms / 1000), TIME_DATE | TIME_SECONDS);
    StringReplace(text, ".", "-");
    StringReplace(text, " ", "T");
    return text + "." + IntegerToString(moment_ms % 1000, 3, '0') + "Z";
}

// UTF-8 without the zero that StringToCharArray adds.
int BytesOf(const string text, uchar &bytes[])
{
    const int count = StringToCharArray(text, bytes, 0, WHOLE_ARRAY, CP_UTF8);
    ArrayResize(bytes, MathMax(0, count - 1));
    return ArraySize(bytes);
}

string TextOf(const uchar &bytes[], const int from, const int count)
{
    return count <= 0 ? "" : CharArrayToString(bytes, from, count, CP_UTF8);
}

string HexOf(const ulong value, const int digits)
{
    string text = "";
    ulong rest = value;
    for(int i = 0; i < digits; i++)
    {
        text = StringSubstr("0123456789abcdef", (int)(rest & 15), 1) + text;
        rest >>= 4;
    }
    return text;
}

string HexOfBytes(const uchar &bytes[])
{
    string text = "";
    for(int i = 0; i < ArraySize(bytes); i++)
        text += HexOf(bytes[i], 2);
    return text;
}

// FNV-1a, 64 bits: tells changed content and torn lines; no defence against people.
ulong HashOf(const uchar &bytes[], const int from, const int count)
{
    ulong hash = 0xcbf29ce484222325;
    for(int i = from; i < from + count; i++)
    {
        hash ^= bytes[i];
        hash *= 0x100000001b3;
    }
    return hash;
}

string HashText(const string text)
{
    uchar bytes[];
    const int count = BytesOf(text, bytes);
    return HexOf(HashOf(bytes, 0, count), 16);
}

// SHA-256 as 32 bytes; false where the terminal's cryptography fails.
bool Sha256(const uchar &bytes[], uchar &digest[])
{
    uchar no_key[];
    ArrayResize(no_key, 0);
    return CryptEncode(CRYPT_HASH_SHA256, bytes, no_key, digest) == 32;
}

string Sha256Text(const string text)
{
    uchar bytes[];
    uchar digest[];
    BytesOf(text, bytes);
    return Sha256(bytes, digest) ? HexOfBytes(digest) : "";
}

// HMAC-SHA256 (RFC 2104) in hex; empty where the terminal's cryptography fails.
string HmacSha256(const uchar &key_given[], const uchar &bytes[])
{
    uchar key[];
    if(ArraySize(key_given) > 64)
    {
        if(!Sha256(key_given, key))
            return "";
    }
    else
        ArrayCopy(key, key_given);
    const int given = ArraySize(key);
    ArrayResize(key, 64);
    for(int i = given; i < 64; i++)
        key[i] = 0;

    uchar inner[];
    uchar outer[];
    ArrayResize(inner, 64);
    ArrayResize(outer, 64);
    for(int i = 0; i < 64; i++)
    {
        inner[i] = (uchar)(key[i] ^ 0x36);
        outer[i] = (uchar)(key[i] ^ 0x5c);
    }
    ArrayCopy(inner, bytes, 64);
    uchar digest[];
    if(!Sha256(inner, digest))
        return "";
    ArrayCopy(outer, digest, 64);
    uchar whole[];
    return Sha256(outer, whole) ? HexOfBytes(whole) : "";
}

#endif
