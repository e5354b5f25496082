// The book's file: what the trade server knows outlives every terminal.
#pragma once
#include "broker/book.hpp"

namespace mql::broker {

class Store {
    std::string folder_;
    int lock_ = -1;
    long seen_inode_ = 0, seen_ns_ = 0;
    void note();

  public:
    explicit Store(std::string folder) : folder_(std::move(folder)) {}
    void lock();    // against other terminals of the account
    void unlock();
    void read(Book& book);   // where another terminal has written since
    void write(Book& book);  // whole, then renamed: a killed process leaves the one before
};

}  // namespace mql::broker
