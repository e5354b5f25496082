"""Deal → entry: every MT5 case, worked by hand, and the properties that hold for all."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution.wire import DEAL_KINDS, DELETED_KIND
from tests.factories.treasury import deal_revision
from treasury.rules.drafts import EntryDraft, draft_check
from treasury.rules.posting import Nothing, Quarantine, posting_for_deal, postings_for_ticket

CASH = "Assets:Broker:Demo-Server-5001:Cash"


def lines_of(**facts) -> dict[str, str]:
    draft = posting_for_deal(deal_revision(**facts))
    assert isinstance(draft, EntryDraft)
    draft_check(draft)
    return {line.account_code: f"{line.amount.normalize():f}" for line in draft.lines}


def test_opening_a_position_costs_only_its_commission():
    assert lines_of(entry="in", kind="buy", profit=Decimal(0), commission=Decimal("-0.35")) == {
        CASH: "-0.35",
        "Expenses:Trading:Demo-Server-5001:Commission": "0.35",
    }


def test_closing_books_profit_swap_commission_and_fee_apart():
    assert lines_of(
        profit=Decimal("12.50"),
        swap=Decimal("-1.25"),
        commission=Decimal("-0.70"),
        fee=Decimal("-0.05"),
    ) == {
        CASH: "10.5",
        "Income:Trading:Demo-Server-5001:Realised": "-12.5",
        "Expenses:Trading:Demo-Server-5001:Swap": "1.25",
        "Expenses:Trading:Demo-Server-5001:Commission": "0.7",
        "Expenses:Trading:Demo-Server-5001:Fee": "0.05",
    }


def test_a_swap_that_pays_is_income():
    lines = lines_of(profit=Decimal(0), commission=Decimal(0), swap=Decimal("2"))
    assert lines == {CASH: "2", "Income:Trading:Demo-Server-5001:Swap": "-2"}


def test_a_loss_takes_from_cash():
    lines = lines_of(profit=Decimal("-30"), commission=Decimal(0))
    assert lines == {CASH: "-30", "Income:Trading:Demo-Server-5001:Realised": "30"}


def test_profit_and_cost_that_cancel_leave_cash_alone():
    assert CASH not in lines_of(profit=Decimal("0.70"), commission=Decimal("-0.70"))


def test_a_netting_reversal_posts_like_a_close():
    assert lines_of(entry="inout") == lines_of(entry="out")


def test_a_close_by_pair_is_posted_as_it_stands():
    assert lines_of(entry="out_by", profit=Decimal("8"), commission=Decimal(0))[CASH] == "8"
    other = posting_for_deal(
        deal_revision(entry="out_by", profit=Decimal(0), commission=Decimal(0))
    )
    assert isinstance(other, Nothing)


def test_a_deposit_comes_through_transit():
    assert lines_of(kind="balance", entry="", profit=Decimal(10_000), commission=Decimal(0)) == {
        CASH: "10000",
        "Assets:Transit:Demo-Server-5001": "-10000",
    }


@pytest.mark.parametrize("kind", ["credit", "bonus"])
def test_the_brokers_credit_never_touches_cash(kind):
    assert lines_of(kind=kind, entry="", profit=Decimal(100), commission=Decimal(0)) == {
        "Assets:Broker:Demo-Server-5001:Credit": "100",
        "Liabilities:Broker:Demo-Server-5001:Credit": "-100",
    }


@pytest.mark.parametrize(
    ("kind", "account"),
    [
        ("charge", "Expenses:Trading:Demo-Server-5001:Charge"),
        ("correction", "Income:Trading:Demo-Server-5001:Correction"),
        ("commission", "Expenses:Trading:Demo-Server-5001:Commission"),
        ("commission_daily", "Expenses:Trading:Demo-Server-5001:CommissionDaily"),
        ("commission_monthly", "Expenses:Trading:Demo-Server-5001:CommissionMonthly"),
        ("commission_agent_daily", "Income:Trading:Demo-Server-5001:CommissionAgentDaily"),
        ("commission_agent_monthly", "Income:Trading:Demo-Server-5001:CommissionAgentMonthly"),
        ("interest", "Income:Trading:Demo-Server-5001:Interest"),
        ("dividend", "Income:Trading:Demo-Server-5001:Dividend"),
        ("dividend_franked", "Income:Trading:Demo-Server-5001:DividendFranked"),
        ("buy_canceled", "Income:Trading:Demo-Server-5001:Realised"),
        ("sell_canceled", "Income:Trading:Demo-Server-5001:Realised"),
        ("tax", "Expenses:Trading:Demo-Server-5001:Tax"),
    ],
)
def test_other_money_of_the_broker_has_its_own_account(kind, account):
    lines = lines_of(kind=kind, entry="", profit=Decimal("-3"), commission=Decimal(0))
    assert lines == {CASH: "-3", account: "3"}


@pytest.mark.parametrize("kind", [one for one in DEAL_KINDS if one != DELETED_KIND])
def test_every_kind_of_deal_has_a_rule(kind):
    entry = "out" if kind in ("buy", "sell") else ""
    assert not isinstance(posting_for_deal(deal_revision(kind=kind, entry=entry)), Quarantine)


def test_a_deal_that_is_deleted_reverses_its_entry_and_posts_nothing():
    first = deal_revision(ticket=7)
    gone = deal_revision(
        2, kind="deleted", entry="", ticket=7, profit=Decimal(0), commission=Decimal(0)
    )
    outcomes, drafts = postings_for_ticket([gone, first])
    assert isinstance(outcomes[gone.deal_id], Nothing)
    entry, reversal = drafts
    assert {line.account_code: -line.amount for line in entry.lines} == {
        line.account_code: line.amount for line in reversal.lines
    }


def test_an_unknown_deal_is_quarantined_not_guessed():
    assert isinstance(posting_for_deal(deal_revision(kind="unknown", entry="")), Quarantine)


def test_a_trade_without_direction_is_quarantined():
    assert isinstance(posting_for_deal(deal_revision(kind="buy", entry="")), Quarantine)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "0.000000001"])
def test_an_amount_that_the_currency_cannot_hold_is_quarantined(amount):
    assert isinstance(posting_for_deal(deal_revision(swap=Decimal(amount))), Quarantine)


def test_a_deal_without_money_has_no_entry():
    posting = posting_for_deal(deal_revision(profit=Decimal(0), commission=Decimal(0)))
    assert isinstance(posting, Nothing)


def test_the_key_names_server_login_ticket_and_revision():
    draft = posting_for_deal(deal_revision(ticket=77, revision=3))
    assert isinstance(draft, EntryDraft)
    assert draft.idem_key == "mt5:Demo-Server:5001:deal:77:3"


def test_a_restated_deal_reverses_the_former_revision_and_posts_the_next():
    first = deal_revision(ticket=7)
    second = deal_revision(ticket=7, revision=2, profit=Decimal("9"))
    _, drafts = postings_for_ticket([second, first])
    assert [draft.idem_key for draft in drafts] == [
        first.idem_key,
        f"{first.idem_key}:reversed",
        second.idem_key,
    ]
    assert drafts[1].reverses_key == first.idem_key


def test_a_revision_that_nobody_understands_leaves_the_former_standing():
    first = deal_revision(ticket=7)
    odd = deal_revision(ticket=7, revision=2, kind="unknown")
    outcomes, drafts = postings_for_ticket([first, odd])
    assert [draft.idem_key for draft in drafts] == [first.idem_key]
    assert isinstance(outcomes[odd.deal_id], Quarantine)


def test_a_revision_without_money_only_reverses():
    first = deal_revision(ticket=7)
    empty = deal_revision(ticket=7, revision=2, profit=Decimal(0), commission=Decimal(0))
    _, drafts = postings_for_ticket([first, empty])
    assert [draft.reverses_key for draft in drafts] == [None, first.idem_key]


money = st.decimals(min_value=-(10**9), max_value=10**9, places=8)
any_deal = st.builds(
    deal_revision,
    ticket=st.integers(1, 5),
    revision=st.integers(1, 4),
    kind=st.sampled_from(["buy", "sell", "balance", "credit", "charge", "tax", "unknown"]),
    entry=st.sampled_from(["in", "out", "inout", "out_by", ""]),
    profit=money,
    swap=money,
    commission=money,
    fee=money,
)


@given(any_deal)
def test_any_mix_of_amounts_sums_to_zero_and_cash_gets_what_the_deal_gave(deal):
    posting = posting_for_deal(deal)
    if not isinstance(posting, EntryDraft):
        return
    draft_check(posting)
    told = deal.deal
    assets = sum(
        line.amount
        for line in posting.lines
        if ":Broker:" in line.account_code and line.account_code.startswith("Assets")
    )
    assert assets == sum((told.profit, told.swap, told.commission, told.fee))


@given(st.lists(any_deal, min_size=1, max_size=4, unique_by=lambda deal: deal.revision))
def test_a_restated_ticket_ends_at_its_last_understood_revision(revisions):
    outcomes, drafts = postings_for_ticket(revisions)
    understood = [
        outcomes[deal.deal_id]
        for deal in sorted(revisions, key=lambda one: one.revision)
        if not isinstance(outcomes[deal.deal_id], Quarantine)
    ]
    expected = {}
    if understood and isinstance(understood[-1], EntryDraft):
        expected = {line.account_code: line.amount for line in understood[-1].lines}
    sums: dict[str, Decimal] = {}
    for draft in drafts:
        draft_check(draft)
        for line in draft.lines:
            sums[line.account_code] = sums.get(line.account_code, Decimal(0)) + line.amount
    assert {code: total for code, total in sums.items() if total} == expected
    assert len({draft.idem_key for draft in drafts}) == len(drafts)
