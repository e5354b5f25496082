// The broker's numbers: whole hundred-millionths in 64 bits, so that sums are exact and every run repeats.
#pragma once
#include <string>

namespace mql::broker {

using Dec = long;       // of 10^-8: a price, a volume in lots, money
using Wide = __int128;  // for products
inline constexpr Dec ONE = 100000000;
inline constexpr int DEC_DIGITS = 8;

Dec dec_of(const std::string& text);  // a decimal of at most 8 places; anything else is a fault
std::string text_of(Dec value);
Dec nearest(double value);

constexpr double real(Dec value) { return (double)value / (double)ONE; }
constexpr Wide floor_div(Wide a, Wide b) {
    Wide whole = a / b;
    return a % b != 0 && (a % b < 0) != (b < 0) ? whole - 1 : whole;
}
// Half away from zero.
constexpr Wide round_div(Wide a, Wide b) { return a < 0 ? -((-a + b / 2) / b) : (a + b / 2) / b; }
constexpr Dec times(Dec a, Dec b) { return (Dec)round_div((Wide)a * b, ONE); }
constexpr long power_of_ten(long n) { return n <= 0 ? 1 : 10 * power_of_ten(n - 1); }
constexpr Dec unit_of(long digits) { return power_of_ten(DEC_DIGITS - digits); }

}  // namespace mql::broker
