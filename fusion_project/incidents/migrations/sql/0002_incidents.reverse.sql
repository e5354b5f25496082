DROP FUNCTION incidents_incident_guard();
