CREATE TRIGGER incidents_incident_guard BEFORE INSERT OR UPDATE ON incidents_incident
    FOR EACH ROW EXECUTE FUNCTION incidents_incident_guard();
ALTER TABLE incidents_incident ENABLE ALWAYS TRIGGER incidents_incident_guard;
