-- What an order that a person asked for may do: close an open position that the request means, and
-- what is not ours of it only where the person said so.
CREATE OR REPLACE FUNCTION execution_order_closes(p_order execution_order) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    RETURN p_order.verb IN ('exit', 'partial_exit') AND p_order.order_type = 'market' AND EXISTS (
        SELECT FROM execution_closerequest r, execution_position p, execution_brokeraccount a
        WHERE a.id = p.account_id AND r.id = p_order.request_id AND p.account_id = p_order.account_id
            AND p.position_ticket = p_order.position_ticket AND p.closed_at IS NULL
            AND CASE r.scope WHEN 'all' THEN true
                WHEN 'account' THEN r.account_id = p.account_id
                ELSE (r.account_id, r.position_ticket) = (p.account_id, p.position_ticket) END
            AND ROW(p.strategy_id, p.instrument, p.broker_symbol, p.trace_id, p.trade_ref)
                IS NOT DISTINCT FROM
                ROW(p_order.strategy_id, p_order.instrument, p_order.broker_symbol,
                    p_order.trace_id, p_order.trade_ref)
            AND p_order.side <> p.side
            AND CASE p_order.verb
                -- Others share a netting position, or may still add to it.
                WHEN 'partial_exit' THEN a.margin_mode = 'netting'
                ELSE r.with_foreign OR p.volume_foreign_lots = 0 END
            AND p_order.volume_lots <= coalesce(nullif(p.volume_open_lots, 0), p.volume_base_lots)
                - CASE WHEN r.with_foreign THEN 0 ELSE p.volume_foreign_lots END);
END $$;

-- An entry's end by a person's word is said once, and stays.
CREATE OR REPLACE FUNCTION execution_order_closed_by_person() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF NEW.request_id IS DISTINCT FROM OLD.request_id
        OR OLD.closing_request_id IS NOT NULL
        AND NEW.closing_request_id IS DISTINCT FROM OLD.closing_request_id
        OR NEW.closing_request_id IS NOT NULL AND NEW.verb <> 'entry' THEN
        RAISE EXCEPTION 'order %: what it comes from stays, and what closes it is said once', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_closed_by_request';
    END IF;
    RETURN NEW;
END $$;
