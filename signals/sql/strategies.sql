-- Which lobes, bars and gates a policy goes by: a quorum that its lobes can reach, no bars that
-- another strategy's secret brought, and no gate whose unknown fact would count as good. A member
-- of its alerts is settled as one of three things, with its reason.
CREATE OR REPLACE FUNCTION signals_policy_birth() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF jsonb_array_length(NEW.lobes) > 0 AND NEW.quorum > jsonb_array_length(NEW.lobes) THEN
        RAISE EXCEPTION 'a quorum of % among % lobes is never met', NEW.quorum,
            jsonb_array_length(NEW.lobes)
            USING ERRCODE = 'check_violation', CONSTRAINT = 'signals_policy_quorum_can_be_met';
    END IF;
    IF EXISTS (
        SELECT FROM jsonb_path_query(NEW.feeds, '$.*[*].feed') AS f (feed)
        WHERE f.feed #>> '{}' LIKE 'alert:%' AND f.feed #>> '{}' <> 'alert:' || (
            SELECT s.slug FROM signals_strategy s WHERE s.id = NEW.strategy_id)) THEN
        RAISE EXCEPTION 'bars of another strategy''s alerts serve that strategy alone'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'signals_policy_own_bars';
    END IF;
    IF EXISTS (
        SELECT FROM jsonb_each(NEW.gates) AS g (name, told)
        WHERE g.name NOT IN ('drawdown', 'exposure', 'correlation', 'session', 'news', 'spread',
                'volatility', 'data_quality', 'account_health')
            OR jsonb_typeof(g.told) <> 'object'
            OR greatest((g.told ->> 'absent')::numeric, (g.told ->> 'factor')::numeric) >= 1) THEN
        RAISE EXCEPTION 'a gate is unknown, or what is not known would count as good'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'signals_policy_gates';
    END IF;
    -- What is no list has a length of its own here, so that nothing is asked of it as one.
    IF (CASE WHEN jsonb_typeof(NEW.formats) = 'array'
            THEN jsonb_array_length(NEW.formats) ELSE 9 END) > 8 OR EXISTS (
        SELECT FROM jsonb_array_elements(
            CASE WHEN jsonb_typeof(NEW.formats) = 'array' THEN NEW.formats ELSE '[]' END
        ) AS f (told)
        GROUP BY f.told ->> 'name'
        HAVING count(*) > 1 OR coalesce(f.told ->> 'name', '') = ''
            OR bool_or(jsonb_typeof(f.told -> 'examples') IS DISTINCT FROM 'array'
                OR f.told -> 'examples' = '[]')) THEN
        RAISE EXCEPTION 'a taught format has no name of its own, or no example'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'signals_policy_formats';
    END IF;
    IF EXISTS (
        SELECT FROM jsonb_each(NEW.members) AS m (name, told)
        WHERE m.name = '' OR coalesce(m.told ->> 'why', '') = ''
            OR coalesce(m.told ->> 'is', '') NOT IN ('harmless', 'credential', 'means')
            OR (m.told ->> 'is' = 'means') <> (m.told ? 'as')) THEN
        RAISE EXCEPTION 'a member of its alerts is settled without a reason, or as nothing known'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'signals_policy_members';
    END IF;
    RETURN NEW;
END $$;

-- Web processes hold a strategy for up to a second; its version tells them what they hold is old.
-- A policy once left does not come back: what it said is said anew by a later version.
CREATE OR REPLACE FUNCTION signals_strategy_guard() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF NEW.version <> OLD.version + 1 OR NEW.slug <> OLD.slug THEN
        RAISE EXCEPTION 'strategy %: a change raises the version by one and keeps the slug', OLD.slug
            USING ERRCODE = 'check_violation', CONSTRAINT = 'signals_strategy_version_rises';
    END IF;
    IF NEW.is_drill <> OLD.is_drill THEN
        RAISE EXCEPTION 'strategy %: whether it is a drill never changes', OLD.slug
            USING ERRCODE = 'check_violation', CONSTRAINT = 'signals_strategy_drill_stays';
    END IF;
    IF NEW.policy_id <> OLD.policy_id AND NOT EXISTS (
        SELECT FROM signals_strategypolicy p JOIN signals_strategypolicy q ON q.id = OLD.policy_id
        WHERE p.id = NEW.policy_id AND p.version > q.version) THEN
        RAISE EXCEPTION 'strategy %: a policy is followed by a later version of it', OLD.slug
            USING ERRCODE = 'check_violation', CONSTRAINT = 'signals_strategy_policy_goes_on';
    END IF;
    RETURN NEW;
END $$;
