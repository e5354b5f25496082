CREATE TRIGGER second_person_request_guard BEFORE INSERT OR UPDATE ON second_person_request
    FOR EACH ROW EXECUTE FUNCTION second_person_request_guard();
ALTER TABLE second_person_request ENABLE ALWAYS TRIGGER second_person_request_guard;
