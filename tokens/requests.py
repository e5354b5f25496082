"""What the tokens carry out once two people want it."""

from fusion_project.second_person.kinds import RequestKind, kind_register
from tokens.services.rules import RULE_CHANGE, rule_carry_out, rule_check, rule_words

kind_register(RequestKind(RULE_CHANGE, rule_words, rule_check, rule_carry_out))
