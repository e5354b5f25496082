-- An authenticated delivery that cannot be read is kept as well, with its reason. What it asked for
-- is mostly not known: `p_lowers_risk` is then null.
CREATE OR REPLACE FUNCTION signals_refuse(
    p_strategy_id bigint, p_secret_id bigint, p_body bytea, p_body_sha256 text,
    p_content_type text, p_peer text, p_provenance text, p_grade text, p_rule text,
    p_detail text, p_lowers_risk boolean, p_handlers text[],
    OUT delivery_id bigint, OUT trace_id text
)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
#variable_conflict use_column
BEGIN
    delivery_id := nextval('signals_delivery_id_seq');
    trace_id := replace(gen_random_uuid()::text, '-', '');
    INSERT INTO signals_delivery (id, received_at, strategy_id, secret_id, body, body_sha256,
            content_type, peer, grade, provenance, verdict, rule, detail)
        VALUES (delivery_id, events_now(), p_strategy_id, p_secret_id, p_body, p_body_sha256,
            p_content_type, p_peer, p_grade, p_provenance, 'unreadable', p_rule,
            left(p_detail, 300));
    PERFORM events_record('alert.refused', 'signals.delivery:' || delivery_id, trace_id,
        'strategy:' || (SELECT slug FROM signals_strategy WHERE id = p_strategy_id),
        format('{"lowers_risk":%s,"rule":%s}', coalesce(p_lowers_risk::text, 'null'),
            to_json(p_rule)), p_handlers);
END $$;
