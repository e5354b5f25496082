-- Puts `p_usd` by for calls of a lobe today (UTC), where the day then stays within `p_cap`. Returns
-- the day, or null where it would not. One atomic statement: of any number at once only so many
-- pass as the day has room for.
CREATE OR REPLACE FUNCTION signals_spend_take(p_lobe text, p_usd numeric, p_cap numeric)
    RETURNS date
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_today date := (events_now() AT TIME ZONE 'UTC')::date;
    v_day date;
BEGIN
    INSERT INTO signals_lobespend AS s (lobe, day, usd)
        SELECT p_lobe, v_today, p_usd WHERE p_usd >= 0 AND p_usd <= p_cap
        ON CONFLICT (lobe, day) DO UPDATE SET usd = s.usd + excluded.usd
            WHERE s.usd + excluded.usd <= p_cap
        RETURNING day INTO v_day;
    RETURN v_day;
END $$;

-- Gives back what was put by for calls of a day and was not spent; what cost more is counted too.
CREATE OR REPLACE FUNCTION signals_spend_settle(
    p_lobe text, p_day date, p_taken numeric, p_spent numeric
) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    UPDATE signals_lobespend SET usd = usd - p_taken + p_spent
        WHERE lobe = p_lobe AND day = p_day;
END $$;
