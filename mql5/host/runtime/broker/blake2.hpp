// BLAKE2b (RFC 7693) of a short text, eight bytes long: what the sample prices are drawn with.
#pragma once
#include <string>

namespace mql::broker {
unsigned long blake2b_64(const std::string& text);  // at most 128 bytes; the digest read as big-endian
}
