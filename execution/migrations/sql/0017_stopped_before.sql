INSERT INTO execution_switch (scope, key, version, state, reason, actor, at)
    SELECT 'account', a.id::text, 1, 'halted',
        coalesce(nullif(a.state_reason, ''), 'halted before switches had versions'), 'system',
        events_now()
    FROM execution_brokeraccount a WHERE a.state = 'halted'
    UNION ALL
    SELECT 'strategy', s.id::text, 1, 'reducing', 'switched off before switches had versions',
        'system', events_now()
    FROM signals_strategy s WHERE NOT s.is_active;
