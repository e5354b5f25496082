#include "broker/points.hpp"

#include "broker/link.hpp"
#include "terminal.hpp"

namespace mql::broker {

// Crashes are told apart by the place's name: `FileFlush` strikes with an effect, `FileFlush!` kills.
static bool hit(const std::string& on, const char* when, const std::string& text, Mishap& fault) {
    if (!attached() || seen("a fault").faults.empty()) return false;
    Held held("a fault");
    return strike(held.book, on, when, text, fault);
}
static void crash_there(const char* on, const char* when, const std::string& text) {
    Mishap fault;
    if (hit(std::string(on) + "!", when, text, fault)) crash(fault.torn);
}

Point::Point(const char* on, std::string text) : on_(on), text_(std::move(text)) { crash_there(on_, "before", text_); }
Point::~Point() { crash_there(on_, "after", text_); }

bool Point::struck(const char* when, Stroke& stroke) const {
    Mishap fault;
    if (!hit(on_, when, text_, fault)) return false;
    stroke = {fault.effect, fault.text, fault.retcode, fault.ms};
    return true;
}

}  // namespace mql::broker
