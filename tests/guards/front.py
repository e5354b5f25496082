"""Guards of the front: deadlines of bodies, whole requests, threads by kind."""

from tests.guards.guard import Guard

_BODIES = "fusion_project/front/bodies.py"
_CALLS = "fusion_project/front/calls.py"
_SERVER = "fusion_project/front/server.py"
_OF_BODIES = ("tests/unit/front/test_bodies.py",)
_OF_CALLS = ("tests/unit/front/test_calls.py",)
_E2E = ("tests/e2e/front/test_front.py",)

FRONT = (
    Guard(
        "front: a sender that stops has a deadline",
        _BODIES,
        "asyncio.timeout(pause_seconds)",
        "asyncio.timeout(whole_seconds)",
        _OF_BODIES,
    ),
    Guard(
        "front: a trickle has a deadline",
        _BODIES,
        "min(loop.time() + pause_seconds, end)",
        "loop.time() + pause_seconds",
        _OF_BODIES,
    ),
    Guard(
        "front: no more of a body is read than is wanted",
        _BODIES,
        "min(length, limit + 1)\n    loop",
        "length\n    loop",
        _OF_BODIES,
    ),
    Guard(
        "front: a body that is not whole reaches no form and no executor's view",
        _SERVER,
        "return _REFUSALS.get(body.state, body)",
        "return body",
        _E2E,
    ),
    Guard(
        "front: a body that is declared too large is not waited for",
        _SERVER,
        "if length > self._other_bytes_max:",
        "if False:",
        _E2E,
    ),
    Guard(
        "front: each kind has threads of its own",
        _SERVER,
        "self._pools[kind].take(",
        "self._pools[HOOKS].take(",
        _E2E,
    ),
    Guard(
        "front: who has waited too long is told so",
        _CALLS,
        "if waited > self._kind.waiting_seconds:",
        "if False:",
        _OF_CALLS,
    ),
    Guard(
        "front: a header with an underscore passes for no other",
        _CALLS,
        'if "_" not in name:',
        "if True:",
        _OF_CALLS,
    ),
    Guard(
        "edge: a late body is told as late",
        "signals/services/receiving.py",
        "    if request.is_late:\n",
        "    if False:\n",
        _E2E,
    ),
)
