-- What stored deals fold to, as `execution.rules.folding` folds them, and a position that says so.
-- Of each ticket its newest revision that is not held counts, in the order of time and ticket. What
-- the broker closes to open it anew is not closed. `opened_at` is null while no opening deal is
-- known: then there is nothing folded. Until the end `price_close` is the sum of its average.
CREATE OR REPLACE FUNCTION execution_position_fold(
    p_account_id bigint, p_position_ticket bigint, OUT side text, OUT open_lots numeric,
    OUT closed_lots numeric, OUT price_open numeric, OUT price_close numeric,
    OUT opened_at timestamptz, OUT closed_at timestamptz
)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_deal record;
    v_open numeric := 0;  -- signed, + is long
    v_missing numeric := 0;
    v_closing numeric;
    v_opening numeric;
BEGIN
    SELECT 0, 0, 0 INTO closed_lots, price_open, price_close;
    FOR v_deal IN
        SELECT d.entry, d.volume_lots, d.price, d.at, d.reason,
            CASE d.kind WHEN 'buy' THEN 1 ELSE -1 END AS sign
        FROM execution_deal d
        WHERE d.account_id = p_account_id AND d.position_ticket = p_position_ticket
            AND d.kind IN ('buy', 'sell') AND d.entry <> '' AND d.volume_lots > 0
            AND d.held_for = '' AND NOT EXISTS (
                SELECT FROM execution_deal later
                WHERE later.account_id = d.account_id AND later.ticket = d.ticket
                    AND later.revision > d.revision AND later.held_for = '')
        ORDER BY d.at, d.ticket
    LOOP
        v_closing := CASE v_deal.entry WHEN 'in' THEN 0
            WHEN 'inout' THEN least(v_deal.volume_lots, abs(v_open)) ELSE v_deal.volume_lots END;
        v_missing := v_missing + greatest(v_closing - abs(v_open), 0);
        v_open := sign(v_open) * greatest(abs(v_open) - v_closing, 0);
        closed_lots := closed_lots + v_closing;
        price_close := price_close + v_deal.price * v_closing;
        IF v_deal.entry IN ('in', 'inout') THEN
            v_opening := v_deal.volume_lots - v_closing;
            opened_at := coalesce(opened_at, v_deal.at);
            IF v_opening > 0 THEN
                price_open := (price_open * abs(v_open) + v_deal.price * v_opening)
                    / (abs(v_open) + v_opening);
                v_open := v_open + v_deal.sign * v_opening;
                side := CASE v_deal.sign WHEN 1 THEN 'buy' ELSE 'sell' END;
            END IF;
        END IF;
        closed_at := CASE WHEN v_missing = 0 AND v_open = 0 AND v_deal.reason
            NOT IN ('rollover', 'vmargin', 'split', 'corporate_action') THEN v_deal.at END;
    END LOOP;
    open_lots := abs(v_open);
    price_close := price_close / nullif(closed_lots, 0);
END $$;

-- A position whose deals were all taken back stays, closed and empty; one without any deal is none.
CREATE OR REPLACE FUNCTION execution_position_check_fold(
    p_account_id bigint, p_position_ticket bigint
) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_row execution_position;
    v_fold record;
    v_holds boolean;
BEGIN
    SELECT * INTO v_row FROM execution_position
        WHERE account_id = p_account_id AND position_ticket = p_position_ticket;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT * INTO v_fold FROM execution_position_fold(p_account_id, p_position_ticket);
    IF v_fold.opened_at IS NULL THEN
        v_holds := (v_row.volume_open_lots, v_row.volume_closed_lots) = (0, 0)
            AND v_row.closed_at IS NOT NULL AND v_row.fold_revision > 1;
    ELSE
        v_holds := (v_row.side, v_row.volume_open_lots, v_row.volume_closed_lots, v_row.opened_at)
                = (v_fold.side, v_fold.open_lots, v_fold.closed_lots, v_fold.opened_at)
            AND v_row.closed_at IS NOT DISTINCT FROM v_fold.closed_at
            AND (v_row.price_close IS NULL) = (v_fold.price_close IS NULL)
            -- Averages are rounded once here and step by step there.
            AND abs(v_row.price_open - v_fold.price_open) <= 0.00000001
            AND coalesce(abs(v_row.price_close - v_fold.price_close), 0) <= 0.00000001;
    END IF;
    IF v_holds IS NOT TRUE THEN
        RAISE EXCEPTION 'position %: % lots are open and % closed, its deals fold to % and %',
            v_row.id, v_row.volume_open_lots, v_row.volume_closed_lots,
            v_fold.open_lots, v_fold.closed_lots
            USING ERRCODE = 'check_violation', CONSTRAINT = 'position_is_its_deals';
    END IF;
END $$;

-- At commit, so that a deal and its position may be written one after the other.
CREATE OR REPLACE FUNCTION execution_position_folds() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    PERFORM execution_position_check_fold(NEW.account_id, NEW.position_ticket);
    RETURN NULL;
END $$;

-- A restated deal may also have left the position that it was counted in.
CREATE OR REPLACE FUNCTION execution_deal_folds() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    PERFORM execution_position_check_fold(d.account_id, d.position_ticket)
        FROM (
            SELECT DISTINCT account_id, position_ticket FROM execution_deal
            WHERE account_id = NEW.account_id AND ticket = NEW.ticket) d;
    RETURN NULL;
END $$;
