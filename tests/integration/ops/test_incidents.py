"""An incident is opened by a kind of the table, and staff read what the table says of it."""

import pytest

from fusion_project.events.clock import now
from fusion_project.incidents import kinds
from fusion_project.incidents.kinds import KINDS, IncidentKindUnknown
from fusion_project.incidents.models import Incident
from fusion_project.incidents.services import incident_open

pytestmark = pytest.mark.django_db


def test_an_unknown_kind_cannot_be_opened() -> None:
    with pytest.raises(IncidentKindUnknown):
        incident_open(kind="coffee.cold", subject="execution.account:1", note="x")
    assert not Incident.objects.exists()


@pytest.mark.parametrize("name", [kinds.CASH_DIFFERS, kinds.ALERT_SILENT])
def test_staff_read_severity_meaning_and_where_the_runbook_goes_on(ops, name: str) -> None:
    kind = KINDS[name]
    incident_id = incident_open(kind=name, subject="execution.account:1", note="by 2 USD")
    record = ops.get(f"/admin/incidents/incident/{incident_id}/change/").content.decode()
    page = ops.get("/ops/incidents/").content.decode()
    for text in (page, record):
        assert kind.sentence.replace("'", "&#x27;") in text
        assert kind.severity in text
        assert kind.runbook in text
    listed = ops.get("/admin/incidents/incident/").content.decode()
    assert f'<td class="field-severity">{kind.severity}</td>' in listed


def test_an_incident_of_a_kind_that_has_left_the_table_is_still_shown(ops) -> None:
    at = now()
    incident_id = Incident.objects.create(
        kind="coffee.cold", subject="execution.account:1", note="x", opened_at=at, last_seen_at=at
    ).pk
    assert "coffee.cold" in ops.get("/ops/incidents/").content.decode()
    assert ops.get(f"/admin/incidents/incident/{incident_id}/change/").status_code == 200
