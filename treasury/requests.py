"""What the treasury carries out once two people want it."""

from fusion_project.second_person.kinds import RequestKind, kind_register
from treasury.services.reversing import (
    ENTRY_REVERSE,
    reversal_carry_out,
    reversal_check,
    reversal_words,
)
from treasury.services.transit import (
    TRANSIT_CLEAR,
    clearing_carry_out,
    clearing_check,
    clearing_words,
)

kind_register(RequestKind(ENTRY_REVERSE, reversal_words, reversal_check, reversal_carry_out))
kind_register(RequestKind(TRANSIT_CLEAR, clearing_words, clearing_check, clearing_carry_out))
