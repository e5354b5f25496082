"""Re-derives what the ledger claims from its raw lines; each function yields its findings."""

from collections.abc import Callable, Iterator

from django.db import connection
from django.db.models import Max, Min

from execution.models import Position
from fusion_project.postgres.closing.triggers import triggers_asleep
from treasury.models import CashMark, Entry
from treasury.selectors.completeness import deals_quarantined, deals_without_posting

FINDINGS_MAX = 20
_later: dict[str, Callable[[], list[str]]] = {}
HASH_CHUNK = 5_000

_UNBALANCED = """
    SELECT 'entry ' || entry_id || ': ' || currency_id || ' sums to ' || sum(amount)
    FROM treasury_line GROUP BY entry_id, currency_id HAVING sum(amount) <> 0 LIMIT %s"""
_TOO_FEW_LINES = """
    SELECT 'entry ' || e.id || ' has ' || count(l.id) || ' lines'
    FROM treasury_entry e LEFT JOIN treasury_line l ON l.entry_id = e.id
    GROUP BY e.id HAVING count(l.id) < 2 LIMIT %s"""
_MIXED = """
    SELECT 'line ' || l.id || ' of entry ' || e.id || ' is not in the book and currency of '
        || a.code
    FROM treasury_line l JOIN treasury_entry e ON e.id = l.entry_id
        JOIN treasury_ledgeraccount a ON a.id = l.account_id
    WHERE a.book <> e.book OR a.currency_id <> l.currency_id LIMIT %s"""
_DRIFTED = """
    SELECT 'account ' || a.code || ': kept ' || coalesce(b.amount, 0) || ', lines '
        || coalesce(sums.amount, 0)
    FROM treasury_ledgeraccount a LEFT JOIN treasury_balance b ON b.account_id = a.id
        LEFT JOIN (SELECT account_id, sum(amount) AS amount FROM treasury_line GROUP BY 1) sums
            ON sums.account_id = a.id
    WHERE (a.tracked OR b.account_id IS NOT NULL)
        AND coalesce(b.amount, 0) <> coalesce(sums.amount, 0) LIMIT %s"""
_HELD_DRIFTED = """
    SELECT 'account ' || a.code || ': kept as held ' || coalesce(b.held, 0) || ', its holds '
        || coalesce(sums.amount, 0)
    FROM treasury_ledgeraccount a LEFT JOIN treasury_balance b ON b.account_id = a.id
        LEFT JOIN (
            SELECT account_id, sum(amount) AS amount FROM treasury_hold
            WHERE state = 'pending' GROUP BY 1) sums ON sums.account_id = a.id
    WHERE coalesce(b.held, 0) <> coalesce(sums.amount, 0) LIMIT %s"""
# The seal's copy of each hash is apart from the leaf, which an editor can make anew.
_UNLIKE_SEAL = """
    SELECT 'entry ' || sealed.row_id || CASE WHEN leaf.entry_id IS NULL
        THEN ' is gone' ELSE ' was changed after it was sealed' END
    FROM events_sealleaf sealed LEFT JOIN treasury_leaf leaf ON leaf.entry_id = sealed.row_id
    WHERE sealed.log = 'treasury' AND decode(leaf.sha256, 'hex') IS DISTINCT FROM sealed.sha256
    LIMIT %s"""
# Told by their steps, so that the lines are read once however many checkpoints there are.
_CHECKPOINT_DRIFTED = """
    WITH step AS (
        SELECT account_id, entry_id, lag(entry_id, 1, 0::bigint) OVER steps AS since,
            debit - lag(debit, 1, 0::numeric) OVER steps AS debit,
            credit - lag(credit, 1, 0::numeric) OVER steps AS credit
        FROM treasury_checkpoint WINDOW steps AS (PARTITION BY account_id ORDER BY entry_id)
    )
    SELECT 'account ' || a.code || ' up to entry ' || step.entry_id || ': its checkpoint says '
        || step.debit || ' and ' || step.credit || ' since the one before, the lines '
        || coalesce(l.debit, 0) || ' and ' || coalesce(l.credit, 0)
    FROM step JOIN treasury_ledgeraccount a ON a.id = step.account_id
        LEFT JOIN LATERAL (
            SELECT sum(amount) FILTER (WHERE amount > 0) AS debit,
                -sum(amount) FILTER (WHERE amount < 0) AS credit
            FROM treasury_line
            WHERE account_id = step.account_id AND entry_id > step.since
                AND entry_id <= step.entry_id
        ) l ON true
    WHERE coalesce(l.debit, 0) <> step.debit OR coalesce(l.credit, 0) <> step.credit LIMIT %s"""
_CHECKPOINT_LATE = """
    SELECT 'the checkpoint at entry ' || c.entry_id || ' leaves out when its entries were recorded'
    FROM (
        SELECT entry_id, lag(entry_id, 1, 0::bigint) OVER (ORDER BY entry_id) AS since,
            recorded_until
        FROM (SELECT DISTINCT entry_id, recorded_until FROM treasury_checkpoint) one
    ) c
    WHERE c.recorded_until < (
        SELECT max(recorded_at) FROM treasury_entry WHERE id > c.since AND id <= c.entry_id)
    LIMIT %s"""
# Reads of a moment in the past look no further than an hour beyond it.
_OUT_OF_TIME = """
    SELECT 'entry ' || id || ' was recorded over an hour before entries with lower numbers'
    FROM (
        SELECT id, recorded_at, max(recorded_at) OVER (ORDER BY id) AS latest FROM treasury_entry
    ) e
    WHERE recorded_at < latest - interval '1 hour' LIMIT %s"""
_MARK_TOO_HIGH = """
    SELECT 'deal ' || d.id || ' (ticket ' || d.ticket || ') has no posting and lies below the mark'
    FROM treasury_postedmark mark JOIN execution_deal d
        ON d.account_id = mark.account_id AND d.id <= mark.deal_id
    WHERE NOT EXISTS (SELECT FROM treasury_dealposting p WHERE p.deal_id = d.id) LIMIT %s"""
# Of places that changed since the mark each reader makes steps anew, so those are left out.
_CASH_PLACES_DRIFTED = """
    WITH mark AS (SELECT entry_id, event_id FROM treasury_cashmark),
    anew AS MATERIALIZED (
        SELECT DISTINCT account_id, position_ticket
        FROM mark CROSS JOIN LATERAL treasury_cash_touched(mark.entry_id, 4611686018427387904)
        WHERE position_ticket <> 0
    ), held AS (
        SELECT 'position:' || p.account_id || ':' || p.position_ticket AS place, json_build_object(
                'account_id', p.account_id, 'position_ticket', p.position_ticket,
                'closed_at', p.closed_at, 'is_ours', p.order_id IS NOT NULL, 'net', p.net) AS told
        FROM execution_position p CROSS JOIN mark
        WHERE p.id > %s AND p.id <= %s
            AND (p.account_id, p.position_ticket) NOT IN (SELECT * FROM anew)
            AND NOT EXISTS (
                SELECT FROM events_event WHERE subject = 'execution.position:' || p.id
                    AND name IN ('position.closed', 'position.reopened') AND id > mark.event_id)
    ), fresh AS (
        SELECT f.* FROM treasury_cash_of_positions(
            (SELECT json_agg(told) FROM held), 'infinity') f
    )
    SELECT coalesce(f.place, s.place) || ': its step is kept as ' || coalesce(s.change, 0)
        || ' of ' || coalesce(s.net, 0) || ', the ledger gives ' || coalesce(f.change, 0)
        || ' of ' || coalesce(f.net, 0)
    FROM fresh f FULL JOIN (SELECT s.* FROM treasury_cashstep s JOIN held USING (place)) s
        ON s.place = f.place AND s.currency_id = f.currency
    WHERE (f.at IS NOT NULL OR s.at IS NOT NULL)
        AND (f.book, f.at, f.change, f.has_cash, f.is_trade, f.net)
            IS DISTINCT FROM (s.book, s.at, s.change, s.has_cash, s.is_trade, s.net) LIMIT %s"""
_CASH_BESIDE_DRIFTED = """
    SELECT coalesce(f.place, s.place) || ': its step is kept as ' || coalesce(s.change, 0)
        || ', the ledger gives ' || coalesce(f.change, 0)
    FROM (
        SELECT beside.* FROM treasury_cashmark mark
            CROSS JOIN LATERAL treasury_cash_beside(0, mark.entry_id, 'infinity') beside
    ) f FULL JOIN (SELECT * FROM treasury_cashstep WHERE place LIKE 'entry:%%') s
        ON s.place = f.place AND s.currency_id = f.currency
    WHERE (f.book, f.at, f.change) IS DISTINCT FROM (s.book, s.at, s.change) LIMIT %s"""
_CASH_RUNS_DRIFTED = """
    SELECT 'the run of cash of level ' || level || ' from ' || starts || ' in the ' || book
        || ' book and ' || currency || ' is not what is below it'
    FROM (
        SELECT f.* FROM generate_series(0, 4) n CROSS JOIN LATERAL treasury_cash_folded(n, (
            SELECT array_agg((book, currency_id, starts)::treasury_cash_due)
            FROM treasury_cashpart WHERE level IN (n, n - 1))) f
        EXCEPT SELECT book, currency_id, level, starts, steps, change, opening, first_at, last_at,
            low, low_at, high, high_at, trades, trades_posted, trades_change, net, wins, won,
            losses, lost
        FROM treasury_cashrun
    ) drifted LIMIT %s"""
# Of a day with a trade that is kept no more as it stands, each reader takes the day anew.
_DAYS_DRIFTED = """
    WITH mark AS (SELECT entry_id, event_id FROM treasury_cashmark),
    anew AS (
        SELECT (s.at AT TIME ZONE 'UTC')::date AS day
        FROM (
            SELECT p.account_id, p.position_ticket
            FROM mark JOIN events_event e ON e.id > mark.event_id
                    AND e.name IN ('position.closed', 'position.reopened')
                JOIN execution_position p ON p.id = split_part(e.subject, ':', 2)::bigint
            UNION SELECT account_id, position_ticket FROM mark
                CROSS JOIN LATERAL treasury_cash_touched(mark.entry_id, 4611686018427387904)
        ) changed JOIN treasury_cashstep s
            ON s.place = 'position:' || changed.account_id || ':' || changed.position_ticket
        WHERE s.is_trade
    )
    SELECT 'trades of ' || coalesce(f.day, k.day) || ' in the ' || coalesce(f.book, k.book)
        || ' book, strategy ' || coalesce(f.strategy_id, k.strategy_id, 0) || ': kept as '
        || coalesce(k.trades, 0) || ' that came to ' || coalesce(k.net, 0) || ', they are '
        || coalesce(f.trades, 0) || ' that came to ' || coalesce(f.net, 0)
    FROM treasury_trade_days_folded((
            SELECT array_agg((book, currency_id, at)::treasury_cash_due)
            FROM treasury_cashstep WHERE is_trade)) f
        FULL JOIN treasury_tradeday k ON k.book = f.book AND k.day = f.day
            AND k.currency_id = f.currency AND k.account_id = f.account_id
            AND coalesce(k.strategy_id, 0) = coalesce(f.strategy_id, 0)
    WHERE (f.trades, f.wins, f.result, f.costs, f.net, f.net_foreign)
            IS DISTINCT FROM (k.trades, k.wins, k.result, k.costs, k.net, k.net_foreign)
        AND coalesce(f.trades, 0) + coalesce(k.trades, 0) > 0
        AND coalesce(f.day, k.day) NOT IN (SELECT day FROM anew) LIMIT %s"""
_FORGED = """
    SELECT e.id FROM treasury_entry e LEFT JOIN treasury_leaf leaf ON leaf.entry_id = e.id
    WHERE e.id > %s AND e.id <= %s
        AND leaf.sha256 IS DISTINCT FROM encode(sha256(treasury_leaf_bytes(e.id)), 'hex')
    ORDER BY e.id LIMIT %s"""


def check_register(title: str, check: Callable[[], list[str]]) -> None:
    """Have `ledger_check` ask this too; later apps do so when they are ready."""
    _later[title] = check


def checks_of_later_apps() -> list[tuple[str, Callable[[], list[str]]]]:
    """What they registered, with titles, in order."""
    return list(_later.items())


def entries_unbalanced() -> list[str]:
    """Entries that do not sum to zero in some currency."""
    return _texts(_UNBALANCED)


def entries_too_short() -> list[str]:
    """Entries without lines, or with a single one."""
    return _texts(_TOO_FEW_LINES)


def lines_mixed() -> list[str]:
    """Lines whose account is of another book or currency."""
    return _texts(_MIXED)


def triggers_off() -> list[str]:
    """Triggers of the ledger's tables that do not fire for every role and in every mode."""
    return triggers_asleep("treasury_")


def balances_drifted() -> list[str]:
    """Kept balances that differ from the sum of their lines, or of what is held."""
    return _texts(_DRIFTED) + _texts(_HELD_DRIFTED)


def checkpoints_drifted() -> list[str]:
    """Checkpoints that are not what the lines up to them give, marks that passed a deal, clocks."""
    checks = (_CHECKPOINT_DRIFTED, _CHECKPOINT_LATE, _OUT_OF_TIME, _MARK_TOO_HIGH)
    return [finding for check in checks for finding in _texts(check)]


def cash_drifted() -> list[str]:
    """Steps of cash that are not what positions and entries give, and runs unlike their steps."""
    if not CashMark.objects.exists():
        return []
    last = Position.objects.aggregate(last=Max("id"))["last"] or 0
    first = Position.objects.aggregate(first=Min("id"))["first"] or 0
    found = _texts(_CASH_BESIDE_DRIFTED) + _texts(_CASH_RUNS_DRIFTED)
    for start in range(first - 1, last, HASH_CHUNK):
        found += _texts(_CASH_PLACES_DRIFTED, start, start + HASH_CHUNK)
    return found[:FINDINGS_MAX]


def trade_days_drifted() -> list[str]:
    """Days whose trades are kept as something else than their steps and positions give."""
    return _texts(_DAYS_DRIFTED)


def entries_unlike_their_seal() -> list[str]:
    """Sealed entries whose hash is another one now, or that are gone."""
    return _texts(_UNLIKE_SEAL)


def deals_unposted(*, older_than_seconds: int) -> list[str]:
    """Deals without an entry, and deals in quarantine."""
    late = deals_without_posting(older_than_seconds=older_than_seconds, limit=FINDINGS_MAX)
    held = deals_quarantined()[:FINDINGS_MAX]
    return [f"deal {deal.pk} (ticket {deal.ticket}) has no entry" for deal in late] + [
        f"deal {one.deal_id} (ticket {one.deal.ticket}) is quarantined: {one.reason}"
        for one in held
    ]


def leaves_forged() -> Iterator[tuple[int, int, list[str]]]:
    """Recompute every leaf hash, in chunks: (entries done, entries in all, findings)."""
    last = Entry.objects.aggregate(last=Max("id"))["last"] or 0
    for start in range(0, last, HASH_CHUNK):
        with connection.cursor() as cursor:
            cursor.execute(_FORGED, [start, start + HASH_CHUNK, FINDINGS_MAX])
            forged = [f"entry {entry_id} does not match its leaf" for (entry_id,) in cursor]
        yield min(start + HASH_CHUNK, last), last, forged


def _texts(sql: str, *values: int) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, FINDINGS_MAX])
        return [text for (text,) in cursor.fetchall()]
