INSERT INTO execution_switch (scope, key, version, state, reason, actor, at)
    SELECT 'account' AS scope, a.id::text AS key, 1 AS version, 'halted' AS state,
        coalesce(nullif(a.state_reason, ''), 'halted before switches had versions') AS reason,
        'system' AS actor, events_now() AS at
    FROM execution_brokeraccount AS a WHERE a.state = 'halted'
    UNION ALL
    SELECT 'strategy' AS scope, s.id::text AS key, 1 AS version, 'reducing' AS state,
        'switched off before switches had versions' AS reason, 'system' AS actor,
        events_now() AS at
    FROM signals_strategy AS s WHERE NOT s.is_active;
