// Strings, conversions, numbers as text.
#include <cctype>

#include "system.hpp"

#include "runtime.hpp"
#include "terminal.hpp"

namespace mql {

static void append_utf8(std::string& to, uint point) {
    if (point < 0x80) {
        to += (char)point;
    } else if (point < 0x800) {
        to += (char)(0xC0 | point >> 6);
        to += (char)(0x80 | (point & 63));
    } else if (point < 0x10000) {
        to += (char)(0xE0 | point >> 12);
        to += (char)(0x80 | (point >> 6 & 63));
        to += (char)(0x80 | (point & 63));
    } else {
        to += (char)(0xF0 | point >> 18);
        to += (char)(0x80 | (point >> 12 & 63));
        to += (char)(0x80 | (point >> 6 & 63));
        to += (char)(0x80 | (point & 63));
    }
}

std::string utf8(const String& text) {
    std::string out;
    const std::u16string& s = text.s;
    for (size_t i = 0; i < s.size(); i++) {
        uint unit = s[i];
        bool high = unit >= 0xD800 && unit < 0xDC00;
        if (high && i + 1 < s.size() && s[i + 1] >= 0xDC00 && s[i + 1] < 0xE000)
            unit = 0x10000 + ((unit - 0xD800) << 10) + (s[++i] - 0xDC00u);
        else if (unit >= 0xD800 && unit < 0xE000)
            unit = 0xFFFD;
        append_utf8(out, unit);
    }
    return out;
}

// One code point from `at` on; 0xFFFD where the bytes are no UTF-8.
static uint next_point(const std::string& bytes, size_t& at) {
    uint first = (uchar)bytes[at++];
    if (first < 0x80) return first;
    int more = first >= 0xF0 && first < 0xF5 ? 3 : first >= 0xE0 && first < 0xF0 ? 2
             : first >= 0xC2 && first < 0xE0 ? 1 : 0;
    if (more == 0) return 0xFFFD;
    uint point = first & (0x3Fu >> more);
    size_t from = at;
    for (int i = 0; i < more; i++, at++) {
        if (at >= bytes.size() || ((uchar)bytes[at] & 0xC0) != 0x80) return 0xFFFD;
        point = point << 6 | ((uchar)bytes[at] & 63u);
    }
    uint least = more == 1 ? 0x80u : more == 2 ? 0x800u : 0x10000u;
    if (point < least || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) {
        at = from;
        return 0xFFFD;
    }
    return point;
}

String from_utf8(const std::string& bytes) {
    std::u16string out;
    for (size_t at = 0; at < bytes.size();) {
        uint point = next_point(bytes, at);
        if (point >= 0x10000) {
            out += (char16_t)(0xD800 + ((point - 0x10000) >> 10));
            out += (char16_t)(0xDC00 + ((point - 0x10000) & 0x3FF));
        } else {
            out += (char16_t)point;
        }
    }
    return String(out);
}

String digits_of(long number) { return from_utf8(std::to_string(number)); }

// Rounded as taught at school: an exact half goes away from zero (the C library takes the even one).
static std::string fixed_text(double value, int digits) {
    char exact[512];
    if (!std::isfinite(value) || std::snprintf(exact, sizeof exact, "%.*f", digits + 60, value) >= 511) {
        std::snprintf(exact, sizeof exact, "%.*f", digits, value);
        return exact;
    }
    std::string text = exact;
    std::string rest = text.substr(text.find('.') + 1 + (size_t)digits);
    std::string kept = text.substr(0, text.size() - rest.size() - (digits == 0 ? 1 : 0));
    if (rest[0] >= '5') {
        size_t at = kept.size();
        while (at > 0) {
            char& one = kept[--at];
            if (one == '.') continue;
            if (one == '-') {
                at++;
                break;
            }
            if (one != '9') {
                one++;
                return kept;
            }
            one = '0';
        }
        kept.insert(at, "1");
    }
    return kept;
}

String DoubleToString(double value, int digits) {
    if (digits < -16 || digits > 16) digits = 8;
    if (digits >= 0) return from_utf8(fixed_text(value, digits));
    char text[64];
    std::snprintf(text, sizeof text, "%.*e", -digits, value);
    return from_utf8(text);
}

double NormalizeDouble(double value, int digits) {
    if (digits < 0 || digits > 8) fail("NormalizeDouble takes 0 to 8 digits");
    double scale = std::pow(10, digits);
    double scaled = value * scale;
    return std::isfinite(scaled) ? std::round(scaled) / scale : value;
}

String IntegerToString(long number, int length, ushort fill) {
    String text = digits_of(number);
    while ((int)text.s.size() < length) text.s.insert(text.s.begin(), (char16_t)fill);
    return text;
}

static std::string plain(const String& text) {
    std::string out = utf8(text);
    size_t from = out.find_first_not_of(" \t\r\n");
    return from == std::string::npos ? "" : out.substr(from);
}

long StringToInteger(String text) { return std::strtol(plain(text).c_str(), nullptr, 10); }

double StringToDouble(String text) {
    std::string from = plain(text);
    size_t sign = !from.empty() && (from[0] == '-' || from[0] == '+') ? 1 : 0;
    // The C library would read `inf`, `nan` and hexadecimal numbers too.
    bool number = from.size() > sign && (std::isdigit((uchar)from[sign]) || from[sign] == '.');
    if (!number || (from.size() > sign + 1 && (from[sign + 1] == 'x' || from[sign + 1] == 'X'))) return 0;
    return std::strtod(from.c_str(), nullptr);
}

String CharToString(uchar code) {
    if (code >= 0x80) fail("CharToString of a byte above 127 depends on the machine's code page");
    return String(std::u16string(1, (char16_t)code));
}
String ShortToString(ushort code) { return String(std::u16string(1, (char16_t)code)); }

static bool ascii(const std::string& bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](char one) { return (uchar)one < 0x80; });
}

int StringToCharArray(String text, Array<uchar>& array, int start, int count, uint codepage) {
    std::string bytes = utf8(text);
    if (!ascii(bytes) && (codepage != CP_UTF8 || count != -1))
        fail("StringToCharArray of a text with other than ASCII letters: write CP_UTF8 and count -1");
    if (start < 0) fail("StringToCharArray to a negative position");
    long length = count == -1 ? (long)bytes.size() + 1 : std::min((long)count, (long)bytes.size() + 1);
    if (array.size() < start + length) {
        if (array.fixed()) length = std::max(0L, array.size() - start);
        else array.resize(start + length);
    }
    for (long i = 0; i < length; i++)
        array[start + i] = i < (long)bytes.size() ? (uchar)bytes[(size_t)i] : (uchar)0;
    return (int)length;
}

String CharArrayToString(const Array<uchar>& array, int start, int count, uint codepage) {
    if (start < 0) fail("CharArrayToString from a negative position");
    long end = count < 0 ? array.size() : std::min(array.size(), (long)start + count);
    std::string bytes;
    for (long i = start; i < end && array[i] != 0; i++) bytes += (char)array[i];
    if (codepage != CP_UTF8 && !ascii(bytes))
        fail("CharArrayToString of other than ASCII letters: write CP_UTF8");
    return from_utf8(bytes);
}

bool StringAdd(String& text, String add) {
    text += add;
    return true;
}
static std::u16string lowered(std::u16string text) {
    for (char16_t& one : text)
        if (one >= u'A' && one <= u'Z') one = (char16_t)(one + 32);
    return text;
}
int StringCompare(String one, String two, bool case_sensitive) {
    int order = case_sensitive ? one.s.compare(two.s) : lowered(one.s).compare(lowered(two.s));
    return order < 0 ? -1 : order > 0 ? 1 : 0;
}
bool StringFill(String& text, ushort character) {
    text.s.assign(text.s.size(), (char16_t)character);
    return true;
}
int StringFind(String text, String match, int start) {
    if (start < 0 || match.s.empty()) return -1;
    size_t found = text.s.find(match.s, (size_t)start);
    return found == std::u16string::npos ? -1 : (int)found;
}
ushort StringGetCharacter(String text, int pos) {
    if (pos >= 0 && pos < (int)text.s.size()) return text.s[(size_t)pos];
    set_error(ERR_INVALID_PARAMETER);
    return 0;
}
int StringLen(String text) { return (int)text.s.size(); }
int StringReplace(String& text, String find, String replacement) {
    if (find.s.empty()) return 0;
    int count = 0;
    for (size_t at = 0; (at = text.s.find(find.s, at)) != std::u16string::npos; count++) {
        text.s.replace(at, find.s.size(), replacement.s);
        at += replacement.s.size();
    }
    return count;
}
bool StringSetCharacter(String& text, int pos, ushort character) {
    if (pos < 0 || pos > (int)text.s.size()) return false;
    if (pos == (int)text.s.size()) text.s += (char16_t)character;
    text.s[(size_t)pos] = (char16_t)character;
    return true;
}
int StringSplit(String text, ushort separator, Array<String>& result) {
    ArrayResize(result, 0);
    if (text.s.empty()) return 0;
    size_t from = 0, at;
    do {
        at = text.s.find((char16_t)separator, from);
        ArrayResize(result, ArraySize(result) + 1);
        result[result.size() - 1] = String(text.s.substr(from, at == std::u16string::npos ? at : at - from));
        from = at + 1;
    } while (at != std::u16string::npos);
    return ArraySize(result);
}
String StringSubstr(String text, int start, int length) {
    if (start < 0 || start >= (int)text.s.size() || length == 0) return String();
    return String(text.s.substr((size_t)start, length < 0 ? std::u16string::npos : (size_t)length));
}
bool StringToLower(String& text) {
    text.s = lowered(text.s);
    return true;
}
bool StringToUpper(String& text) {
    for (char16_t& one : text.s)
        if (one >= u'a' && one <= u'z') one = (char16_t)(one - 32);
    return true;
}
static bool space(char16_t one) { return one == u' ' || one == u'\t' || one == u'\r' || one == u'\n'; }
int StringTrimLeft(String& text) {
    size_t cut = 0;
    while (cut < text.s.size() && space(text.s[cut])) cut++;
    text.s.erase(0, cut);
    return (int)cut;
}
int StringTrimRight(String& text) {
    size_t before = text.s.size();
    while (!text.s.empty() && space(text.s.back())) text.s.pop_back();
    return (int)(before - text.s.size());
}

// Formatting. A value that does not fit its place is an error here, and rubbish in a terminal.
static std::string shown(const Value& value) {
    char text[64];
    switch (value.kind) {
        case Value::TEXT: return utf8(value.text);
        case Value::TRUTH: return value.number ? "true" : "false";
        case Value::MOMENT: return utf8(TimeToString(value.number, TIME_DATE | TIME_MINUTES | TIME_SECONDS));
        case Value::REAL: std::snprintf(text, sizeof text, "%.16g", value.real); return text;
        case Value::UINT64: return std::to_string((ulong)value.number);
        default: return std::to_string(value.number);
    }
}

void told(const char* kind, const std::vector<Value>& values) {
    std::string text;
    for (const Value& one : values) text += shown(one);
    told_text(kind, from_utf8(text));
}

struct Spec {
    std::string flags, width, precision;
    bool wide = false;
    char letter = 0;
};

static Spec read_spec(const std::string& from, size_t& at) {
    Spec spec;
    while (at < from.size() && std::strchr("-+ 0#", from[at])) spec.flags += from[at++];
    while (at < from.size() && std::isdigit((uchar)from[at])) spec.width += from[at++];
    if (at < from.size() && from[at] == '.') {
        spec.precision = from[at++];
        while (at < from.size() && std::isdigit((uchar)from[at])) spec.precision += from[at++];
    }
    if (from.compare(at, 3, "I64") == 0) {
        spec.wide = true;
        at += 3;
    }
    spec.letter = at < from.size() ? from[at++] : 0;
    return spec;
}

static std::string padded(const Spec& spec, std::string text) {
    size_t width = spec.width.empty() ? 0 : std::stoul(spec.width);
    while (text.size() < width)
        text.insert(spec.flags.find('-') == std::string::npos ? 0 : text.size(), " ");
    return text;
}

static std::string real_text(const Spec& spec, double value) {
    std::string digits = spec.precision.empty() ? "6" : spec.precision == "." ? "0" : spec.precision.substr(1);
    bool simple = spec.letter == 'f' && spec.flags.find_first_not_of('-') == std::string::npos;
    if (simple) return padded(spec, fixed_text(value, std::stoi(digits)));
    char text[512];
    std::string form = "%" + spec.flags + spec.width + "." + digits + spec.letter;
    std::snprintf(text, sizeof text, form.c_str(), value);
    return text;
}

static bool fits(const Spec& spec, Value::Kind kind) {
    switch (spec.letter) {
        case 's': return kind == Value::TEXT && !spec.wide;
        case 'f': case 'e': case 'E': case 'g': case 'G': return kind == Value::REAL && !spec.wide;
        case 'd': case 'i':
            return spec.wide ? kind == Value::INT64 || kind == Value::MOMENT
                             : kind == Value::INT32 || kind == Value::TRUTH;
        case 'u': return kind == (spec.wide ? Value::UINT64 : Value::UINT32);
        case 'x': case 'X':
            return spec.wide ? kind == Value::UINT64 || kind == Value::INT64
                             : kind == Value::UINT32 || kind == Value::INT32;
        case 'c': return kind == Value::INT32 && !spec.wide;
        default: return false;
    }
}

static std::string whole_text(const Spec& spec, long value) {
    char text[512];
    std::string form = "%" + spec.flags + spec.width + spec.precision + (spec.wide ? "l" : "") + spec.letter;
    if (spec.wide) std::snprintf(text, sizeof text, form.c_str(), value);
    else std::snprintf(text, sizeof text, form.c_str(), (int)value);
    return text;
}

String formatted(const String& format, const std::vector<Value>& values) {
    std::string from = utf8(format), out;
    size_t used = 0;
    for (size_t at = 0; at < from.size();) {
        if (from[at] != '%') {
            out += from[at++];
            continue;
        }
        size_t start = at++;
        if (at < from.size() && from[at] == '%') {
            out += from[at++];
            continue;
        }
        Spec spec = read_spec(from, at);
        std::string place = from.substr(start, at - start);
        if (used == values.size()) fail("the format has no value for " + place);
        const Value& value = values[used++];
        if (!fits(spec, value.kind))
            fail("value " + std::to_string(used) + " of the format does not fit " + place +
                 " (%d int, %u uint, %I64d long, %I64u ulong, %f double, %s string)");
        if (spec.letter == 's') out += padded(spec, utf8(value.text));
        else if (spec.letter == 'c') out += utf8(ShortToString((ushort)value.number));
        else if (value.kind == Value::REAL) out += real_text(spec, value.real);
        else out += whole_text(spec, value.number);
    }
    if (used != values.size()) fail("the format has no place for value " + std::to_string(used + 1));
    return from_utf8(out);
}

// Inputs given at start.
bool read_value(const std::string& text, String& to) {
    to = from_utf8(text);
    return true;
}
bool read_value(const std::string& text, bool& to) {
    to = text == "true" || text == "1";
    return to || text == "false" || text == "0";
}
template <class T>
static bool read_whole(const std::string& text, T& to) {
    if (text.empty() || (std::is_unsigned_v<T> && text[0] == '-')) return false;
    char* end = nullptr;
    errno = 0;
    to = std::is_unsigned_v<T> ? (T)std::strtoul(text.c_str(), &end, 10) : (T)std::strtol(text.c_str(), &end, 10);
    return errno == 0 && *end == 0 && std::to_string(to) == text;
}
bool read_value(const std::string& text, int& to) { return read_whole(text, to); }
bool read_value(const std::string& text, uint& to) { return read_whole(text, to); }
bool read_value(const std::string& text, long& to) { return read_whole(text, to); }
bool read_value(const std::string& text, ulong& to) { return read_whole(text, to); }
bool read_value(const std::string& text, double& to) {
    char* end = nullptr;
    to = std::strtod(text.c_str(), &end);
    return !text.empty() && *end == 0 && std::isfinite(to);
}
bool read_value(const std::string& text, datetime& to) {
    to = StringToTime(from_utf8(text));
    return to != 0;
}

}  // namespace mql
