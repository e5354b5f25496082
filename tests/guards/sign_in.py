"""Guards of the sign-in page and of what is told of people."""

from tests.guards.guard import Guard

_TRIES = "fusion_project/ops/sign_in/tries.py"
_GUARD = "fusion_project/ops/sign_in/guard.py"
_SIGN_IN = ("tests/integration/ops/test_sign_in.py",)
_PEOPLE = ("tests/integration/ops/test_people.py",)
_RACES = ("tests/race/ops/test_sign_in_races.py",)

SIGN_IN = (
    Guard(
        "sign-in: parallel tries do not pass the limit",
        _TRIES,
        "    passed_by = _locked_until(values, already=1)\n",
        "    passed_by = None\n",
        _RACES,
    ),
    Guard(
        "sign-in: a lock is not prolonged by trying",
        _TRIES,
        "    if until := _locked_until(values, already=0):\n",
        "    if until := None:\n",
        _SIGN_IN,
    ),
    Guard(
        "sign-in: one address is one address under all names",
        _TRIES,
        "        (2, a.ip_address = %(address)s),\n",
        "        (2, false),\n",
        (*_SIGN_IN, *_RACES),
    ),
    Guard(
        "sign-in: one name is one name from all addresses",
        _TRIES,
        "        (3, a.username = %(name)s)) scope",
        "        (3, false)) scope",
        (*_SIGN_IN, *_RACES),
    ),
    Guard(
        "sign-in: success takes back one name's tries",
        _TRIES,
        "WHERE username = %(name)s AND ip_address = %(address)s",
        "WHERE ip_address = %(address)s",
        _SIGN_IN,
    ),
    Guard(
        "sign-in: the address is the real one",
        _GUARD,
        "    key = limit_key(peer)",
        '    key = limit_key(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")[0] or peer)',
        _SIGN_IN,
    ),
    Guard(
        "sign-in: the log keeps few of the refused ones",
        _GUARD,
        "            is_told = cursor.fetchone()[0] == 0\n",
        "            is_told = True\n",
        _SIGN_IN,
    ),
    Guard(
        "people: a password that another set must be changed",
        "fusion_project/ops/sign_in/middleware.py",
        "        if not _is_open_while_due(request) and _is_due(request):\n",
        "        if False:\n",
        _PEOPLE,
    ),
    Guard(
        "people: a password that another set is an incident",
        "fusion_project/ops/sign_in/passwords.py",
        "    if is_own or not is_usable:\n",
        "    if True:\n",
        _PEOPLE,
    ),
    Guard(
        "people: the same password again is none of one's own",
        "fusion_project/ops/sign_in/passwords.py",
        "        if user is not None and user.pk and check_password(password, user.password):\n",
        "        if False:\n",
        _PEOPLE,
    ),
)
