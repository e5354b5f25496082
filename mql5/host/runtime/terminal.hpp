// The host as a terminal: its options, its clock, its last error. Not seen by programs.
#pragma once
#include <map>
#include <string>
#include <vector>

namespace mql {

enum class Clock { VIRTUAL, REAL, LOCKSTEP };

struct Options {
    Clock clock = Clock::VIRTUAL;
    long start_ms = 0;     // virtual clock: the first moment, UTC
    long for_ms = 0;       // how long to run; 0: until told to stop
    long latency_ms = 20;  // virtual clock: what a request takes
    int channel = -1;      // lockstep: where the driver listens
    std::string home;      // the terminal's data folder
    std::string broker;    // the folder of the trade server's book; empty: no broker
    std::vector<std::string> allowed;
    std::map<std::string, std::string> inputs;
};
const Options& options();

void set_error(int code);
int last_error();

long now_ms();                                // UTC
unsigned long uptime_us();                    // never set back
void wait_until(long ms, const char* why);    // returns early when told to stop
void spend(long ms, const char* why);         // virtual time that an answer took
unsigned long waits();                        // how often the program has waited
bool stopping();
void stop(int reason);
int stop_reason();

void globals_load();
void globals_save();
void files_close();                           // as a terminal does at the end of a program
void files_tear(long bytes);                  // what a crash leaves of writes that were not flushed
[[noreturn]] void crash(long bytes);

void broker_start();   // the terminal connects
long trade_due();      // when the next trade transaction is to be heard
void trade_events();   // calls the program with those that are due
long skew_ms();        // the terminal's clock against the true one
std::string broker_asked(const std::string& line);  // the driver's word to the trade server

}  // namespace mql
