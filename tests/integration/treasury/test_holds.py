"""What is held for an entry nobody else can take; it ends once, and the tables say the same."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.models import Event
from tests.builders.people import staff_make
from tests.builders.treasury import ledger_accounts_make
from tests.factories.treasury import draft_of
from treasury import errors
from treasury.models import Balance, Hold
from treasury.selectors.holds import available_get, hold_pending_list
from treasury.selectors.integrity import balances_drifted
from treasury.services.holds import hold_lapse_due, hold_make, hold_release
from treasury.services.ledger import post

pytestmark = pytest.mark.django_db

POOL = "Liabilities:Pool:Test"


@pytest.fixture
def pool():
    """A pool of 100 with a floor of zero."""
    (account,) = ledger_accounts_make(POOL, floor=Decimal(0))
    ledger_accounts_make("Assets:Paid")
    post(drafts=[draft_of("fill", ("Assets:Paid", "USD", "100"), (POOL, "USD", "-100"))])
    return account


def hold(amount="60", key="pay", **facts):
    wanted = {
        "book": "paper",
        "account_code": POOL,
        "amount": Decimal(amount),
        "entry_key": key,
        "expires_at": now() + dt.timedelta(hours=1),
        "reason": "a payout",
        "actor": "system",
    }
    return hold_make(**(wanted | facts))


def take(amount, key="pay"):
    return post(
        drafts=[draft_of(key, (POOL, "USD", amount), ("Assets:Paid", "USD", f"-{amount}"))]
    )[0]


def test_what_is_held_counts_against_the_floor_and_its_own_entry_takes_it(pool):
    made = hold("60")
    assert available_get(account=pool) == 40
    with pytest.raises(errors.FloorBreached, match="60"):
        take("41", key="another")
    take("40", key="another")
    entry = take("60")
    made.refresh_from_db()
    assert (made.state, made.entry_id, made.ended_by) == ("posted", entry.id, "system")
    assert Balance.objects.get(account=pool).held == 0
    assert balances_drifted() == []


def test_its_entry_may_take_less_and_the_rest_is_free(pool):
    hold("60")
    take("10")
    assert available_get(account=pool) == 90


def test_its_entry_takes_no_more_than_it_holds_though_the_pool_has_it(pool):
    made = hold("60")
    with pytest.raises(errors.HoldRefused, match="at most 60"), transaction.atomic():
        take("61")
    made.refresh_from_db()
    assert (made.state, available_get(account=pool)) == ("pending", 40)


def test_more_than_is_left_cannot_be_held_and_the_table_says_the_same(pool):
    hold("60")
    with pytest.raises(errors.FloorBreached):
        hold("41", key="second")
    made = now()
    with pytest.raises(IntegrityError, match="pass its floor"), transaction.atomic():
        Hold.objects.create(
            account=pool,
            entry_key="second",
            amount=Decimal(41),
            reason="raw",
            made_by="system",
            made_at=made,
            expires_at=made + dt.timedelta(hours=1),
        )


def test_the_same_hold_is_one_and_another_amount_under_its_key_is_refused(pool):
    assert hold("60") == hold("60")
    with pytest.raises(errors.HoldRefused, match="already"):
        hold("50")
    assert Hold.objects.count() == 1


def test_what_was_let_go_cannot_be_taken_by_its_entry(pool):
    made = hold("60")
    hold_release(hold_id=made.pk, reason="called off", actor="system")
    assert available_get(account=pool) == 100
    with pytest.raises(errors.HoldEnded), transaction.atomic():
        take("60")
    with pytest.raises(errors.HoldEnded):
        hold_release(hold_id=made.pk, reason="again", actor="system")
    assert Event.objects.filter(name=names.HOLD_RELEASED).count() == 1


def test_a_hold_lapses_by_itself_and_is_over_for_its_entry_from_its_time_on(pool, clock):
    made = hold("60", expires_at=now() + dt.timedelta(minutes=5))
    assert hold_lapse_due() == 0
    clock.advance(minutes=6)
    with pytest.raises(errors.HoldEnded), transaction.atomic():
        take("60")
    assert (hold_lapse_due(), hold_lapse_due()) == (1, 0)
    made.refresh_from_db()
    assert (made.state, available_get(account=pool)) == ("lapsed", 100)


@pytest.mark.parametrize(
    ("facts", "match"),
    [
        ({"account_code": "Assets:Paid"}, "no floor"),
        ({"account_code": "Assets:Nowhere"}, "no account"),
        ({"amount": Decimal(-1)}, "above zero"),
        ({"amount": Decimal("0.000000001")}, "digits"),
        ({"entry_key": "fill"}, "posted already"),
        ({"expires_at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)}, "time to come"),
        ({"reason": " "}, "why"),
    ],
)
def test_what_cannot_be_held_is_refused_in_words(pool, facts, match):
    with pytest.raises(errors.LedgerRefused, match=match):
        hold(**facts)


@pytest.mark.parametrize(
    "change",
    [
        "state = 'lapsed', ended_by = 'system', ended_at = now()",
        "state = 'posted', ended_by = 'system', ended_at = now(), "
        "entry_id = (SELECT max(id) FROM treasury_entry)",
    ],
)
def test_the_table_refuses_ends_that_are_none(pool, change):
    hold()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE treasury_hold SET {change}")


def test_an_ended_hold_ends_no_second_time(pool):
    made = hold()
    take("60")
    again = "UPDATE treasury_hold SET state = 'released', entry_id = NULL WHERE id = %s"
    with pytest.raises(IntegrityError, match="ends once"), transaction.atomic():
        connection.cursor().execute(again, [made.pk])


@dataclass
class Model:
    """What may happen to a pool of 100, in whole numbers."""

    stands: int = 100
    held: dict[str, int] = field(default_factory=dict)
    ended: dict[str, tuple[str, int]] = field(default_factory=dict)

    def free(self) -> int:
        return self.stands - sum(self.held.values())

    def hold(self, key: str, amount: int) -> bool:
        if key in self.ended or key in self.held:
            return self.ended.get(key) == ("posted", amount) or self.held.get(key) == amount
        if amount > self.free():
            return False
        self.held[key] = amount
        return True

    def take(self, key: str, amount: int) -> bool:
        if amount > self.held[key]:
            return False
        self.stands -= amount
        self.ended[key] = ("posted", self.held.pop(key))
        return True

    def release(self, key: str) -> bool:
        self.ended[key] = ("released", self.held.pop(key))
        return True

    def other(self, amount: int) -> bool:
        if amount > self.free():
            return False
        self.stands -= amount
        return True


def _step(model: Model, n: int, what: str, key: str, amount: int) -> None:
    """The same on the model and on the ledger; both take it or refuse it."""
    if what in ("take", "release") and key not in model.held:
        return
    asked, work = {
        "hold": (model.hold, lambda: hold(str(amount), key=key)),
        "take": (model.take, lambda: take(str(amount), key=key)),
        "release": (
            lambda key, _: model.release(key),
            lambda: hold_release(
                hold_id=Hold.objects.get(entry_key=key).pk, reason="x", actor="system"
            ),
        ),
        "other": (lambda _, amount: model.other(amount), lambda: take(str(amount), f"other{n}")),
    }[what]
    fits = asked(key, amount)
    try:
        with transaction.atomic():
            work()
    except errors.LedgerRefused:
        assert not fits
    else:
        assert fits


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["hold", "take", "release", "other"]),
            st.sampled_from(["k1", "k2", "k3"]),
            st.integers(1, 70),
        ),
        max_size=12,
    )
)
def test_whatever_comes_in_whatever_order_nothing_passes_the_floor(pool, steps):
    with transaction.atomic():
        model = Model()
        for n, step in enumerate(steps):
            _step(model, n, *step)
            kept = Balance.objects.get(account=pool)
            assert (-kept.amount, kept.held) == (model.stands, sum(model.held.values()))
        assert balances_drifted() == []
        transaction.set_rollback(True)


def test_the_command_makes_lists_and_lets_go(pool):
    user = staff_make("ops").username

    def run(*args: str, **options: object) -> str:
        out = StringIO()
        call_command("hold", *args, stdout=out, **options)
        return out.getvalue()

    make = ["make", "--book=paper", f"--account={POOL}", "--for=pay", "--reason=a payout"]
    said = run(*make, "--amount=60", f"--as={user}")
    number = str(hold_pending_list(book="paper").get().pk)
    assert said.startswith(f"Hold {number} counts until ")
    assert f"60 USD\t{POOL}\tfor pay" in run("list", "--book=paper")
    assert "let go" in run("release", number, "--reason=off", f"--as={user}")
    assert run("list", "--book=paper") == ""
    with pytest.raises(CommandError, match="no decimal number"):
        run(*make, "--amount=much", f"--as={user}")
    with pytest.raises(CommandError, match="left"):
        run(*make[:-2], "--for=more", "--reason=x", "--amount=101", f"--as={user}")
