// Global variables of the terminal: kept over restarts, lost in a crash since the last flush.
#include "system.hpp"

#include "runtime.hpp"
#include "terminal.hpp"
#include "broker/points.hpp"

namespace mql {

struct Global {
    double value;
    long used;  // the last access, in seconds
    bool temporary;
};
static std::map<std::string, Global> globals;
static const size_t NAME_MAX_LENGTH = 63;
static const long KEPT_SECONDS = 4 * 7 * 86400;  // unused for four weeks: deleted

static std::string file_name() { return options().home + "/globals.txt"; }

void globals_load() {
    std::ifstream file(file_name());
    std::string name, value;
    long used;
    while (std::getline(file, name, '\t') && file >> value >> used) {
        file.ignore();
        if (used + KEPT_SECONDS >= now_ms() / 1000)
            globals[name] = {std::strtod(value.c_str(), nullptr), used, false};
    }
}
void globals_save() {
    std::string next = file_name() + ".next";
    {
        std::ofstream file(next);
        for (auto& [name, one] : globals) {
            char value[64];
            std::snprintf(value, sizeof value, "%a", one.value);
            if (!one.temporary) file << name << '\t' << value << ' ' << one.used << '\n';
        }
        file.flush();
        if (!file) {
            set_error(ERR_INTERNAL_ERROR);
            return;
        }
    }
    std::error_code fault;
    std::filesystem::rename(next, file_name(), fault);
    if (fault) set_error(ERR_INTERNAL_ERROR);
}

static std::string checked(const String& name) {
    std::string text = utf8(name);
    bool strange = text.empty() || text.find_first_of("\t\n") != std::string::npos;
    if (strange || name.s.size() > NAME_MAX_LENGTH)
        fail("a global variable's name has 1 to 63 characters: '" + text + "'");
    return text;
}
static Global* found(const String& name) {
    auto one = globals.find(checked(name));
    if (one == globals.end()) {
        set_error(ERR_GLOBALVARIABLE_NOT_FOUND);
        return nullptr;
    }
    one->second.used = now_ms() / 1000;
    return &one->second;
}

bool GlobalVariableCheck(String name) { return globals.count(checked(name)) > 0; }
bool GlobalVariableDel(String name) {
    bool was = globals.erase(checked(name)) > 0;
    if (!was) set_error(ERR_GLOBALVARIABLE_NOT_FOUND);
    return was;
}
double GlobalVariableGet(String name) {
    Global* one = found(name);
    return one ? one->value : 0;
}
datetime GlobalVariableSet(String name, double value) {
    Global& one = globals[checked(name)];
    one = {value, now_ms() / 1000, one.temporary};
    return one.used;
}
bool GlobalVariableSetOnCondition(String name, double value, double check_value) {
    Global* one = found(name);
    if (!one || one->value != check_value) return false;
    one->value = value;
    return true;
}
bool GlobalVariableTemp(String name) {
    if (GlobalVariableCheck(name)) {
        set_error(ERR_GLOBALVARIABLE_EXISTS);
        return false;
    }
    globals[checked(name)] = {0, now_ms() / 1000, true};
    return true;
}
datetime GlobalVariableTime(String name) {
    auto one = globals.find(checked(name));
    return one == globals.end() ? 0 : one->second.used;
}
int GlobalVariablesTotal() { return (int)globals.size(); }
String GlobalVariableName(int index) {
    if (index < 0 || index >= (int)globals.size()) return String();
    return from_utf8(std::next(globals.begin(), index)->first);
}
int GlobalVariablesDeleteAll(String prefix, datetime before) {
    std::string start = utf8(prefix);
    int count = 0;
    for (auto one = globals.begin(); one != globals.end();) {
        bool takes = one->first.compare(0, start.size(), start) == 0 && (before == 0 || one->second.used < before);
        one = takes ? globals.erase(one) : std::next(one);
        count += takes;
    }
    return count;
}
void GlobalVariablesFlush() {
    broker::Point point("GlobalVariablesFlush", "");
    globals_save();
}

}  // namespace mql
