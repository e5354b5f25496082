// A value of the book as a line `name=value<tab>name=value`, and back.
#pragma once
#include "broker/book.hpp"

namespace mql::broker {

std::string joined(const Line& line);
Line parted(const std::string& text);

template <class E>
std::string member_name(const std::string& prefix, E value) {
    std::string whole = utf8(EnumToString(value));
    if (whole.compare(0, prefix.size(), prefix) == 0) whole.erase(0, prefix.size());
    for (char& one : whole) one = (char)std::tolower((uchar)one);
    return whole;
}

class LineWriter {
  public:
    Line line;
    void text(const char* name, const std::string& value) {
        std::string& kept = line[name] = value;
        for (char& one : kept)
            if (one == '\t' || one == '\n' || one == '\r') one = ' ';
    }
    void whole(const char* name, long value) { line[name] = std::to_string(value); }
    void whole(const char* name, ulong value) { line[name] = std::to_string(value); }
    void truth(const char* name, bool value) { line[name] = value ? "1" : "0"; }
    void decimal(const char* name, Dec value) { line[name] = text_of(value); }
    template <class E>
    void member(const char* name, const char* prefix, E value) {
        line[name] = member_name(prefix, value);
    }
};

// Sets what the line names; a name that is left over at the end is a fault.
class LineReader {
    Line left_;
    bool take(const char* name, std::string& value) {
        auto found = left_.find(name);
        if (found == left_.end()) return false;
        value = found->second;
        left_.erase(found);
        return true;
    }
    template <class N>
    void number(const char* name, N& value) {
        std::string text;
        if (!take(name, text)) return;
        value = std::is_unsigned_v<N> ? (N)std::strtoul(text.c_str(), nullptr, 10) : (N)std::strtol(text.c_str(), nullptr, 10);
        if (std::to_string(value) != text) fail(std::string("the broker reads no whole number in ") + name + "=" + text);
    }

  public:
    explicit LineReader(const Line& line) : left_(line) {}
    void text(const char* name, std::string& value) { take(name, value); }
    void whole(const char* name, long& value) { number(name, value); }
    void whole(const char* name, ulong& value) { number(name, value); }
    void truth(const char* name, bool& value) {
        std::string text;
        if (!take(name, text)) return;
        if (text != "0" && text != "1") fail(std::string("the broker reads 0 or 1, not ") + name + "=" + text);
        value = text == "1";
    }
    void decimal(const char* name, Dec& value) {
        std::string text;
        if (take(name, text)) value = dec_of(text);
    }
    template <class E>
    void member(const char* name, const char* prefix, E& value) {
        std::string text;
        if (!take(name, text)) return;
        for (char& one : text) one = (char)std::toupper((uchar)one);
        if (!enum_of(from_utf8(prefix + text), value) && !enum_of(from_utf8(text), value))
            fail(std::string("the broker knows no ") + name + "=" + text);
    }
    void end(const std::string& kind) const {
        if (!left_.empty()) fail("the broker knows no " + left_.begin()->first + " of " + kind);
    }
};

template <class T>
Line line_of(const T& value) {
    T copy = value;
    LineWriter writer;
    fields(writer, copy);
    return writer.line;
}
template <class T>
void read_into(T& value, const Line& line, const char* kind) {
    T read = value;  // all of the line or nothing
    LineReader reader(line);
    fields(reader, read);
    reader.end(kind);
    value = read;
}

}  // namespace mql::broker
