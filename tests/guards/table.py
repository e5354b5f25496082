"""All guards, place by place."""

from tests.guards.chain import CHAIN
from tests.guards.desk import DESK
from tests.guards.edge import EDGE
from tests.guards.events import EVENTS
from tests.guards.execution import EXECUTION
from tests.guards.executor import EXECUTOR
from tests.guards.front import FRONT
from tests.guards.gates import GATES
from tests.guards.host import HOST
from tests.guards.learning import LEARNING
from tests.guards.ledger import LEDGER
from tests.guards.limits import LIMITS
from tests.guards.models_asked import MODELS_ASKED
from tests.guards.netting import NETTING
from tests.guards.pages import PAGES
from tests.guards.paper import PAPER
from tests.guards.pine import PINE
from tests.guards.plans import PLANS
from tests.guards.public import PUBLIC
from tests.guards.recon import RECON
from tests.guards.reserves import RESERVES
from tests.guards.resting import RESTING
from tests.guards.rights import RIGHTS
from tests.guards.run import RUN
from tests.guards.said import SAID
from tests.guards.sign_in import SIGN_IN
from tests.guards.signals import SIGNALS
from tests.guards.switches import SWITCHES
from tests.guards.treasury import TREASURY
from tests.guards.watch import WATCH

GUARDS = (
    *EVENTS,
    *SIGNALS,
    *LEARNING,
    *GATES,
    *MODELS_ASKED,
    *EDGE,
    *WATCH,
    *CHAIN,
    *DESK,
    *EXECUTION,
    *EXECUTOR,
    *FRONT,
    *HOST,
    *LEDGER,
    *LIMITS,
    *NETTING,
    *PAGES,
    *PAPER,
    *PINE,
    *PUBLIC,
    *RECON,
    *RESERVES,
    *PLANS,
    *RESTING,
    *RIGHTS,
    *RUN,
    *SAID,
    *SIGN_IN,
    *SWITCHES,
    *TREASURY,
)
