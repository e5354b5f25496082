"""Executors that fall silent: their accounts' orders are not carried out, so people must know."""

from execution.models import BrokerAccount
from execution.selectors.executors import executor_list
from execution.services.withdrawing import silent_withdraw
from fusion_project.events.life import SILENCE_SECONDS_MAX, seconds_since, watch_look
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.models import Incident
from fusion_project.incidents.services import incident_open, incident_settle


def executor_watch() -> None:
    """Open an incident for each silent executor, close those of executors that are heard again.

    Entries of a silent one that rest at the broker are to be cancelled once it is heard again.

    Silence counts from when somebody looks: after an outage of our own, nobody is late yet.
    """
    looked_since = watch_look()
    unheard = set()
    for one in executor_list():
        subject = subject_of(BrokerAccount, one.account_id)
        if seconds_since(one.heard_at) <= SILENCE_SECONDS_MAX:
            continue
        unheard.add(subject)
        silent = seconds_since(max(one.heard_at, looked_since))
        if silent > SILENCE_SECONDS_MAX:
            note = f"{one.account}: nothing heard since {one.heard_at:%Y-%m-%d %H:%M:%S} UTC"
            incident_open(kind=kinds.EXECUTOR_SILENT, subject=subject, note=note)
            silent_withdraw(account_id=one.account_id)
    still_open = Incident.objects.filter(kind=kinds.EXECUTOR_SILENT, closed_at=None)
    for subject in still_open.exclude(subject__in=unheard).values_list("subject", flat=True):
        note = "The executor is heard again, or the account has no live key any longer."
        incident_settle(kind=kinds.EXECUTOR_SILENT, subject=subject, note=note)
