"""Re-derives closed periods and conversions from the ledger; each function yields its findings."""

from django.db import connection

from treasury.selectors.integrity import FINDINGS_MAX

_HASHES = """
    SELECT 'period ' || c.period || ' of the ' || c.book || ' book is not what its hash says'
    FROM treasury_periodclose c
    WHERE c.sha256 <> encode(sha256(treasury_period_bytes(c)), 'hex') ORDER BY c.id LIMIT %s"""
# The log keeps the hash apart from the statement, which an editor can hash anew.
_UNLOGGED = """
    SELECT 'period ' || c.period || ' of the ' || c.book
        || ' book is not the one that was recorded when it was closed'
    FROM treasury_periodclose c
    WHERE NOT EXISTS (
        SELECT FROM events_event e
        WHERE e.subject = 'treasury.period:' || c.id AND e.name = 'period.closed'
            AND e.detail::jsonb ->> 'sha256' = c.sha256)
    ORDER BY c.id LIMIT %s"""
_GONE = """
    SELECT 'a period was closed and is gone: ' || (e.detail::jsonb ->> 'period') || ' of the '
        || (e.detail::jsonb ->> 'book') || ' book'
    FROM events_event e
    WHERE e.name = 'period.closed' AND NOT EXISTS (
        SELECT FROM treasury_periodclose c WHERE 'treasury.period:' || c.id = e.subject)
    ORDER BY e.id LIMIT %s"""
_UNCHAINED = """
    SELECT 'period ' || c.period || ' of the ' || c.book || ' book does not follow the one before'
    FROM (
        SELECT *, lag(id) OVER ends AS former, lag(ends_at) OVER ends AS former_ends
        FROM treasury_periodclose WINDOW ends AS (PARTITION BY book ORDER BY ends_at)
    ) c
    WHERE (c.previous_id, c.starts_at) IS DISTINCT FROM (c.former, c.former_ends)
    ORDER BY c.id LIMIT %s"""
_FIGURES = """
    SELECT 'period ' || c.period || ' of the ' || c.book || ' book: ' || a.code || ' is stated as '
        || coalesce(drifted.stated::text, 'nothing') || ', the entries give '
        || coalesce(drifted.given::text, 'nothing')
    FROM treasury_periodclose c CROSS JOIN LATERAL (
        SELECT coalesce(s.account_id, g.account_id) AS account_id, s.closing AS stated,
            g.closing AS given
        FROM (SELECT * FROM treasury_periodfigure WHERE close_id = c.id) s
            FULL JOIN treasury_period_figures(c) g ON g.account_id = s.account_id
        WHERE (s.opening, s.debit, s.credit, s.adjusted, s.closing)
            IS DISTINCT FROM (g.opening, g.debit, g.credit, g.adjusted, g.closing)
    ) drifted JOIN treasury_ledgeraccount a ON a.id = drifted.account_id
    ORDER BY c.id, a.code LIMIT %s"""
_ADJUSTMENTS = """
    SELECT 'period ' || c.period || ' of the ' || c.book || ' book: entry ' || drifted.entry_id
        || ' is not stated as what it adjusts'
    FROM treasury_periodclose c CROSS JOIN LATERAL (
        SELECT coalesce(s.entry_id, g.entry_id) AS entry_id
        FROM (SELECT * FROM treasury_periodadjustment WHERE close_id = c.id) s
            FULL JOIN treasury_period_adjustments(c) g ON g.entry_id = s.entry_id
        WHERE s.belongs_to_id IS DISTINCT FROM g.belongs_to
    ) drifted ORDER BY c.id, drifted.entry_id LIMIT %s"""
_UNREALISED = """
    SELECT 'entry ' || e.id || ' (' || e.idem_key || ') was never taken back'
    FROM treasury_entry e
    WHERE e.kind = 'unrealised'
        AND NOT EXISTS (SELECT FROM treasury_entry r WHERE r.reverses_id = e.id)
    ORDER BY e.id LIMIT %s"""
_UNCONVERTED = """
    SELECT DISTINCT 'entry ' || e.id || ' (' || e.kind || ') moves ' || a.code
        || ' and is no conversion'
    FROM treasury_ledgeraccount a JOIN treasury_line l ON l.account_id = a.id
        JOIN treasury_entry e ON e.id = l.entry_id
        LEFT JOIN treasury_conversion c ON c.entry_id = coalesce(e.reverses_id, e.id)
    WHERE a.code LIKE 'Equity:Conversion:%%' AND c.id IS NULL LIMIT %s"""
# Each of its four lines is what the conversion says, and what its price gives to the last coin.
_MISPRICED = """
    SELECT 'conversion ' || c.id || ': ' || c.amount || ' became ' || c.received
        || ', which its entry or its price does not give'
    FROM treasury_conversion c JOIN treasury_pricesnapshot p ON p.id = c.price_id
        JOIN treasury_ledgeraccount s ON s.id = c.source_id
        JOIN treasury_ledgeraccount t ON t.id = c.target_id
    WHERE (SELECT count(*) FROM treasury_line l
            WHERE l.entry_id = c.entry_id AND (l.account_id, abs(l.amount)) IN (
                (s.id, c.amount), (t.id, c.received))) <> 2
        OR p.book <> c.book
        OR CASE WHEN p.base_id = s.currency_id AND p.quote_id = t.currency_id
                THEN abs(c.amount * p.price - c.received)
            WHEN p.base_id = t.currency_id AND p.quote_id = s.currency_id
                THEN abs(c.amount - c.received * p.price) / p.price
            ELSE 1 END >= 10::numeric ^ (-treasury_coin_digits(t.currency_id))
    ORDER BY c.id LIMIT %s"""


def periods_damaged() -> list[str]:
    """Closed periods that are not what their entries, their hashes and the log say."""
    asked = (_FIGURES, _ADJUSTMENTS, _HASHES, _UNLOGGED, _GONE, _UNCHAINED, _UNREALISED)
    return _texts(*asked)


def conversions_damaged() -> list[str]:
    """Conversions that their price or entry does not give, and what no conversion has moved."""
    return _texts(_UNCONVERTED, _MISPRICED)


def _texts(*asked: str) -> list[str]:
    found: list[str] = []
    for sql in asked:
        with connection.cursor() as cursor:
            cursor.execute(sql, [FINDINGS_MAX])
            found += [text for (text,) in cursor.fetchall()]
    return found[:FINDINGS_MAX]
