"""A hold is taken, let go or lapses, whoever comes at once: one of them, once."""

import datetime as dt
from decimal import Decimal

import psycopg
import pytest

from fusion_project.events.clock import now
from tests.builders.treasury import ledger_accounts_make
from tests.factories.treasury import draft_of
from treasury import errors
from treasury.models import Balance, Entry, Hold
from treasury.selectors.integrity import balances_drifted
from treasury.services.holds import hold_make, hold_release
from treasury.services.ledger import post

pytestmark = pytest.mark.usefixtures("committed_db")

THREADS = 8
POOLS = [f"Liabilities:Pool:P{n}" for n in range(3)]


@pytest.fixture
def pools():
    ledger_accounts_make(*POOLS, floor=Decimal(0))
    ledger_accounts_make("Assets:Paid")
    for code in POOLS:
        post(drafts=[draft_of(code, ("Assets:Paid", "USD", "100"), (code, "USD", "-100"))])


def hold(code: str, key: str, amount: str = "60") -> Hold:
    return hold_make(
        book="paper",
        account_code=code,
        amount=Decimal(amount),
        entry_key=key,
        expires_at=now() + dt.timedelta(hours=1),
        reason="race",
        actor="system",
    )


def take(code: str, key: str, amount: str = "60") -> int:
    draft = draft_of(key, (code, "USD", amount), ("Assets:Paid", "USD", f"-{amount}"))
    return post(drafts=[draft])[0].id


def test_a_hold_resolves_once(pools, in_threads):
    for turn in range(4):
        key = f"pay{turn}"
        made = hold(POOLS[0], key, "20")

        def work(number: int, made: Hold = made, key: str = key) -> str:
            if number % 2:
                hold_release(hold_id=made.pk, reason="off", actor="system")
                return "released"
            take(POOLS[0], key, "20")
            return "posted"

        results = in_threads(THREADS, work)
        made.refresh_from_db()
        won = [one for one in results if isinstance(one, str)]
        lost = [one for one in results if not isinstance(one, str)]
        assert set(won) == {made.state}, results
        assert len(won) == (1 if made.state == "released" else THREADS // 2)
        assert all(isinstance(one, errors.HoldEnded) for one in lost), results
        assert Entry.objects.filter(idem_key=key).exists() == (made.state == "posted")
    assert Balance.objects.get(account__code=POOLS[0]).held == 0
    assert balances_drifted() == []


def test_of_many_who_hold_the_same_last_amount_as_many_win_as_it_has_room_for(pools, in_threads):
    results = in_threads(THREADS, lambda n: hold(POOLS[0], f"pay{n}", "30"))
    assert sum(isinstance(one, Hold) for one in results) == 3, results
    assert all(isinstance(one, Hold | errors.FloorBreached) for one in results), results
    assert Balance.objects.get(account__code=POOLS[0]).held == 90


def test_holds_and_entries_over_the_same_pools_never_deadlock(pools, in_threads):
    def work(number: int) -> None:
        for step in range(6):
            key = f"{number}:{step}"
            codes = [POOLS[(number + step) % 3], POOLS[(number + 2 * step + 1) % 3]]
            made = [hold(code, key, "1") for code in dict.fromkeys(codes)]
            if step % 3 == 2:
                for one in made:
                    hold_release(hold_id=one.pk, reason="off", actor="system")
                continue
            lines = [(one.account.code, "USD", "1") for one in made]
            post(drafts=[draft_of(key, *lines, ("Assets:Paid", "USD", f"-{len(made)}"))])

    assert in_threads(THREADS, work) == [None] * THREADS
    assert not Hold.objects.filter(state="pending").exists()
    assert set(Balance.objects.values_list("held", flat=True)) == {Decimal(0)}
    assert balances_drifted() == []


@pytest.mark.parametrize(
    "change",
    [
        "state = 'released', ended_by = 'system', ended_at = now(), amount = 1",
        "state = 'released', ended_by = 'system', ended_at = now(), entry_key = 'x'",
        "amount = 1",
    ],
)
def test_what_is_held_for_whom_stays_though_the_owner_asks(pools, owner_connection, change):
    hold(POOLS[0], "pay")
    for statement in (f"UPDATE treasury_hold SET {change}", "DELETE FROM treasury_hold"):
        with pytest.raises(psycopg.errors.IntegrityError), owner_connection.transaction():
            owner_connection.execute(statement)
