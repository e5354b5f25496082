#include "system.hpp"

#include <sys/file.h>

#include "broker/lines.hpp"
#include "broker/store.hpp"

namespace mql::broker {

static std::string file_of(const std::string& folder) { return folder + "/book.txt"; }

void Store::lock() {
    if (lock_ < 0) lock_ = open((folder_ + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (lock_ < 0) fail(folder_ + ": the broker's folder cannot be used: " + std::strerror(errno));
    while (flock(lock_, LOCK_EX) != 0)
        if (errno != EINTR) fail(folder_ + ": the broker's folder cannot be locked: " + std::strerror(errno));
}
void Store::unlock() { flock(lock_, LOCK_UN); }

static bool stamp(const std::string& path, long& inode, long& ns) {
    struct stat found{};
    if (stat(path.c_str(), &found) != 0) return false;
    inode = (long)found.st_ino;
    ns = found.st_mtim.tv_sec * 1000000000L + found.st_mtim.tv_nsec;
    return true;
}
void Store::note() { stamp(file_of(folder_), seen_inode_, seen_ns_); }

template <class T>
static void add(std::vector<T>& to, const Line& line, const char* kind) {
    to.emplace_back();
    read_into(to.back(), line, kind);
}
static void take(Book& book, const std::string& kind, const Line& line) {
    if (kind == "account") read_into(book.account, line, "account");
    else if (kind == "symbol") add(book.symbols, line, "symbol");
    else if (kind == "session") add(book.sessions, line, "session");
    else if (kind == "overlay") add(book.overlays, line, "overlay");
    else if (kind == "order") add(book.orders, line, "order");
    else if (kind == "past") add(book.past, line, "past");
    else if (kind == "position") add(book.positions, line, "position");
    else if (kind == "deal") add(book.deals, line, "deal");
    else if (kind == "event") add(book.events, line, "event");
    else if (kind == "fault") add(book.faults, line, "fault");
    else if (kind == "asked") add(book.asked, line, "asked");
    else if (kind == "command") book.commands.push_back(line);
    else fail("the broker's book has a line of no kind: " + kind);
}

void Store::read(Book& book) {
    long inode = 0, ns = 0;
    if (!stamp(file_of(folder_), inode, ns)) fail(folder_ + ": there is no book.txt of a broker");
    if (inode == seen_inode_ && ns == seen_ns_) return;
    book = Book();
    std::ifstream file(file_of(folder_));
    std::string text;
    while (std::getline(file, text)) {
        size_t mark = std::min(text.find('\t'), text.size());
        if (!text.empty()) take(book, text.substr(0, mark), parted(mark < text.size() ? text.substr(mark + 1) : ""));
    }
    note();
}

template <class T>
static void put(std::ostream& file, const char* kind, const std::vector<T>& all) {
    for (const T& one : all) file << kind << '\t' << joined(line_of(one)) << '\n';
}

void Store::write(Book& book) {
    std::string next = file_of(folder_) + ".next";
    {
        std::ofstream file(next);
        file << "account\t" << joined(line_of(book.account)) << '\n';
        put(file, "symbol", book.symbols), put(file, "session", book.sessions), put(file, "overlay", book.overlays);
        put(file, "order", book.orders), put(file, "past", book.past), put(file, "position", book.positions);
        put(file, "deal", book.deals), put(file, "event", book.events), put(file, "fault", book.faults);
        put(file, "asked", book.asked);
        for (const Line& one : book.commands) file << "command\t" << joined(one) << '\n';
        file.flush();
        if (!file) fail(next + ": the broker's book cannot be written");
    }
    std::error_code fault;
    std::filesystem::rename(next, file_of(folder_), fault);
    if (fault) fail(next + ": " + fault.message());
    note();
    book.changed = false;
}

}  // namespace mql::broker
