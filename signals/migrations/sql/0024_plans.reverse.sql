DROP FUNCTION signals_plan_open_for(text);
DROP FUNCTION signals_plan_fault(jsonb);
DROP FUNCTION signals_plan_rules_fault(jsonb);
DROP FUNCTION signals_plan_targets_fault(jsonb, jsonb);
DROP FUNCTION signals_plan_seconds_hold(jsonb, integer);
DROP FUNCTION signals_plan_distances(jsonb);
DROP FUNCTION signals_plan_numbers_hold(jsonb, text[]);
