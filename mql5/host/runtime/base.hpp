// The types of MQL5 in C++: strings of UTF-16, checked arrays, datetime; and how errors are raised.
// Headers of the C library come first: api.hpp takes away their macros of MQL5's names.
#pragma once
#include <algorithm>
#include <cfloat>
#include <climits>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <initializer_list>
#include <string>
#include <type_traits>
#include <vector>

typedef unsigned char uchar;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef unsigned long ulong;
static_assert(sizeof(long) == 8 && char(-1) < 0, "the host needs Linux on a 64-bit machine");

namespace mql {

struct Place {
    const char* file;
    int line;
};
struct Fault {  // a critical error: the terminal would stop the program here
    std::string text;
};
extern Place here;
[[noreturn]] void fail(const std::string& text);  // at the last marked place
[[noreturn]] void fail_at(const char* file, int line, const std::string& text);
[[noreturn]] void no_broker(const char* function);

inline void mark(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    here = {file, line};
}

template <class T>
constexpr T divisor(T value, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    if (value == T(0)) fail_at(file, line, "zero divide");
    return value;
}

class String {
  public:
    std::u16string s;
    String() = default;
    explicit String(std::u16string text) : s(std::move(text)) {}
    ushort at(long i, const char* file = __builtin_FILE(), int line = __builtin_LINE()) const {
        if (i < 0 || i >= (long)s.size()) fail_at(file, line, "string index out of range");
        return s[(size_t)i];
    }
    String& operator+=(const String& other) {
        s += other.s;
        return *this;
    }
    friend String operator+(const String& a, const String& b) { return String(a.s + b.s); }
    friend bool operator==(const String& a, const String& b) { return a.s == b.s; }
    friend bool operator!=(const String& a, const String& b) { return a.s != b.s; }
    friend bool operator<(const String& a, const String& b) { return a.s < b.s; }
    friend bool operator>(const String& a, const String& b) { return a.s > b.s; }
    friend bool operator<=(const String& a, const String& b) { return a.s <= b.s; }
    friend bool operator>=(const String& a, const String& b) { return a.s >= b.s; }
};
inline String S(const char16_t* text) { return String(text); }
std::string utf8(const String& text);
String from_utf8(const std::string& bytes);  // what is no UTF-8 becomes U+FFFD
String digits_of(long number);

struct datetime {
    long v;
    datetime() = default;
    constexpr datetime(long seconds) : v(seconds) {}
    constexpr operator long() const { return v; }
    datetime& operator+=(long seconds) {
        v += seconds;
        return *this;
    }
    datetime& operator-=(long seconds) {
        v -= seconds;
        return *this;
    }
};
constexpr datetime divisor(datetime value, const char* file = __builtin_FILE(),
                           int line = __builtin_LINE()) {
    return divisor(value.v, file, line);
}

inline constexpr long AS_LISTED = -1;
struct Fixed {
    long size;
};

template <class T>
class Array {
    struct Cell {  // so that an array of bool is one of bytes
        T value;
    };
    std::vector<Cell> cells_;
    bool fixed_ = false;

    void check(long i, const char* file, int line) const {
        if (i < 0 || i >= size())
            fail_at(file, line, "array out of range: index " + std::to_string(i) + " of " +
                                    std::to_string(size()));
    }

  public:
    Array() = default;
    Array(Fixed fixed) : cells_((size_t)fixed.size), fixed_(true) {}
    Array(Fixed fixed, std::initializer_list<T> values) : fixed_(true) {
        for (const T& one : values) cells_.push_back({one});
        if (fixed.size == AS_LISTED) return;
        if (size() > fixed.size) fail("more values than the array has elements");
        cells_.resize((size_t)fixed.size);
    }
    T& at(long i, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
        check(i, file, line);
        return cells_[(size_t)i].value;
    }
    const T& at(long i, const char* file = __builtin_FILE(), int line = __builtin_LINE()) const {
        check(i, file, line);
        return cells_[(size_t)i].value;
    }
    T& operator[](long i) { return cells_[(size_t)i].value; }
    const T& operator[](long i) const { return cells_[(size_t)i].value; }
    long size() const { return (long)cells_.size(); }
    bool fixed() const { return fixed_; }
    void resize(long size) {
        long before = this->size();
        cells_.resize((size_t)size);
        // A terminal leaves new numbers as they are in memory; here they are visibly wrong.
        if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>)
            for (long i = before; i < size; i++) std::memset(&cells_[(size_t)i], 0xFD, sizeof(T));
    }
    long room() const { return (long)cells_.capacity(); }
    void reserve(long size) { cells_.reserve((size_t)size); }
    void erase(long from, long to) { cells_.erase(cells_.begin() + from, cells_.begin() + to); }
    bool same(const void* other) const { return this == other; }
};

}  // namespace mql
