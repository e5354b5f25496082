"""Documented commands about who is paid: holds, policies, distributions, units, revenue."""

from tests.e2e.documented.kinds import NAME, LeftOut, Run

_USER = {"USER": "ops"}
_UNITS = LeftOut("needs an account of investors; tests/integration/treasury/test_units.py runs it")

PAYING: dict[str, Run | LeftOut] = {
    "./manage.py policy": NAME,
    "./manage.py policy list": Run(says="investor"),
    './manage.py policy ask investor payout=6000 reinvest=2000 fee=2000 --reason "vot …': Run(
        says="waits for a second person", swaps=_USER
    ),
    './manage.py policy bind investor --book paper --source NAME --reason "fund 1" -- …': LeftOut(
        "a bound account would change the demo; tests/integration/treasury/test_policies.py runs it"
    ),
    "./manage.py revenue list --book paper": Run(),
    "./manage.py revenue open Subscriptions --book paper --currency USD --as USER": Run(
        says="is open", swaps=_USER
    ),
    "./manage.py revenue record NAME --book paper --amount 49 --reference inv-7 --rea …": LeftOut(
        "needs a stream of that name; tests/integration/treasury/test_distributions.py runs it"
    ),
    "./manage.py distribution show --book paper --policy house": LeftOut(
        "nothing may be sealed yet; tests/integration/treasury/test_distributions.py runs it"
    ),
    "./manage.py distribution propose --book paper --policy house --period PERIOD --r …": LeftOut(
        "the demo may have earned nothing; tests/integration/treasury/test_distributions.py runs it"
    ),
    "./manage.py distribution list --book paper": Run(),
    "./manage.py units list --account NAME": _UNITS,
    './manage.py units issue --account NAME --holder A-1 --amount 1000 --reason "join …': _UNITS,
    './manage.py units redeem --account NAME --series 1 --units 100 --reason "leaves" …': _UNITS,
    './manage.py units pay --account NAME --series 1 --amount 116 --reason "sent" --a …': _UNITS,
    "./manage.py price_import PRICES.csv --book paper --as USER": LeftOut(
        "needs a ledger in two currencies; tests/integration/treasury/test_conversions.py runs it"
    ),
    "./manage.py conversion": NAME,
    "./manage.py price_import": NAME,
    "./manage.py conversion list --book paper": Run(),
    "./manage.py period_close --book paper": Run(),
    "./manage.py conversion ask --book paper --from CODE --to CODE --currency USD --a …": LeftOut(
        "needs a pool in another currency; tests/integration/treasury/test_conversions.py runs it"
    ),
    "./manage.py conversion withdraw NUMBER --as USER": LeftOut(
        "needs a conversion that waits; tests/integration/treasury/test_conversions.py runs it"
    ),
    "./manage.py period_close --book paper --period PERIOD --dry-run": LeftOut(
        "no period of the demo is over; tests/integration/treasury/test_periods.py runs it"
    ),
    "./manage.py period_close --book paper --period PERIOD --as USER": LeftOut(
        "a closed period would change the demo; tests/integration/treasury/test_periods.py runs it"
    ),
    "./manage.py period_close": NAME,
    "./manage.py hold": NAME,
    "./manage.py hold list --book paper": Run(),
    "./manage.py hold make --book paper --account CODE --amount 5 --for KEY --reason  …": LeftOut(
        "the demo holds nothing back; tests/integration/treasury/test_holds.py runs it"
    ),
    './manage.py hold release NUMBER --reason "called off" --as USER': LeftOut(
        "needs a hold; tests/integration/treasury/test_holds.py runs it"
    ),
}
