"""All guards, place by place."""

from tests.guards.desk import DESK
from tests.guards.edge import EDGE
from tests.guards.events import EVENTS
from tests.guards.execution import EXECUTION
from tests.guards.front import FRONT
from tests.guards.ledger import LEDGER
from tests.guards.pine import PINE
from tests.guards.signals import SIGNALS
from tests.guards.watch import WATCH

GUARDS = (*EVENTS, *FRONT, *SIGNALS, *EDGE, *WATCH, *DESK, *EXECUTION, *LEDGER, *PINE)
