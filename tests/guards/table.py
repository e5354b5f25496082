"""All guards, place by place."""

from tests.guards.events import EVENTS
from tests.guards.execution import EXECUTION
from tests.guards.ledger import LEDGER
from tests.guards.signals import SIGNALS

GUARDS = (*EVENTS, *SIGNALS, *EXECUTION, *LEDGER)
