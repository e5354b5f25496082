-- What stored deals add up to. Of each ticket its newest revision that is not held counts, where
-- that one says it belongs; both sums read a handful of rows by index. They are asked with every
-- report, and plpgsql keeps the plans that sql would make anew at each call.
CREATE OR REPLACE FUNCTION execution_order_filled_lots(p_order_id bigint) RETURNS numeric
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    RETURN (
        SELECT coalesce(sum(d.volume_lots), 0) FROM execution_deal d
        WHERE d.order_id = p_order_id AND d.held_for = '' AND NOT EXISTS (
            SELECT FROM execution_deal later
            WHERE later.account_id = d.account_id AND later.ticket = d.ticket
                AND later.revision > d.revision AND later.held_for = ''));
END $$;

-- A position without an opening deal is none: nothing counts for it.
CREATE OR REPLACE FUNCTION execution_position_money(
    p_account_id bigint, p_position_ticket bigint,
    OUT profit numeric, OUT swap numeric, OUT commission numeric, OUT fee numeric
)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    SELECT coalesce(sum(s.profit), 0), coalesce(sum(s.swap), 0),
        coalesce(sum(s.commission), 0), coalesce(sum(s.fee), 0)
    INTO profit, swap, commission, fee
    FROM (
        SELECT d.profit, d.swap, d.commission, d.fee,
            bool_or(d.kind IN ('buy', 'sell') AND d.entry IN ('in', 'inout')
                AND d.volume_lots > 0) OVER () AS is_opened
        FROM execution_deal d
        WHERE d.account_id = p_account_id AND d.position_ticket = p_position_ticket
            AND d.held_for = '' AND NOT EXISTS (
                SELECT FROM execution_deal later
                WHERE later.account_id = d.account_id AND later.ticket = d.ticket
                    AND later.revision > d.revision AND later.held_for = '')) s
    WHERE s.is_opened;
END $$;

CREATE OR REPLACE FUNCTION execution_order_check_sum(p_order_id bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_stored numeric;
    v_deals numeric := execution_order_filled_lots(p_order_id);
BEGIN
    SELECT filled_lots INTO v_stored FROM execution_order WHERE id = p_order_id;
    IF v_stored <> v_deals THEN
        RAISE EXCEPTION 'order %: % lots are filled, its deals add up to %',
            p_order_id, v_stored, v_deals
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_filled_is_its_deals';
    END IF;
END $$;

CREATE OR REPLACE FUNCTION execution_position_check_sum(
    p_account_id bigint, p_position_ticket bigint
) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_row execution_position;
    v_deals record;
BEGIN
    SELECT * INTO v_row FROM execution_position
        WHERE account_id = p_account_id AND position_ticket = p_position_ticket;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT * INTO v_deals FROM execution_position_money(p_account_id, p_position_ticket);
    IF (v_row.profit, v_row.swap, v_row.commission, v_row.fee, v_row.net)
        <> (v_deals.profit, v_deals.swap, v_deals.commission, v_deals.fee,
            v_deals.profit + v_deals.swap + v_deals.commission + v_deals.fee) THEN
        RAISE EXCEPTION 'position %: its net is %, its deals add up to %', v_row.id, v_row.net,
            v_deals.profit + v_deals.swap + v_deals.commission + v_deals.fee
            USING ERRCODE = 'check_violation', CONSTRAINT = 'position_net_is_its_deals';
    END IF;
END $$;

-- At commit, so that a deal, its order and its position may be written one after the other.
CREATE OR REPLACE FUNCTION execution_order_adds_up() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    PERFORM execution_order_check_sum(NEW.id);
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION execution_position_adds_up() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    PERFORM execution_position_check_sum(NEW.account_id, NEW.position_ticket);
    RETURN NULL;
END $$;

-- A restated deal may also have left the order and the position that it was counted in.
CREATE OR REPLACE FUNCTION execution_deal_adds_up() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    PERFORM execution_order_check_sum(d.order_id), execution_position_check_sum(
            d.account_id, d.position_ticket)
        FROM execution_deal d
        WHERE d.account_id = NEW.account_id AND d.ticket = NEW.ticket;
    RETURN NULL;
END $$;
