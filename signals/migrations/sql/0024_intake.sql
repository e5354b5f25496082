-- Intake in one round trip: delivery, duplicate rules, alert, decisions of its legs, events.
-- Every alert pays for each line here. An assignment without a query starts no executor, where
-- PERFORM or a subquery does; so locks and calls are assigned, and queries come one to a fact.
-- Helpers are plpgsql where plain SQL would do: it keeps their plans, SQL plans at each call. The
-- parts of signals_accept name no search_path: they run under its own.

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
        WHERE d.strategy_id = p_strategy_id AND d.verb = 'entry'
            AND d.created_at > p_now - interval '1 minute'
        ORDER BY d.created_at DESC OFFSET p_entries_max - 1 LIMIT 1;
    RETURN FOUND;
END $$;

-- The alert of the strategy's newest entry after this one, or null: what lowers risk then asks for
-- it anew, however much it looks like what came before.
CREATE OR REPLACE FUNCTION signals_entry_since(p_strategy_id bigint, p_alert_id bigint)
    RETURNS bigint
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    RETURN (SELECT max(d.alert_id) FROM signals_decision d
        WHERE d.alert_id > p_alert_id AND d.strategy_id = p_strategy_id AND d.verb = 'entry');
END $$;

-- The case of a delivery: what it asks and what its strategy allows. Its verdict is `outdated`
-- where the strategy or the secret changed since the caller looked.
CREATE OR REPLACE FUNCTION signals_open_case(p_in signals_delivery_in)
    RETURNS signals_intake_case
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_case signals_intake_case;
    v_version integer;
    v_secret_holds boolean;
BEGIN
    SELECT s.version, 'strategy:' || s.slug, s.is_active, make_interval(secs => p.stale_seconds),
           p.entries_per_minute_max, make_interval(secs => CASE p.approval
               WHEN 'automatic' THEN p.entry_seconds ELSE p.review_seconds END),
           p_in.secret_id IS NULL OR EXISTS (
                SELECT FROM signals_strategysecret k
                WHERE k.id = p_in.secret_id AND k.strategy_id = p_in.strategy_id
                    AND k.valid_from <= events_now()
                    AND (k.valid_until IS NULL OR k.valid_until > events_now()))
        INTO v_version, v_case.actor, v_case.is_active, v_case.stale_after,
            v_case.entries_max, v_case.open_for, v_secret_holds
        FROM signals_strategy s JOIN signals_strategypolicy p ON p.id = s.policy_id
        WHERE s.id = p_in.strategy_id;
    IF v_version IS DISTINCT FROM p_in.strategy_version OR NOT v_secret_holds THEN
        v_case.verdict := 'outdated';
        RETURN v_case;
    END IF;
    v_case.intent := p_in.intent::jsonb;
    v_case.trade_ref := coalesce(v_case.intent ->> 'trade_ref', '');
    v_case.ref_id := coalesce(v_case.intent ->> 'ref_id', '');
    v_case.bar_time := (v_case.intent ->> 'bar_time')::timestamptz;
    v_case.expires_at := (v_case.intent ->> 'expires_at')::timestamptz;
    v_case.sent_at := coalesce(p_in.sent_at, p_in.signalled_at);
    v_case.has_entry := p_in.legs @> '[{"event": "entry"}]';
    v_case.lowers := jsonb_path_exists(p_in.legs, '$[*] ? (@.event != "entry")');
    v_case.grade := p_in.grade;
    v_case.provenance := p_in.provenance;
    v_case.entry_rule := '';
    v_case.verdict := '';
    v_case.rule := '';
    RETURN v_case;
END $$;

-- Whether it came before: by its bytes, or by an id that other messages may bear too, which counts
-- with the same content and time only. Without a time it is known for half a minute, unless it
-- opens a trade under an id; and what lowers risk without a time of sending only until an entry is
-- accepted in between.
CREATE OR REPLACE FUNCTION signals_judge_known(p_in signals_delivery_in, p_case signals_intake_case)
    RETURNS signals_intake_case
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_known record;
BEGIN
    SELECT a.id, a.trace_id INTO v_known FROM signals_alert a
        WHERE a.strategy_id = p_in.strategy_id AND a.body_sha256 = p_in.body_sha256
            AND (p_in.has_identity OR a.received_at > p_case.moment - interval '30 seconds')
        ORDER BY a.id DESC LIMIT 1;
    p_case.rule := 'same_bytes';
    IF NOT FOUND AND NOT p_in.id_is_unique AND p_case.intent ->> 'sender_id' IS NOT NULL THEN
        SELECT a.id, a.trace_id INTO v_known
            FROM signals_alert a JOIN signals_delivery d
                ON d.id = a.delivery_id AND d.received_at = a.received_at
            WHERE a.strategy_id = p_in.strategy_id
                AND a.sender_id = p_case.intent ->> 'sender_id' AND a.intent = p_in.intent
                AND d.sent_at IS NOT DISTINCT FROM p_in.sent_at
                AND (a.received_at > p_case.moment - interval '30 seconds' OR p_in.has_identity)
            ORDER BY a.id DESC LIMIT 1;
        p_case.rule := 'same_id';
    END IF;
    IF FOUND AND p_case.lowers AND p_in.sent_at IS NULL
            AND signals_entry_since(p_in.strategy_id, v_known.id) IS NOT NULL THEN
        p_case.rule := '';
    ELSIF FOUND THEN
        p_case.verdict := 'duplicate';
        p_case.alert_id := v_known.id;
        p_case.trace_id := v_known.trace_id;
    ELSE
        p_case.rule := '';
    END IF;
    RETURN p_case;
END $$;

-- Judge, first half: is it fresh, are its bytes known, and which rule refuses its entry. Same bytes
-- wait for each other; so do the alerts of one strategy: an exit until no entry is half stored, an
-- entry until the ones before it are counted. Tests and bars do not.
CREATE OR REPLACE FUNCTION signals_judge(p_in signals_delivery_in, p_case signals_intake_case)
    RETURNS signals_intake_case
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_done text;
BEGIN
    v_done := pg_advisory_xact_lock(hashtextextended(
        'signals.body:' || p_in.strategy_id || ':' || p_in.body_sha256, 0))::text;
    IF p_case.lowers OR p_case.has_entry THEN
        v_done := pg_advisory_xact_lock(
            hashtextextended('signals.strategy:' || p_in.strategy_id, 0))::text;
    END IF;
    p_case.moment := events_now();
    IF p_case.sent_at BETWEEN p_case.moment - p_case.stale_after
        AND p_case.moment + interval '30 seconds' THEN
        p_case.grade := p_in.grade_fresh;
        p_case.provenance := ltrim(p_in.provenance || ' fresh');
    END IF;
    IF p_case.sent_at < p_case.moment - p_case.stale_after THEN
        p_case.late_since := p_case.sent_at;
    END IF;
    p_case := signals_judge_known(p_in, p_case);
    IF p_case.verdict <> '' THEN
        RETURN p_case;
    ELSIF p_case.intent ->> 'kind' = 'bar' THEN
        -- It tells what has closed: the clock of who tells of a later time is wrong.
        p_case.entry_rule := CASE
            WHEN p_in.signalled_at > p_case.moment + interval '30 seconds' THEN 'from_future'
            ELSE '' END;
    ELSIF p_case.has_entry THEN
        p_case.entry_rule := CASE
            WHEN NOT p_case.is_active THEN 'strategy_inactive'
            WHEN p_in.entry_rule <> '' THEN p_in.entry_rule
            WHEN p_case.expires_at <= p_case.moment THEN 'expired'
            WHEN p_case.moment - least(p_in.signalled_at, p_in.sent_at) > p_case.stale_after
                THEN 'stale'
            WHEN p_in.sent_at > p_case.moment + interval '30 seconds' THEN 'from_future'
            WHEN signals_trade_is_closed(
                p_in.strategy_id, p_case.trade_ref, p_case.bar_time, p_case.sent_at)
                THEN 'trade_closed_already'
            WHEN signals_entries_are_full(p_in.strategy_id, p_case.entries_max, p_case.moment)
                THEN 'rate_limited'
            ELSE '' END;
    END IF;
    RETURN p_case;
END $$;

-- Judge, second half: it was not stored, so it is known by its id or by what it asks for, and that
-- counts before the rules for entries do.
CREATE OR REPLACE FUNCTION signals_judge_unstored(
    p_in signals_delivery_in, p_case signals_intake_case
) RETURNS signals_intake_case
    LANGUAGE plpgsql
    AS $$
BEGIN
    SELECT a.id, a.trace_id, CASE WHEN a.intent = p_in.intent THEN 'same_id' ELSE 'id_conflict' END
        INTO p_case.alert_id, p_case.trace_id, p_case.rule FROM signals_alert a
        WHERE p_in.id_is_unique AND a.id_is_unique AND a.strategy_id = p_in.strategy_id
            AND a.sender_id = p_case.intent ->> 'sender_id';
    IF NOT FOUND THEN
        SELECT a.id, a.trace_id, 'same_intent'
            INTO p_case.alert_id, p_case.trace_id, p_case.rule FROM signals_alert a
            WHERE a.strategy_id = p_in.strategy_id AND a.intent_key = p_in.intent_key;
    END IF;
    IF FOUND THEN
        p_case.verdict := CASE p_case.rule WHEN 'id_conflict' THEN 'refused' ELSE 'duplicate' END;
    ELSIF p_case.entry_rule <> '' THEN
        p_case.verdict := 'refused';
        p_case.rule := p_case.entry_rule;
        p_case.trace_id := replace(gen_random_uuid()::text, '-', '');
    END IF;
    RETURN p_case;
END $$;

-- The alert, unless one with its id or its request is there.
CREATE OR REPLACE FUNCTION signals_insert_alert(
    p_in signals_delivery_in, p_case signals_intake_case, p_trace_id text, p_intent_key text
) RETURNS signals_intake_case
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_id bigint;
BEGIN
    INSERT INTO signals_alert (strategy_id, delivery_id, dialect, kind, intent, body_sha256,
            sender_id, id_is_unique, intent_key, trade_ref, ref_id, trace_id, bar_time, grade,
            provenance, received_at)
        VALUES (p_in.strategy_id, p_case.delivery_id, p_in.dialect, p_case.intent ->> 'kind',
            p_in.intent, p_in.body_sha256, p_case.intent ->> 'sender_id', p_in.id_is_unique,
            p_intent_key, p_case.trade_ref, p_case.ref_id, p_trace_id, p_case.bar_time,
            p_case.grade, p_case.provenance, p_case.moment)
        ON CONFLICT DO NOTHING RETURNING id INTO v_id;
    IF FOUND THEN
        p_case.verdict := 'accepted';
        p_case.rule := '';
        p_case.alert_id := v_id;
        p_case.trace_id := p_trace_id;
    END IF;
    RETURN p_case;
END $$;

-- Store: the alert where nothing speaks against it, and the delivery with its verdict.
CREATE OR REPLACE FUNCTION signals_store(p_in signals_delivery_in, p_case signals_intake_case)
    RETURNS signals_intake_case
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_leg jsonb := p_in.legs -> 0;
    v_trace text;
    v_entry bigint;
BEGIN
    p_case.delivery_id := nextval('signals_delivery_id_seq');
    -- A reversal's exit passes; its entry leg is then born with its time over.
    IF p_case.verdict = '' AND (p_case.entry_rule = '' OR p_case.lowers) THEN
        IF p_case.lowers AND NOT p_case.has_entry THEN
            SELECT nullif(t.target_trace_id, '') INTO p_case.trace_id
                FROM signals_target(p_in.strategy_id, p_case.trade_ref, p_case.ref_id,
                    v_leg ->> 'instrument', v_leg ->> 'side', v_leg ->> 'event', false,
                    p_case.late_since) t;
        END IF;
        v_trace := coalesce(p_case.trace_id, replace(gen_random_uuid()::text, '-', ''));
        p_case := signals_insert_alert(p_in, p_case, v_trace, p_in.intent_key);
    END IF;
    IF p_case.verdict = '' THEN
        p_case := signals_judge_unstored(p_in, p_case);
        IF p_case.rule = 'same_intent' AND p_case.lowers THEN
            v_entry := signals_entry_since(p_in.strategy_id, p_case.alert_id);
            IF v_entry IS NOT NULL THEN
                -- Asked for anew, once after that entry.
                p_case := signals_insert_alert(p_in, p_case, v_trace, encode(
                    sha256(convert_to(p_in.intent_key || ':' || v_entry, 'UTF8')), 'hex'));
            END IF;
        END IF;
    END IF;
    INSERT INTO signals_delivery (id, received_at, strategy_id, secret_id, body, body_sha256,
            content_type, peer, sent_at, grade, provenance, fired_by, verdict, rule, detail,
            alert_id)
        VALUES (p_case.delivery_id, p_case.moment, p_in.strategy_id, p_in.secret_id, p_in.body,
            p_in.body_sha256, p_in.content_type, p_in.peer, p_in.sent_at, p_case.grade,
            p_case.provenance,
            coalesce(p_in.legs -> -1 ->> 'instrument', p_case.intent #>> '{bar,symbol_raw}', ''),
            p_case.verdict, p_case.rule, '', p_case.alert_id);
    RETURN p_case;
END $$;

-- The decision of one leg; what lowers risk is approved at once and supersedes what it leaves.
CREATE OR REPLACE FUNCTION signals_decide_leg(
    p_in signals_delivery_in, p_case signals_intake_case, p_leg_no integer
) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_leg jsonb := p_in.legs -> p_leg_no;
    v_verb text := v_leg ->> 'event';
    v_is_entry boolean := v_verb = 'entry';
    v_scope text := '';
    v_target text := '';
    v_trace text := p_case.trace_id;
    v_decision bigint;
    v_done text;
BEGIN
    IF NOT v_is_entry THEN
        SELECT t.scope, t.target_trace_id INTO v_scope, v_target
            FROM signals_target(p_in.strategy_id, p_case.trade_ref, p_case.ref_id,
                v_leg ->> 'instrument', v_leg ->> 'side', v_verb,
                jsonb_path_exists(p_in.legs, '$[$n to last] ? (@.event == "entry")',
                    jsonb_build_object('n', p_leg_no)), p_case.late_since) t;
        v_trace := coalesce(nullif(v_target, ''), v_trace);
    END IF;
    INSERT INTO signals_decision (alert_id, strategy_id, leg_no, version, state, verb,
            side, instrument, leg, trade_ref, trace_id, scope, target_trace_id, ref_price,
            valid_until, author, inputs_sha256, reason, created_at, decided_at, reviews_needed)
        VALUES (p_case.alert_id, p_in.strategy_id, p_leg_no, 1,
            CASE WHEN v_is_entry THEN 'proposed' ELSE 'approved' END,
            v_verb, v_leg ->> 'side', v_leg ->> 'instrument', v_leg ->> 'leg',
            p_case.trade_ref, v_trace, v_scope, v_target, (p_case.intent ->> 'ref_price')::numeric,
            CASE WHEN NOT v_is_entry THEN NULL WHEN p_case.entry_rule <> '' THEN p_case.moment
                ELSE least(p_case.expires_at, p_case.moment + coalesce(
                    signals_plan_open_for(v_leg ->> 'leg'), p_case.open_for)) END,
            CASE WHEN v_is_entry THEN '' ELSE 'rule:risk_lowering' END, '',
            CASE WHEN v_is_entry THEN '' ELSE 'lowers_risk' END, p_case.moment,
            CASE WHEN NOT v_is_entry THEN p_case.moment END, CASE WHEN NOT v_is_entry THEN 0 END)
        RETURNING id INTO v_decision;
    IF v_verb IN ('exit', 'partial_exit', 'cancel', 'cancel_all', 'close_all') THEN
        v_done := signals_supersede(v_decision, p_case.actor, p_case.moment,
            signals_handlers(p_in.handlers, 'decision.superseded'))::text;
    END IF;
    IF NOT v_is_entry THEN
        v_done := events_record('decision.approved', 'signals.decision:' || v_decision, v_trace,
            'system', format('{"alert_id":%s,"author":"rule:risk_lowering","leg_no":%s,"verb":%s}',
                p_case.alert_id, p_leg_no, to_json(v_verb)),
            signals_handlers(p_in.handlers, 'decision.approved'))::text;
    END IF;
END $$;

-- Decide: the log hears of the alert, and each leg gets its decision.
CREATE OR REPLACE FUNCTION signals_decide(p_in signals_delivery_in, p_case signals_intake_case)
    RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_done text;
BEGIN
    v_done := events_record('alert.received', 'signals.alert:' || p_case.alert_id,
        p_case.trace_id, p_case.actor,
        format('{"delivery_id":%s,"dialect":%s,"entry_refused":%s,"grade":%s,"kind":%s,'
            '"legs":%s,"provenance":%s}', p_case.delivery_id, to_json(p_in.dialect),
            to_json(p_case.entry_rule), to_json(p_case.grade),
            to_json(p_case.intent ->> 'kind'), jsonb_array_length(p_in.legs),
            to_json(p_case.provenance)),
        signals_handlers(p_in.handlers, 'alert.received'))::text;
    FOR v_leg_no IN 0 .. jsonb_array_length(p_in.legs) - 1 LOOP
        v_done := signals_decide_leg(p_in, p_case, v_leg_no)::text;
    END LOOP;
END $$;

-- A refusal is told to the log, and whether it asked for less risk; what else was asked under a
-- known id is kept.
CREATE OR REPLACE FUNCTION signals_tell_refusal(
    p_in signals_delivery_in, p_case signals_intake_case
) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_done text;
BEGIN
    IF p_case.rule = 'id_conflict' THEN
        INSERT INTO signals_alertconflict (alert_id, delivery_id, intent, received_at)
            VALUES (p_case.alert_id, p_case.delivery_id, p_in.intent, p_case.moment);
    END IF;
    v_done := events_record('alert.refused', 'signals.delivery:' || p_case.delivery_id,
        p_case.trace_id, p_case.actor,
        format('{"lowers_risk":%s,"rule":%s}', to_json(p_case.lowers), to_json(p_case.rule)),
        signals_handlers(p_in.handlers, 'alert.refused'))::text;
END $$;

-- What becomes of one readable delivery.
CREATE OR REPLACE FUNCTION signals_accept(
    p_in signals_delivery_in,
    OUT verdict text, OUT rule text, OUT delivery_id bigint, OUT alert_id bigint,
    OUT trace_id text
)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_case signals_intake_case := signals_open_case(p_in);
    v_done text;
BEGIN
    IF v_case.verdict = '' THEN
        v_case := signals_judge(p_in, v_case);
        v_case := signals_store(p_in, v_case);
        IF v_case.verdict = 'accepted' THEN
            v_done := signals_decide(p_in, v_case)::text;
        ELSIF v_case.verdict = 'refused' THEN
            v_done := signals_tell_refusal(p_in, v_case)::text;
        END IF;
    END IF;
    verdict := v_case.verdict;
    rule := v_case.rule;
    delivery_id := v_case.delivery_id;
    alert_id := v_case.alert_id;
    trace_id := v_case.trace_id;
END $$;
