"""What two people want, by the real services: asked, confirmed, carried out by the handler."""

from collections.abc import Callable
from typing import Any

from fusion_project.errors import DomainError
from fusion_project.second_person.models import Request
from fusion_project.second_person.services import request_carry_out, request_confirm
from tests.drills.sim.handling import requests_work
from tests.drills.sim.world import World


def asked(world: World, name: str, ask: Callable[[], Request]) -> Request | DomainError:
    """The request, or what it was refused with."""
    try:
        return world.crashes.again(f"{name} asked", ask)
    except DomainError as refused:
        return refused


def carried_out(world: World, request: Request) -> bool:
    """Confirmed by the other person and carried out; False where it was refused by then."""
    confirm: dict[str, Any] = {
        "request_id": request.pk,
        "payload_sha256": request.payload_sha256,
        "actor": world.people[1],
    }
    world.crashes.again("confirmed", lambda: request_confirm(**confirm))
    requests_work(world)
    while Request.objects.filter(id=request.pk, state="confirmed").exists():
        # Its worker was killed; the next one comes when the lease is over.
        world.passes(25)
        requests_work(world)
    if world.chosen(0.1):
        again = request_carry_out(request_id=request.pk, actor="system")
        world.expect("a request that is carried out twice", False, again)
    request.refresh_from_db()
    return bool(request.state == "done")


def wanted(world: World, name: str, ask: Callable[[], Request]) -> str:
    """Ask, confirm, carry out; '' where it was done, else why it was refused."""
    request = asked(world, name, ask)
    if isinstance(request, DomainError):
        return f"{type(request).__name__}: {request}"
    if carried_out(world, request):
        world.did[name] += 1
        return ""
    return str(request.outcome) or request.state
