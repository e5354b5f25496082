-- A rule after the first is what two people wanted: that token, those parameters, that time or,
-- where they named none, as soon as they had agreed.
CREATE OR REPLACE FUNCTION tokens_rule_birth() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF NEW.version > 1 AND (
        second_person_wants(NEW.request_id, 'rule.change') IS NOT TRUE OR NOT EXISTS (
            SELECT FROM second_person_request r JOIN tokens_token t
                ON t.id = NEW.token_id AND t.code = r.payload::json ->> 'token'
            WHERE r.id = NEW.request_id
                AND (r.payload::jsonb -> 'parameters') = NEW.parameters
                AND coalesce((r.payload::json ->> 'valid_from')::timestamptz, NEW.valid_from)
                    = NEW.valid_from)) THEN
        RAISE EXCEPTION 'a second person confirms a change of a token''s rule'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tokens_rule_is_wanted';
    END IF;
    RETURN NEW;
END $$;
