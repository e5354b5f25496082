// Scripted faults: found by where they strike, each a given number of times.
#include "broker/trading.hpp"

namespace mql::broker {

static bool fits(const Mishap& fault, const std::string& on, const std::string& when, const std::string& text, long now) {
    return fault.on == on && fault.when == when && fault.times > 0 && fault.from_ms <= now && now < fault.until_ms &&
           text.find(fault.match) != std::string::npos;
}

bool strike(Book& book, const std::string& on, const std::string& when, const std::string& text, Mishap& struck) {
    for (Mishap& one : book.faults) {
        if (!fits(one, on, when, text, book.account.now_ms)) continue;
        book.changed = true;
        if (one.skip > 0) {
            one.skip--;
            continue;
        }
        one.times--;
        struck = one;
        return true;
    }
    return false;
}

}  // namespace mql::broker
