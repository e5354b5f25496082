// Three clocks behind one: virtual (jumps from event to event), real, and lockstep (a driver moves it).
#include <ctime>

#include "system.hpp"

#include "runtime.hpp"
#include "terminal.hpp"

namespace mql {

static long virtual_ms = -1;
static unsigned long waited = 0;
static volatile std::sig_atomic_t reason_to_stop = -1;

static long clock_ms(clockid_t which) {
    timespec at{};
    clock_gettime(which, &at);
    return at.tv_sec * 1000 + at.tv_nsec / 1000000;
}

long now_ms() {
    if (options().clock == Clock::REAL) return clock_ms(CLOCK_REALTIME);
    if (virtual_ms < 0) virtual_ms = options().start_ms;
    return virtual_ms;
}

unsigned long uptime_us() {
    static const long began = clock_ms(CLOCK_MONOTONIC);
    if (options().clock == Clock::REAL) return (unsigned long)(clock_ms(CLOCK_MONOTONIC) - began) * 1000;
    return (unsigned long)(now_ms() - options().start_ms) * 1000;
}

bool stopping() { return reason_to_stop >= 0; }
void stop(int reason) {
    if (!stopping()) reason_to_stop = reason;
}
int stop_reason() { return reason_to_stop; }

// The driver's next line; a driver that went away ends the program in order.
static std::string heard() {
    std::string line;
    char one;
    for (;;) {
        ssize_t got = read(options().channel, &one, 1);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return "stop";
        if (one == '\n') return line;
        line += one;
    }
}

static bool say(const std::string& line) {
    return write(options().channel, line.data(), line.size()) == (ssize_t)line.size();
}
static const std::string ASK = "ask ";

static void yield_to_driver(long wake, const char* why) {
    do {
        std::string times = std::to_string(now_ms()) + " " + std::to_string(wake);
        if (!say("yield " + std::string(why) + " " + times + "\n")) return stop(REASON_CLOSE);
        std::string answer = heard();
        for (; answer.compare(0, ASK.size(), ASK) == 0; answer = heard())
            if (!say(broker_asked(answer.substr(ASK.size())) + "\n")) return stop(REASON_CLOSE);
        long number = 0;
        if (answer == "stop") return stop(REASON_CLOSE);
        if (std::sscanf(answer.c_str(), "kill %ld", &number) == 1) crash(number);
        if (std::sscanf(answer.c_str(), "go %ld", &number) != 1 || number < now_ms())
            fail("the driver said what is no answer: " + answer);
        virtual_ms = number;
    } while (virtual_ms < wake);
}

static void sleep_until(long ms) {
    long left = ms - now_ms();
    long end = clock_ms(CLOCK_MONOTONIC) + left;
    while (!stopping() && (left = end - clock_ms(CLOCK_MONOTONIC)) > 0) {
        long step = std::min(left, 200L);
        timespec pause{step / 1000, step % 1000 * 1000000};
        nanosleep(&pause, nullptr);
    }
}

void wait_until(long ms, const char* why) {
    if (stopping()) return;
    waited++;
    switch (options().clock) {
        case Clock::VIRTUAL: virtual_ms = std::max(now_ms(), ms); break;
        case Clock::REAL: sleep_until(ms); break;
        case Clock::LOCKSTEP: yield_to_driver(std::max(now_ms(), ms), why); break;
    }
}

unsigned long waits() { return waited; }

void spend(long ms, const char* why) {
    if (options().clock != Clock::REAL) wait_until(now_ms() + ms, why);
}

extern "C" void __gcov_dump() __attribute__((weak));
void crash(long bytes) {
    files_tear(bytes);
    std::fflush(stdout);
    if (__gcov_dump) __gcov_dump();
    _exit(137);
}

// Calendar.
static long days_from_civil(long y, long m, long d) {
    y -= m <= 2;
    long era = (y >= 0 ? y : y - 399) / 400;
    long yoe = y - era * 400;
    long doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}
static long days_in(long y, long m) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    return days[m - 1] + (m == 2 && leap ? 1 : 0);
}
static const long LAST_SECOND = 32535215999;  // 3000.12.31 23:59:59, the last that MQL5 knows

bool TimeToStruct(datetime value, MqlDateTime& to) {
    to = MqlDateTime();
    if (value < 0 || value > LAST_SECOND) {
        set_error(ERR_INVALID_PARAMETER);
        return false;
    }
    time_t seconds = value;
    tm parts{};
    gmtime_r(&seconds, &parts);
    to = {parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
          parts.tm_min,         parts.tm_sec,     parts.tm_wday, parts.tm_yday};
    return true;
}

datetime StructToTime(MqlDateTime& from) {
    bool date = from.year >= 1970 && from.year <= 3000 && from.mon >= 1 && from.mon <= 12 && from.day >= 1 &&
                from.day <= days_in(from.year, from.mon);
    bool time = from.hour >= 0 && from.hour < 24 && from.min >= 0 && from.min < 60 && from.sec >= 0 && from.sec < 60;
    if (!date || !time) {
        set_error(ERR_INVALID_PARAMETER);
        return 0;
    }
    return days_from_civil(from.year, from.mon, from.day) * 86400 + from.hour * 3600 + from.min * 60 + from.sec;
}

datetime StringToTime(String text) {
    MqlDateTime at = MqlDateTime();
    int used = 0;
    std::string from = utf8(text);
    int found = std::sscanf(from.c_str(), "%4d.%2d.%2d%n %2d:%2d%n:%2d%n", &at.year, &at.mon, &at.day, &used,
                            &at.hour, &at.min, &used, &at.sec, &used);
    bool whole = (found == 3 || found == 5 || found == 6) && used == (int)from.size();
    if (whole) return StructToTime(at);
    set_error(ERR_INVALID_PARAMETER);
    return 0;
}

String TimeToString(datetime value, int mode) {
    MqlDateTime at;
    TimeToStruct(value, at);
    char date[64] = "", time[64] = "";
    if (mode & TIME_DATE) std::snprintf(date, sizeof date, "%04d.%02d.%02d", at.year, at.mon, at.day);
    if (mode & TIME_SECONDS) std::snprintf(time, sizeof time, "%02d:%02d:%02d", at.hour, at.min, at.sec);
    else if (mode & TIME_MINUTES) std::snprintf(time, sizeof time, "%02d:%02d", at.hour, at.min);
    return from_utf8(std::string(date) + (*date && *time ? " " : "") + time);
}

datetime TimeGMT() { return (now_ms() + skew_ms()) / 1000; }
datetime TimeLocal() { return TimeGMT(); }  // the machine's zone is UTC
int TimeGMTOffset() { return 0; }
int TimeDaylightSavings() { return 0; }
uint GetTickCount() { return (uint)(uptime_us() / 1000); }
ulong GetTickCount64() { return uptime_us() / 1000; }
ulong GetMicrosecondCount() { return uptime_us(); }

}  // namespace mql
