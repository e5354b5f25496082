#include "broker/lines.hpp"

namespace mql::broker {

std::string joined(const Line& line) {
    std::string text;
    for (auto& [name, value] : line) text += (text.empty() ? "" : "\t") + name + "=" + value;
    return text;
}

Line parted(const std::string& text) {
    Line line;
    for (size_t from = 0; from < text.size();) {
        size_t end = std::min(text.find('\t', from), text.size());
        size_t mark = text.find('=', from);
        if (mark == std::string::npos || mark >= end) fail("the broker reads NAME=VALUE, not '" + text.substr(from, end - from) + "'");
        line[text.substr(from, mark - from)] = text.substr(mark + 1, end - mark - 1);
        from = end + 1;
    }
    return line;
}

}  // namespace mql::broker
