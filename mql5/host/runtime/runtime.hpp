// What a translated program includes: the API, its generic functions, inputs, and what is called.
#pragma once

#include "api.hpp"

namespace mql {

struct Program {
    int (*on_init)();
    void (*on_deinit)(const int);
    void (*on_tick)();
    void (*on_timer)();
    void (*on_trade)();
    void (*on_trade_transaction)(const MqlTradeTransaction&, const MqlTradeRequest&,
                                 const MqlTradeResult&);
    void (*on_start)();  // a script
};
extern const Program program;

// Inputs: the value in the source, or the one given at start.
bool input_given(const char* name, std::string& text);
[[noreturn]] void bad_input(const char* name, const std::string& text);
bool read_value(const std::string& text, String& to);
bool read_value(const std::string& text, bool& to);
bool read_value(const std::string& text, int& to);
bool read_value(const std::string& text, uint& to);
bool read_value(const std::string& text, long& to);
bool read_value(const std::string& text, ulong& to);
bool read_value(const std::string& text, double& to);
bool read_value(const std::string& text, datetime& to);

template <class T>
T input(const char* name, T value) {
    std::string text;
    if (!input_given(name, text)) return value;
    bool read;
    if constexpr (std::is_enum_v<T>)
        read = enum_of(from_utf8(text), value);
    else
        read = read_value(text, value);
    if (!read) bad_input(name, text);
    return value;
}

// Text made of values.
struct Value {
    enum Kind { INT32, UINT32, INT64, UINT64, REAL, TEXT, TRUTH, MOMENT } kind;
    long number = 0;
    double real = 0;
    String text{};
};
template <class T>
Value value_of(const T& from) {
    static_assert(!std::is_enum_v<T>, "write (int)value or EnumToString(value) for an enumeration");
    if constexpr (std::is_same_v<T, String>)
        return {Value::TEXT, 0, 0, from};
    else if constexpr (std::is_same_v<T, datetime>)
        return {Value::MOMENT, from.v};
    else if constexpr (std::is_same_v<T, bool>)
        return {Value::TRUTH, from};
    else if constexpr (std::is_floating_point_v<T>)
        return {Value::REAL, 0, (double)from};
    else if constexpr (sizeof(T) == 8)
        return {std::is_signed_v<T> ? Value::INT64 : Value::UINT64, (long)from};
    else
        return {std::is_same_v<T, uint> ? Value::UINT32 : Value::INT32, (long)from};
}
String formatted(const String& format, const std::vector<Value>& values);
void told(const char* kind, const std::vector<Value>& values);
void told_text(const char* kind, const String& text);

template <class... T>
String StringFormat(const String& format, const T&... values) {
    return formatted(format, {value_of(values)...});
}
template <class... T>
void PrintFormat(const String& format, const T&... values) {
    told_text("Print", formatted(format, {value_of(values)...}));
}
template <class... T>
void Print(const T&... values) {
    told("Print", {value_of(values)...});
}
template <class... T>
void Alert(const T&... values) {
    told("Alert", {value_of(values)...});
}
template <class... T>
void Comment(const T&... values) {
    told("Comment", {value_of(values)...});
}

// Arrays.
template <class T>
int ArraySize(const Array<T>& array) {
    return (int)array.size();
}
template <class T>
int ArrayResize(Array<T>& array, int size, int reserve = 0) {
    if (array.fixed()) fail("ArrayResize of an array with a fixed size");
    if (size < 0) fail("ArrayResize to a negative size");
    // Taken only where it has to grow: else each element more would move all that are there.
    if (reserve > 0 && size > array.room()) array.reserve(size + (long)reserve);
    array.resize(size);
    return size;
}
template <class T>
void ArrayFree(Array<T>& array) {
    if (!array.fixed()) array.resize(0);
}
template <class T, class V>
void ArrayFill(Array<T>& array, int start, int count, V value) {
    if (start < 0 || count < 0 || (long)start + count > array.size()) fail("ArrayFill out of range");
    for (long i = start; i < (long)start + count; i++) array[i] = (T)value;
}
template <class T, class V>
int ArrayInitialize(Array<T>& array, V value) {
    for (long i = 0; i < array.size(); i++) array[i] = (T)value;
    return (int)array.size();
}
template <class T>
int ArrayCopy(Array<T>& to, const Array<T>& from, int to_start = 0, int from_start = 0,
              int count = -1) {
    if (to.same(&from)) fail("ArrayCopy of an array onto itself");
    if (to_start < 0 || from_start < 0) fail("ArrayCopy from a negative position");
    long there = std::max(0L, from.size() - from_start);
    long wanted = count < 0 ? there : std::min((long)count, there);
    if (to.fixed()) wanted = std::max(0L, std::min(wanted, to.size() - to_start));
    if (wanted == 0) return 0;
    if (to.size() < to_start + wanted) to.resize(to_start + wanted);
    for (long i = 0; i < wanted; i++) to[to_start + i] = from[from_start + i];
    return (int)wanted;
}
template <class T>
bool ArrayRemove(Array<T>& array, uint start, uint count = (uint)-1) {
    if (array.fixed()) fail("ArrayRemove from an array with a fixed size");
    if ((long)start >= array.size()) return false;
    array.erase(start, std::min(array.size(), (long)start + (long)count));
    return true;
}
template <class T>
bool ArraySort(Array<T>& array) {
    static_assert(std::is_arithmetic_v<T>, "ArraySort takes numbers");
    std::vector<T> values;
    for (long i = 0; i < array.size(); i++) values.push_back(array[i]);
    std::sort(values.begin(), values.end());
    for (long i = 0; i < array.size(); i++) array[i] = values[(size_t)i];
    return true;
}
template <class T>
int extreme(const Array<T>& array, int start, int count, bool greatest) {
    if (start < 0 || start >= array.size()) return -1;
    long end = count < 0 ? array.size() : std::min(array.size(), (long)start + count);
    long best = start;
    for (long i = start + 1; i < end; i++)
        if (greatest ? array[i] > array[best] : array[i] < array[best]) best = i;
    return (int)best;
}
template <class T>
int ArrayMaximum(const Array<T>& array, int start = 0, int count = -1) {
    return extreme(array, start, count, true);
}
template <class T>
int ArrayMinimum(const Array<T>& array, int start = 0, int count = -1) {
    return extreme(array, start, count, false);
}
template <class T>
void ZeroMemory(T& variable) {
    variable = T();
}
template <class T>
void ZeroMemory(Array<T>& array) {
    for (long i = 0; i < array.size(); i++) array[i] = T();
}

// Both sides of one type: MQL5 would turn them into double without a word.
template <class T>
T MathMax(T one, T two) {
    return one < two ? two : one;
}
template <class T>
T MathMin(T one, T two) {
    return two < one ? two : one;
}
template <class T>
T MathAbs(T value) {
    return value < T(0) ? (T)-value : value;
}

}  // namespace mql
