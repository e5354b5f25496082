"""What execution is asked when somebody approves a decision."""

from execution.selectors.approving import entry_unorderable
from signals.services.approval_checks import approval_check_register

approval_check_register("execution.entry", entry_unorderable)
