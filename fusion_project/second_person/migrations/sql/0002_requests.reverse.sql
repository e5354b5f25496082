DROP FUNCTION second_person_wants(bigint, text);
DROP FUNCTION second_person_request_guard();
