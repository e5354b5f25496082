UPDATE execution_brokeraccount a SET state = 'halted'
    WHERE execution_switch_state('account', a.id::text) <> 'active';
