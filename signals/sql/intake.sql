-- Intake in one round trip: delivery, duplicate rules, alert, decisions of its legs, events.
-- Helpers are plpgsql where plain SQL would do: it keeps their plans, SQL plans at each call.

-- Handler names of one event out of the parameter {"event.name": ["app.handler", ...]}.
CREATE OR REPLACE FUNCTION signals_handlers(p_handlers jsonb, p_event text) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    RETURN ARRAY(SELECT handler FROM
        jsonb_array_elements_text(coalesce(p_handlers -> p_event, '[]'::jsonb)) AS handler);
END $$;

-- Whether a strategy has had all the entries that it may have in a minute. Ordered, so that no
-- more of them are read than count.
CREATE OR REPLACE FUNCTION signals_entries_are_full(
    p_strategy_id bigint, p_entries_max integer, p_now timestamptz
) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    PERFORM FROM signals_decision d
        WHERE d.strategy_id = p_strategy_id AND d.event = 'entry'
            AND d.created_at > p_now - interval '1 minute'
        ORDER BY d.created_at DESC OFFSET p_entries_max - 1 LIMIT 1;
    RETURN FOUND;
END $$;

CREATE OR REPLACE FUNCTION signals_accept(
    p_strategy_id bigint, p_strategy_version integer, p_secret_id bigint,
    p_body bytea, p_body_sha256 text, p_content_type text, p_peer text,
    p_provenance text, p_grade_fresh text, p_grade text, p_dialect text, p_intent text, p_intent_key text, p_has_identity boolean,
    p_signalled_at timestamptz, p_sent_at timestamptz, p_legs jsonb, p_handlers jsonb,
    OUT verdict text, OUT rule text, OUT delivery_id bigint, OUT alert_id bigint,
    OUT trace_id text
)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
#variable_conflict use_column
-- Every alert pays for each line here. An assignment without a query starts no executor, where
-- PERFORM or a subquery does; so locks and calls are assigned, and queries come one to a fact.
DECLARE
    v_now timestamptz;
    v_intent jsonb := p_intent::jsonb;
    v_sender_id text := v_intent ->> 'sender_id';
    v_trade_ref text := coalesce(v_intent ->> 'trade_ref', '');
    v_ref_id text := coalesce(v_intent ->> 'ref_id', '');
    v_bar_time timestamptz := (v_intent ->> 'bar_time')::timestamptz;
    v_expires_at timestamptz := (v_intent ->> 'expires_at')::timestamptz;
    v_strategy record;
    v_sent_at timestamptz := coalesce(p_sent_at, p_signalled_at);
    v_grade text := p_grade;
    v_provenance text := p_provenance;
    v_has_entry boolean := p_legs @> '[{"event": "entry"}]';
    v_lowers boolean := jsonb_path_exists(p_legs, '$[*] ? (@.event != "entry")');
    v_entry_rule text := '';
    v_actor text;
    v_trace text;
    v_alert bigint;
    v_decision bigint;
    v_leg jsonb;
    v_event text;
    v_is_entry boolean;
    v_leg_trace text;
    v_scope text;
    v_target text;
    v_last_entry integer := -1;
    v_delivery bigint;
    v_verdict text := '';
    v_rule text := '';
    v_recorded bigint;
    v_done text;
BEGIN
    SELECT s.version, s.slug, s.is_active, p.stale_seconds, p.entries_per_minute_max,
           CASE p.approval WHEN 'automatic' THEN p.entry_seconds ELSE p.review_seconds END
               AS open_seconds,
           p_secret_id IS NULL OR EXISTS (
                SELECT FROM signals_strategysecret k
                WHERE k.id = p_secret_id AND k.strategy_id = p_strategy_id
                    AND k.valid_from <= events_now()
                    AND (k.valid_until IS NULL OR k.valid_until > events_now())) AS secret_holds
        INTO v_strategy FROM signals_strategy s
            JOIN signals_strategypolicy p ON p.id = s.policy_id WHERE s.id = p_strategy_id;
    IF v_strategy.version IS DISTINCT FROM p_strategy_version
        OR NOT v_strategy.secret_holds THEN
        verdict := 'outdated';
        RETURN;
    END IF;
    v_actor := 'strategy:' || v_strategy.slug;

    -- Same bytes wait for each other; so do the alerts of one strategy: an exit until no entry is
    -- half stored, an entry until the ones before it are counted. Tests and bars do not.
    v_done := pg_advisory_xact_lock(
        hashtextextended('signals.body:' || p_strategy_id || ':' || p_body_sha256, 0))::text;
    IF v_lowers OR v_has_entry THEN
        v_done := pg_advisory_xact_lock(
            hashtextextended('signals.strategy:' || p_strategy_id, 0))::text;
    END IF;
    v_now := events_now();
    IF v_sent_at BETWEEN v_now - make_interval(secs => v_strategy.stale_seconds)
        AND v_now + interval '30 seconds' THEN
        v_grade := p_grade_fresh;
        v_provenance := ltrim(p_provenance || ' fresh');
    END IF;
    v_delivery := nextval('signals_delivery_id_seq');

    SELECT a.id, a.trace_id INTO v_alert, v_trace FROM signals_alert a
        WHERE a.strategy_id = p_strategy_id AND a.body_sha256 = p_body_sha256
            AND (p_has_identity OR a.received_at > v_now - interval '30 seconds')
        ORDER BY a.id DESC LIMIT 1;
    IF FOUND THEN
        v_verdict := 'duplicate';
        v_rule := 'same_bytes';
    ELSIF v_has_entry THEN
        v_entry_rule := CASE
            WHEN NOT v_strategy.is_active THEN 'strategy_inactive'
            WHEN v_expires_at <= v_now THEN 'expired'
            WHEN v_now - least(p_signalled_at, p_sent_at)
                > make_interval(secs => v_strategy.stale_seconds) THEN 'stale'
            WHEN p_sent_at > v_now + interval '30 seconds' THEN 'from_future'
            WHEN signals_trade_is_closed(p_strategy_id, v_trade_ref, v_bar_time, v_sent_at)
                THEN 'trade_closed_already'
            WHEN signals_entries_are_full(p_strategy_id, v_strategy.entries_per_minute_max, v_now)
                THEN 'rate_limited'
            ELSE '' END;
    END IF;

    -- A reversal's exit passes; its entry leg is then born with its time over.
    IF v_verdict = '' AND (v_entry_rule = '' OR v_lowers) THEN
        IF v_lowers AND NOT v_has_entry THEN
            v_leg := p_legs -> 0;
            SELECT nullif(t.target_trace_id, '') INTO v_trace FROM signals_target(p_strategy_id,
                v_trade_ref, v_ref_id, v_leg ->> 'instrument', v_leg ->> 'side',
                v_leg ->> 'event', false) t;
        END IF;
        v_trace := coalesce(v_trace, replace(gen_random_uuid()::text, '-', ''));
        INSERT INTO signals_alert (strategy_id, delivery_id, dialect, kind, intent, body_sha256,
                sender_id, intent_key, trade_ref, ref_id, trace_id, bar_time, grade, provenance,
                received_at)
            VALUES (p_strategy_id, v_delivery, p_dialect, v_intent ->> 'kind', p_intent,
                p_body_sha256, v_sender_id, p_intent_key, v_trade_ref, v_ref_id, v_trace,
                v_bar_time, v_grade, v_provenance, v_now)
            ON CONFLICT DO NOTHING RETURNING id INTO v_alert;
        IF FOUND THEN
            v_verdict := 'accepted';
        END IF;
    END IF;

    -- Not stored: it is known by its id or by what it asks for, and that counts before the rules
    -- for entries do.
    IF v_verdict = '' THEN
        SELECT a.id, a.trace_id,
               CASE WHEN a.intent = p_intent THEN 'same_id' ELSE 'id_conflict' END
            INTO v_alert, v_trace, v_rule FROM signals_alert a
            WHERE a.strategy_id = p_strategy_id AND a.sender_id = v_sender_id;
        IF NOT FOUND THEN
            SELECT a.id, a.trace_id, 'same_intent' INTO v_alert, v_trace, v_rule
                FROM signals_alert a
                WHERE a.strategy_id = p_strategy_id AND a.intent_key = p_intent_key;
        END IF;
        IF FOUND THEN
            v_verdict := CASE v_rule WHEN 'id_conflict' THEN 'refused' ELSE 'duplicate' END;
        ELSIF v_entry_rule <> '' THEN
            v_verdict := 'refused';
            v_rule := v_entry_rule;
            v_trace := replace(gen_random_uuid()::text, '-', '');
        END IF;
    END IF;

    INSERT INTO signals_delivery (id, received_at, strategy_id, secret_id, body, body_sha256,
            content_type, peer, sent_at, grade, provenance, fired_by, verdict, rule, detail,
            alert_id)
        VALUES (v_delivery, v_now, p_strategy_id, p_secret_id, p_body, p_body_sha256,
            p_content_type, p_peer, p_sent_at, v_grade, v_provenance,
            coalesce(p_legs -> -1 ->> 'instrument', v_intent #>> '{bar,symbol_raw}', ''),
            v_verdict, v_rule, '', v_alert);

    IF v_verdict = 'refused' THEN
        IF v_rule = 'id_conflict' THEN
            INSERT INTO signals_alertconflict (alert_id, delivery_id, intent, received_at)
                VALUES (v_alert, v_delivery, p_intent, v_now);
        END IF;
        v_recorded := events_record('alert.refused', 'signals.delivery:' || v_delivery, v_trace,
            v_actor, format('{"rule":%s}', to_json(v_rule)),
            signals_handlers(p_handlers, 'alert.refused'));
    ELSIF v_verdict = 'accepted' THEN
        v_recorded := events_record('alert.received', 'signals.alert:' || v_alert, v_trace, v_actor,
            format('{"delivery_id":%s,"dialect":%s,"entry_refused":%s,"grade":%s,"kind":%s,'
                '"legs":%s,"provenance":%s}', v_delivery, to_json(p_dialect),
                to_json(v_entry_rule), to_json(v_grade), to_json(v_intent ->> 'kind'),
                jsonb_array_length(p_legs), to_json(v_provenance)),
            signals_handlers(p_handlers, 'alert.received'));
        IF v_has_entry AND v_lowers THEN
            SELECT max(n) - 1 INTO v_last_entry
                FROM jsonb_array_elements(p_legs) WITH ORDINALITY AS legs (leg, n)
                WHERE legs.leg ->> 'event' = 'entry';
        END IF;
        FOR v_leg_no IN 0 .. jsonb_array_length(p_legs) - 1 LOOP
            v_leg := p_legs -> v_leg_no;
            v_event := v_leg ->> 'event';
            v_is_entry := v_event = 'entry';
            v_scope := '';
            v_target := '';
            IF NOT v_is_entry THEN
                SELECT t.scope, t.target_trace_id INTO v_scope, v_target
                    FROM signals_target(p_strategy_id, v_trade_ref, v_ref_id,
                        v_leg ->> 'instrument', v_leg ->> 'side', v_event,
                        v_leg_no < v_last_entry) t;
            END IF;
            v_leg_trace := coalesce(nullif(v_target, ''), v_trace);
            INSERT INTO signals_decision (alert_id, strategy_id, leg_no, version, state, event,
                    side, instrument, leg, trade_ref, trace_id, scope, target_trace_id, ref_price,
                    valid_until, author, inputs_sha256, reason, created_at, decided_at,
                    reviews_needed)
                VALUES (v_alert, p_strategy_id, v_leg_no, 1,
                    CASE WHEN v_is_entry THEN 'proposed' ELSE 'approved' END,
                    v_event, v_leg ->> 'side', v_leg ->> 'instrument', v_leg ->> 'leg',
                    v_trade_ref, v_leg_trace, v_scope, v_target,
                    (v_intent ->> 'ref_price')::numeric,
                    CASE WHEN NOT v_is_entry THEN NULL WHEN v_entry_rule <> '' THEN v_now
                        ELSE least(v_expires_at,
                            v_now + make_interval(secs => v_strategy.open_seconds)) END,
                    CASE WHEN v_is_entry THEN '' ELSE 'rule:risk_lowering' END, '',
                    CASE WHEN v_is_entry THEN '' ELSE 'lowers_risk' END, v_now,
                    CASE WHEN NOT v_is_entry THEN v_now END, CASE WHEN NOT v_is_entry THEN 0 END)
                RETURNING id INTO v_decision;
            IF v_event IN ('exit', 'partial_exit', 'cancel', 'cancel_all', 'close_all') THEN
                v_done := signals_supersede(v_decision, v_actor, v_now,
                    signals_handlers(p_handlers, 'decision.superseded'))::text;
            END IF;
            IF NOT v_is_entry THEN
                v_recorded := events_record('decision.approved', 'signals.decision:' || v_decision,
                    v_leg_trace, 'system',
                    format('{"alert_id":%s,"author":"rule:risk_lowering","event":%s,"leg_no":%s}',
                        v_alert, to_json(v_event), v_leg_no),
                    signals_handlers(p_handlers, 'decision.approved'));
            END IF;
        END LOOP;
    END IF;

    verdict := v_verdict;
    rule := v_rule;
    delivery_id := v_delivery;
    alert_id := v_alert;
    trace_id := v_trace;
END $$;

-- An authenticated delivery that cannot be read is kept as well, with its reason.
CREATE OR REPLACE FUNCTION signals_refuse(
    p_strategy_id bigint, p_secret_id bigint, p_body bytea, p_body_sha256 text,
    p_content_type text, p_peer text, p_provenance text, p_grade text, p_rule text,
    p_detail text, p_handlers text[],
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
        format('{"rule":%s}', to_json(p_rule)), p_handlers);
END $$;
