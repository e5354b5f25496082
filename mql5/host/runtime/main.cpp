// The terminal's side of a program: options, events in their order, errors, the end.
#include <exception>

#include "system.hpp"

#include "runtime.hpp"
#include "terminal.hpp"
#include "broker/points.hpp"

namespace mql {

enum Exit { ENDED = 0, BAD_OPTION = 2, CRITICAL = 3, REFUSED = 4 };

Place here{"", 0};
static int error_code = 0;
static long timer_period = 0, timer_due = 0;
static uint random_state = 1;

void set_error(int code) { error_code = code; }
int last_error() { return error_code; }

void fail_at(const char* file, int line, const std::string& text) {
    throw Fault{std::string(file) + ":" + std::to_string(line) + ": " + text};
}
void fail(const std::string& text) { fail_at(here.file, here.line, text); }
void no_broker(const char* function) { fail(std::string(function) + ": no broker attached"); }

[[noreturn]] static void leave(const std::string& text, int code) {
    std::fflush(stdout);
    std::fprintf(stderr, "%s\n", text.c_str());
    std::fflush(stderr);
    _exit(code);
}

// Options, as `NAME=VALUE` words; read at first use, since inputs are set before `main`.
static void take(Options& to, const std::string& name, const std::string& value) {
    if (name == "home") to.home = value;
    else if (name == "broker") to.broker = value;
    else if (name == "clock")
        to.clock = value == "real" ? Clock::REAL : value == "lockstep" ? Clock::LOCKSTEP : Clock::VIRTUAL;
    else if (name == "start") to.start_ms = std::atol(value.c_str());
    else if (name == "for") to.for_ms = std::atol(value.c_str());
    else if (name == "latency") to.latency_ms = std::atol(value.c_str());
    else if (name == "channel") to.channel = std::atoi(value.c_str());
    else if (name == "allow") to.allowed.push_back(value);
    else if (name == "input") to.inputs[value.substr(0, value.find('='))] = value.substr(value.find('=') + 1);
    else leave("unknown option: " + name, BAD_OPTION);
}
static Options read_options() {
    Options all;
    std::ifstream words("/proc/self/cmdline");
    std::string word;
    std::getline(words, word, '\0');
    while (std::getline(words, word, '\0')) {
        size_t at = word.find('=');
        if (at == std::string::npos) leave("an option is NAME=VALUE: " + word, BAD_OPTION);
        take(all, word.substr(0, at), word.substr(at + 1));
    }
    if (all.home.empty()) leave("home=FOLDER is needed", BAD_OPTION);
    return all;
}
const Options& options() {
    static const Options all = read_options();
    return all;
}
static std::vector<std::string>& inputs_asked() {
    static std::vector<std::string> all;
    return all;
}
bool input_given(const char* name, std::string& text) {
    inputs_asked().push_back(name);
    auto found = options().inputs.find(name);
    if (found == options().inputs.end()) return false;
    text = found->second;
    return true;
}
void bad_input(const char* name, const std::string& text) {
    leave("input " + std::string(name) + " cannot be '" + text + "'", BAD_OPTION);
}

void told_text(const char* kind, const String& text) {
    broker::Point point(kind, utf8(text));
    long ms = now_ms();
    std::string stamp = utf8(TimeToString(ms / 1000, TIME_DATE | TIME_SECONDS));
    std::printf("%s.%03ld %s: %s\n", stamp.c_str(), ms % 1000, kind, utf8(text).c_str());
    std::fflush(stdout);
}

// API of the program itself.
int GetLastError() { return error_code; }
void ResetLastError() { error_code = 0; }
void SetUserError(ushort code) { error_code = ERR_USER_ERROR_FIRST + code; }
bool IsStopped() { return stopping(); }
int UninitializeReason() { return std::max(0, stop_reason()); }
void ExpertRemove() { stop(REASON_PROGRAM); }
void Sleep(int milliseconds) { wait_until(now_ms() + std::max(0, milliseconds), "sleep"); }
bool EventSetMillisecondTimer(int milliseconds) {
    if (milliseconds <= 0) return false;
    timer_period = milliseconds;
    timer_due = now_ms() + timer_period;
    return true;
}
bool EventSetTimer(int seconds) { return EventSetMillisecondTimer(seconds > 2000000 ? 0 : seconds * 1000); }
void EventKillTimer() { timer_period = 0; }
void MathSrand(int seed) { random_state = (uint)seed; }
int MathRand() {
    random_state = random_state * 214013u + 2531011u;
    return (int)(random_state >> 16 & 0x7FFF);
}
double MathCeil(double value) { return std::ceil(value); }
double MathExp(double value) { return std::exp(value); }
double MathFloor(double value) { return std::floor(value); }
bool MathIsValidNumber(double value) { return std::isfinite(value); }
double MathLog(double value) { return std::log(value); }
double MathLog10(double value) { return std::log10(value); }
double MathMod(double value, double by) { return std::fmod(value, divisor(by, here.file, here.line)); }
double MathPow(double base, double exponent) { return std::pow(base, exponent); }
double MathRound(double value) { return std::round(value); }
double MathSqrt(double value) { return std::sqrt(value); }

// Events.
static void deinit(int reason) {
    stop(reason);
    if (program.on_deinit) program.on_deinit(stop_reason());
}
static void beat() {
    if (program.on_timer) program.on_timer();
    // A beat that fell due while the handler ran is not queued: the next is the next whole period.
    long now = now_ms();
    if (timer_period > 0 && timer_due <= now) timer_due += timer_period * ((now - timer_due) / timer_period + 1);
}
static int events() {
    if (program.on_start) {
        program.on_start();
        return ENDED;
    }
    int init = program.on_init ? program.on_init() : 0;
    if (init != INIT_SUCCEEDED) {
        deinit(REASON_INITFAILED);
        std::fprintf(stderr, "OnInit gave %d: the program is not started\n", init);
        return REFUSED;
    }
    long end = options().for_ms > 0 ? now_ms() + options().for_ms : LONG_MAX;
    while (!stopping() && now_ms() < end) {
        if (timer_period == 0 && end == LONG_MAX && options().clock == Clock::VIRTUAL) break;
        long wake = timer_period > 0 ? std::min(timer_due, end) : end;
        if (trade_due() < wake) wait_until(trade_due(), "trade");
        else wait_until(wake == LONG_MAX ? now_ms() + 1000 : wake, "timer");
        if (!stopping()) trade_events();
        if (!stopping() && timer_period > 0 && timer_due <= now_ms()) beat();
    }
    deinit(REASON_CLOSE);
    return ENDED;
}
static int terminal() {
    for (auto& [name, value] : options().inputs) {
        auto& asked = inputs_asked();
        if (std::find(asked.begin(), asked.end(), name) == asked.end())
            leave("the program has no input " + name, BAD_OPTION);
    }
    std::error_code fault;
    std::filesystem::create_directories(options().home + "/MQL5/Files", fault);
    if (fault) leave(options().home + ": " + fault.message(), BAD_OPTION);
    globals_load();
    int code = CRITICAL;
    try {
        broker_start();
        code = events();
    } catch (const Fault& fault_) {
        std::fflush(stdout);
        std::fprintf(stderr, "%s\n", fault_.text.c_str());
    }
    files_close();
    globals_save();
    return code;
}

// What no exception tells: the place is that of the last call of the API.
static void signalled(int number) {
    char text[512];
    const char* what = number == SIGFPE ? "integer division overflow" : "stack overflow or a fault of the host";
    int length = std::snprintf(text, sizeof text, "%s:%d: after this line: %s\n", here.file, here.line, what);
    if (write(2, text, (size_t)length) < 0) _exit(CRITICAL);
    _exit(CRITICAL);
}
static void told_to_stop(int) { stop(REASON_CLOSE); }
static void unexpected() {
    try {
        throw;
    } catch (const Fault& fault) {
        leave(fault.text, CRITICAL);
    } catch (const std::exception& fault) {
        leave(std::string("the host failed: ") + fault.what(), CRITICAL);
    }
}
static void set_signals() {
    static char stack[1 << 16];
    stack_t other{stack, 0, sizeof stack};
    sigaltstack(&other, nullptr);
    struct sigaction fault{}, ended{};
    fault.sa_handler = signalled;
    fault.sa_flags = SA_ONSTACK;
    sigaction(SIGFPE, &fault, nullptr);
    sigaction(SIGSEGV, &fault, nullptr);
    ended.sa_handler = told_to_stop;
    sigaction(SIGTERM, &ended, nullptr);
    sigaction(SIGINT, &ended, nullptr);
    std::set_terminate(unexpected);
}
// Before the program's own globals are made.
__attribute__((constructor(101))) static void early() { set_signals(); }

}  // namespace mql

int main() { return mql::terminal(); }
