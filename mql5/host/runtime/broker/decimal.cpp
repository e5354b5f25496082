#include "broker/decimal.hpp"

#include "base.hpp"

namespace mql::broker {

Dec dec_of(const std::string& text) {
    size_t at = !text.empty() && text[0] == '-' ? 1 : 0;
    size_t point = text.find('.');
    std::string whole = text.substr(at, point == std::string::npos ? point : point - at);
    std::string part = point == std::string::npos ? "" : text.substr(point + 1);
    bool digits = (whole + part).find_first_not_of("0123456789") == std::string::npos;
    if (whole.empty() || !digits || part.size() > DEC_DIGITS || whole.size() > 10)
        fail("the broker reads no decimal in '" + text + "'");
    part.resize(DEC_DIGITS, '0');
    Dec value = std::stol(whole) * ONE + std::stol(part);
    return at == 1 ? -value : value;
}

std::string text_of(Dec value) {
    std::string digits = std::to_string(value < 0 ? -value : value);
    if (digits.size() <= DEC_DIGITS) digits.insert(0, DEC_DIGITS + 1 - digits.size(), '0');
    digits.insert(digits.size() - DEC_DIGITS, ".");
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.back() == '.') digits.pop_back();
    return (value < 0 ? "-" : "") + digits;
}

Dec nearest(double value) {
    if (!std::isfinite(value) || std::fabs(value) > 9e10) fail("a number that no broker could take");
    return std::lround(value * (double)ONE);
}

}  // namespace mql::broker
