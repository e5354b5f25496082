"""What the treasury carries out once two people want it."""

from fusion_project.second_person.kinds import RequestKind, kind_register
from treasury.services.reversing import (
    ENTRY_REVERSE,
    reversal_carry_out,
    reversal_check,
    reversal_words,
)

kind_register(RequestKind(ENTRY_REVERSE, reversal_words, reversal_check, reversal_carry_out))
