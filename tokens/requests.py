"""What the tokens carry out once two people want it, and what they ask of a distribution."""

from fusion_project.second_person.kinds import RequestKind, kind_register
from tokens.services.bindings import (
    CHAIN_BIND,
    CHAIN_RELEASE,
    binding_carry_out,
    binding_check,
    binding_words,
    release_carry_out,
    release_check,
    release_words,
)
from tokens.services.gates import chain_not_green, house_splits_otherwise
from tokens.services.intents import CHAIN_INTENT, intent_carry_out, intent_check, intent_words
from tokens.services.rules import RULE_CHANGE, rule_carry_out, rule_check, rule_words
from treasury.services.gates import gate_register

kind_register(RequestKind(RULE_CHANGE, rule_words, rule_check, rule_carry_out))
kind_register(RequestKind(CHAIN_BIND, binding_words, binding_check, binding_carry_out))
kind_register(RequestKind(CHAIN_RELEASE, release_words, release_check, release_carry_out))
kind_register(RequestKind(CHAIN_INTENT, intent_words, intent_check, intent_carry_out))
gate_register(chain_not_green)
gate_register(house_splits_otherwise)
