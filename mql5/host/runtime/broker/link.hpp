// The terminal's connection to the trade server: what it has seen, and what it is about to hear.
#pragma once
#include <set>

#include "broker/trading.hpp"

namespace mql::broker {

// The server's book, alone and up to date; what changed is written at the end.
class Held {
  public:
    Book& book;
    explicit Held(const char* function);
    ~Held();
    Held(const Held&) = delete;
};

bool attached();
const Book& seen(const char* function);  // the book as this terminal knows it now
bool logged_in();                        // since the start, at some time
long started_ms();
std::set<std::string>& watched();  // the symbols in Market Watch
void lag(const Book& before, long until_ms);  // what is known stays as it was
void hear(const MqlTradeRequest& request, const MqlTradeResult& result);

}  // namespace mql::broker
