"""What the treasury carries out once two people want it."""

from fusion_project.second_person.kinds import RequestKind, kind_register
from treasury.services import (
    conversions,
    distributing,
    policies,
    revenue,
    reversing,
    transit,
    units,
)

for kind in (
    RequestKind(
        reversing.ENTRY_REVERSE,
        reversing.reversal_words,
        reversing.reversal_check,
        reversing.reversal_carry_out,
    ),
    RequestKind(
        transit.TRANSIT_CLEAR,
        transit.clearing_words,
        transit.clearing_check,
        transit.clearing_carry_out,
    ),
    RequestKind(
        policies.POLICY_CHANGE,
        policies.policy_words,
        policies.policy_check,
        policies.policy_carry_out,
    ),
    RequestKind(
        policies.POLICY_BIND, policies.bind_words, policies.bind_check, policies.bind_carry_out
    ),
    RequestKind(
        distributing.DISTRIBUTION_MAKE,
        distributing.distribution_words,
        distributing.distribution_check,
        distributing.distribution_make,
    ),
    RequestKind(units.UNITS_ISSUE, units.issue_words, units.issue_check, units.issue_carry_out),
    RequestKind(units.UNITS_REDEEM, units.redeem_words, units.redeem_check, units.redeem_carry_out),
    RequestKind(units.UNITS_PAY, units.pay_words, units.pay_check, units.pay_carry_out),
    RequestKind(
        revenue.REVENUE_RECORD,
        revenue.revenue_words,
        revenue.revenue_check,
        revenue.revenue_carry_out,
    ),
    RequestKind(
        conversions.CONVERSION_MAKE,
        conversions.conversion_words,
        conversions.conversion_check,
        conversions.conversion_carry_out,
    ),
):
    kind_register(kind)
