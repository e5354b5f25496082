DROP FUNCTION signals_refuse(
    bigint, bigint, bytea, text, text, text, text, text, text, text, text[]);
DROP FUNCTION signals_accept(signals_delivery_in);
DROP FUNCTION signals_tell_refusal(signals_delivery_in, signals_intake_case);
DROP FUNCTION signals_decide(signals_delivery_in, signals_intake_case);
DROP FUNCTION signals_decide_leg(signals_delivery_in, signals_intake_case, integer);
DROP FUNCTION signals_store(signals_delivery_in, signals_intake_case);
DROP FUNCTION signals_judge_unstored(signals_delivery_in, signals_intake_case);
DROP FUNCTION signals_judge(signals_delivery_in, signals_intake_case);
DROP FUNCTION signals_open_case(signals_delivery_in);
DROP FUNCTION signals_entries_are_full(bigint, integer, timestamptz);
DROP FUNCTION signals_handlers(jsonb, text);
