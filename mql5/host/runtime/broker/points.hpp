// Places of the host where a scripted fault may strike: before and after a call.
#pragma once
#include <string>

namespace mql::broker {

struct Stroke {  // what a fault says of a call that is not a trade request
    std::string effect, text;
    long retcode = 0, ms = 0;
};

// Crashes where the script says so, at its making (before the call) and at its end (after the call).
class Point {
    const char* on_;
    std::string text_;

  public:
    Point(const char* on, std::string text);
    ~Point();
    Point(const Point&) = delete;
    bool struck(const char* when, Stroke& stroke) const;  // by another effect than a crash
};

}  // namespace mql::broker
