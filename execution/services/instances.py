"""Which running program holds an account: one instance, and of its copies the one heard first."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, F, Q, Value, When

from execution.errors import InstanceConflict
from execution.models import BrokerAccount, ExecutorKey, Order
from execution.rules.messages import ExecutorCaller, Program
from execution.traces import trace_mint
from execution.wire import Hello
from fusion_project.events.clock import now
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.services import incident_open

INSTANCE_HOLD_SECONDS = 15


def instance_claim(*, caller: ExecutorCaller, program: Program, moment: datetime) -> BrokerAccount:
    """Hold the account for one program; another may take over after 15 s of silence.

    The update takes the account's row lock for the rest of the transaction. What the program reads
    is known from its own hello alone: whoever sends no boot nonce, or has not said hello under it,
    counts as minor 0. Raises InstanceConflict.
    """
    same = Q(instance=program.instance, instance_nonce=program.boot_nonce)
    free = Q(instance="") | same | Q(instance_seen_at__lt=_silent_since(moment))
    told_here = same & ~Q(instance_nonce="")
    rows = BrokerAccount.objects.filter(free, id=caller.account_id)
    changed = rows.update(
        instance=program.instance,
        instance_nonce=program.boot_nonce,
        instance_minor=Case(When(told_here, then=F("instance_minor")), default=Value(0)),
        instance_since=Case(When(same, then=F("instance_since")), default=moment),
        journal_since=Case(When(same, then=F("journal_since")), default=None),
        instance_seen_at=moment,
        last_seen_at=moment,
    )
    if changed != 1:
        raise _conflict(caller, program, moment)
    if caller.last_instance != program.instance:
        ExecutorKey.objects.filter(id=caller.key_id).update(instance=program.instance)
    return BrokerAccount.objects.get(id=caller.account_id)


def instance_tells(*, account: BrokerAccount, program: Program, facts: Hello) -> None:
    """Keep what the program's hello says that it reads, and how old its journal is.

    Call under `instance_claim`.
    """
    account.instance_minor = facts.api_minor if program.boot_nonce else 0
    account.journal_since = facts.journal_since.at if facts.journal_since else None
    account.save(update_fields=["instance_minor", "journal_since"])


def instance_remembers(*, account: BrokerAccount, instance: str, order: Order) -> bool:
    """Tell whether a program would know if it had sent the order: it held it, and forgot nothing.

    That is the run that leased it, or a later one of the same instance whose journal is older than
    the lease. Runs that tell no boot nonce cannot be told apart.
    """
    if instance != order.instance or instance != account.instance or order.leased_at is None:
        return False
    if not account.instance_nonce:
        return True
    began = [one for one in (account.instance_since, account.journal_since) if one is not None]
    return any(one <= order.leased_at for one in began)


def instance_minor(*, caller: ExecutorCaller, program: Program) -> int:
    """Return the minor of a program that tells facts, which need no hold on the account.

    Raises InstanceConflict for a copy of the program that holds it.
    """
    account = BrokerAccount.objects.get(id=caller.account_id)
    if account.instance != program.instance:
        return 0
    if account.instance_nonce == program.boot_nonce:
        return account.instance_minor
    seen_at, moment = account.instance_seen_at, now()
    if seen_at is not None and seen_at >= _silent_since(moment):
        raise _conflict(caller, program, moment)
    return 0


def instance_conflict_report(error: InstanceConflict) -> None:
    """Tell people that two executors want one account. Call outside the refused transaction.

    A restart is refused as a copy is, but only until its former self has been silent for 15 s:
    who is refused for longer than that is a copy.
    """
    account_id, boot_nonce = error.detail["account_id"], error.detail["boot_nonce"]
    assert isinstance(account_id, int)
    assert isinstance(boot_nonce, str)
    if error.detail["is_copy"] and not _is_refused_for_long(account_id, boot_nonce):
        return
    incident_open(
        kind=kinds.EXECUTOR_CONTESTED,
        subject=subject_of(BrokerAccount, account_id),
        note=f"instance {error.detail['instance']} was refused: {error}",
        trace_id=trace_mint(),
    )


@transaction.atomic
def _is_refused_for_long(account_id: int, boot_nonce: str) -> bool:
    moment = now()
    account = BrokerAccount.objects.select_for_update(no_key=True).get(id=account_id)
    since = account.refused_since
    if since is not None and account.refused_nonce == boot_nonce:
        return since < _silent_since(moment)
    account.refused_nonce, account.refused_since = boot_nonce, moment
    account.save(update_fields=["refused_nonce", "refused_since"])
    return False


def _silent_since(moment: datetime) -> datetime:
    return moment - timedelta(seconds=INSTANCE_HOLD_SECONDS)


def _conflict(caller: ExecutorCaller, program: Program, moment: datetime) -> InstanceConflict:
    account = BrokerAccount.objects.get(id=caller.account_id)
    seen_at = account.instance_seen_at or moment
    heard = f"heard {max(0, int((moment - seen_at).total_seconds()))} s ago"
    is_copy = account.instance == program.instance
    if is_copy:
        words = (
            f"Another copy of {program.instance}, with another boot nonce, was {heard}. After a"
            f" restart wait until it has been silent for {INSTANCE_HOLD_SECONDS} s; if two of them"
            " run, stop one: this one gets nothing."
        )
    else:
        words = (
            f"The executor {account.instance} holds this account and was {heard}. Stop it, or"
            f" this one: another may take over after {INSTANCE_HOLD_SECONDS} s of silence."
        )
    return InstanceConflict(
        words,
        account_id=account.id,
        instance=program.instance,
        boot_nonce=program.boot_nonce,
        is_copy=is_copy,
    )
