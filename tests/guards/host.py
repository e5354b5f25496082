"""Guards of the host that runs Expert Advisors."""

from tests.guards.guard import Guard

_RUNTIME = "mql5/host/runtime/"
_LANGUAGE = ("tests/integration/mql5/test_language.py",)
_TERMINAL = ("tests/integration/mql5/test_terminal.py",)


def _runtime(name: str, file: str, old: str, new: str, tests: tuple[str, ...]) -> Guard:
    return Guard(f"host: {name}", f"{_RUNTIME}{file}", old, new, tests)


HOST = (
    _runtime(
        "an index stays inside its array",
        "base.hpp",
        "        if (i < 0 || i >= size())\n",
        "        if (i < 0)\n",
        _LANGUAGE,
    ),
    _runtime(
        "a request goes to allowed addresses only",
        "network.cpp",
        "        if (!allowed(to)) throw Transport{ERR_FUNCTION_NOT_ALLOWED};\n",
        "",
        _TERMINAL,
    ),
    _runtime(
        "an allowed address ends where a path begins",
        "network.cpp",
        "        if (url.size() == one.size() || one.back() == '/' || url[one.size()] == '/' ||"
        " url[one.size()] == '?')\n",
        "",
        _TERMINAL,
    ),
    _runtime(
        "a crash leaves only what was flushed",
        "clock.cpp",
        "    files_tear(bytes);\n",
        "    files_close();\n",
        _TERMINAL,
    ),
    _runtime(
        "beats are not made up",
        "main.cpp",
        "timer_due += timer_period * ((now - timer_due) / timer_period + 1);",
        "timer_due += timer_period;",
        _TERMINAL,
    ),
    _runtime(
        "files stay in the sandbox",
        "files.cpp",
        '    for (const fs::path& part : relative) outside = outside || part == "..";\n',
        "",
        _LANGUAGE,
    ),
    _runtime(
        "an answer that breaks off is none",
        "network.cpp",
        "            if (!more(to)) throw Transport{ERR_WEBREQUEST_REQUEST_FAILED};\n",
        "            if (!more(to)) return;\n",
        _TERMINAL,
    ),
    Guard(
        "host: an unknown function is a fault",
        "mql5/host/lint/calls.py",
        "            known = token.text in own or ",
        "            known = True or token.text in own or ",
        ("tests/unit/mql5/test_lint.py",),
    ),
    Guard(
        "host: a divisor is checked",
        "mql5/host/translate.py",
        '        if token.text in _GUARDED and token.kind == "mark":\n',
        '        if token.text in () and token.kind == "mark":\n',
        ("tests/unit/mql5/test_translate.py",),
    ),
)
