"""`make bench-intake` and `make bench-flood`: how fast alerts are stored, and beside what disturbs.

    python -m tests.bench.intake [--seconds 10] [--flood]

Prints one JSON object a line, {name, value, reference, ratio, aim, met}, the summary last.
"""

import argparse
import json
import subprocess
import sys
import time

from fusion_project.front.command import WEB_CONNECTIONS
from tests.bench.figures import Figures
from tests.bench.load import Outcome, Plan, outcome_of, plan_text
from tests.bench.rig import EMPTY_PATH, Rig, send, sender_start

CONNECTIONS = 32
PACED_PER_SECOND = 100
# The fastest public bridge measured accepts 929 alerts a second and stores none of them, on a
# machine whose pgbench c32 reaches 9 000 commits a second; elsewhere the aim is scaled by that.
PUBLIC_PER_SECOND, PUBLIC_PGBENCH = 930, 9_000
FLOOD_PER_SECOND, BESIDE_PER_SECOND = 400, 20
FLOOD_BYTES_A_SECOND_MAX = 512 * 1024
HALF_SENT, BESIDE_HALF_SENT_PER_SECOND, POLLS_PER_SECOND = 60, 50, 20
BESIDE_HALF_SENT_MS_MAX = 1_000


def bench_intake(seconds: int) -> int:
    """Accepted alerts a second against the empty view and pgbench, then a paced run."""
    figures = Figures()
    with Rig() as rig:
        commits = round(rig.pgbench(CONNECTIONS, seconds), 1)
        figures.say("pgbench_c32_commits_per_second", commits)
        with rig.web() as port:
            send(Plan(port, rig.paths, CONNECTIONS, 2, name="warm"))
            before = _commits(rig)
            fast = send(Plan(port, rig.paths, CONNECTIONS, seconds, name="fast"))
            trips = (_commits(rig) - before) / _only(fast, "202")
            paced = send(
                Plan(port, rig.paths, CONNECTIONS, seconds, rate=PACED_PER_SECOND, name="paced")
            )
            _say_half_sent(figures, rig, port, seconds)
        with rig.web("tests.bench.empty:application") as port:
            send(Plan(port, [EMPTY_PATH], CONNECTIONS, 2, kind="empty"))
            empty = send(Plan(port, [EMPTY_PATH], CONNECTIONS, seconds, kind="empty"))
        stored = rig.value("SELECT count(*) FROM signals_alert WHERE sender_id LIKE 'fast:%'")
        room = int(rig.value("SELECT current_setting('max_connections')::int"))
    accepted = round(_only(fast, "202") / fast.seconds, 1)
    empty_rate = round(_only(empty, "202") / empty.seconds, 1)
    figures.say("empty_view_one_insert_c32_per_second", empty_rate)
    figures.say("accepted_c32_per_second", accepted)
    figures.say("accepted_c32_p50_ms", fast.at(0.5))
    figures.say("accepted_c32_p99_ms", fast.at(0.99))
    figures.say("accepted_of_pgbench_c32", accepted, reference=commits, aim=0.10)
    figures.say("accepted_of_empty_view", accepted, reference=empty_rate, aim=0.80)
    aim = round(PUBLIC_PER_SECOND * min(1.0, commits / PUBLIC_PGBENCH), 1)
    figures.say("accepted_of_fastest_public_bridge", accepted, aim=aim)
    figures.say("stored_of_answered_202", stored, reference=_only(fast, "202"), aim=1.0)
    figures.say("transactions_per_accepted_alert", round(trips, 3), aim=1.05, at_most=True)
    figures.say("paced_100_per_second_p50_ms", paced.at(0.5))
    figures.say("paced_100_per_second_p99_ms", paced.at(0.99), aim=100, at_most=True)
    figures.say("web_connections", WEB_CONNECTIONS, reference=room, aim=0.5, at_most=True)
    return figures.end("bench_intake")


def bench_flood(seconds: int) -> int:
    """A flood without secrets, from one peer and from thousands, beside alerts with one."""
    figures = Figures()
    with Rig(TRUSTED_PROXY_COUNT="1") as rig, rig.web() as port:
        beside = Plan(port, rig.paths, 4, min(seconds, 15), rate=BESIDE_PER_SECOND, name="quiet")
        send(Plan(port, rig.paths, 4, 2, name="warm"))
        quiet = send(beside)
        for who, many_peers in (("one_peer", False), ("many_peers", True)):
            size, written = rig.disk_bytes()
            began = time.monotonic()
            flood, alerts = _together(
                Plan(
                    port,
                    ["/hooks/tradingview/bench-1/wrong"],
                    8,
                    seconds,
                    "unknown",
                    FLOOD_PER_SECOND,
                    who,
                    many_peers,
                ),
                Plan(port, rig.paths, 4, seconds, rate=BESIDE_PER_SECOND, name=f"beside-{who}"),
            )
            took = time.monotonic() - began
            size_after, written_after = rig.disk_bytes()
            figures.say(
                f"flood_{who}_requests_per_second", round(sum(flood.statuses.values()) / took, 1)
            )
            figures.say(
                f"flood_{who}_database_growth_bytes_per_second",
                round((size_after - size) / took),
                aim=FLOOD_BYTES_A_SECOND_MAX,
                at_most=True,
            )
            figures.say(
                f"flood_{who}_log_written_bytes_per_second", round((written_after - written) / took)
            )
            _say_answers(figures, who, flood, alerts, quiet)
        samples = rig.value("SELECT count(*) FROM signals_unknowncallersample")
        minutes = rig.value("SELECT count(*) FROM signals_unknowncallerminute")
        figures.say("flood_samples_kept", samples, reference=100 * minutes, aim=1.0, at_most=True)
    return figures.end("bench_flood")


def _say_half_sent(figures: Figures, rig: Rig, port: int, seconds: int) -> None:
    """Webhooks and polls beside bodies that trickle and never end."""
    path = "/api/v1/executor/poll"
    half_sent, alerts, polls = _together(
        Plan(port, rig.paths, HALF_SENT, seconds, "half_sent", name="half"),
        Plan(port, rig.paths, 8, seconds, rate=BESIDE_HALF_SENT_PER_SECOND, name="beside-half"),
        Plan(port, [path], 4, seconds, "poll", POLLS_PER_SECOND, key=rig.key),
    )
    for status, count in sorted(half_sent.statuses.items()):
        figures.say(f"half_sent_{HALF_SENT}_answered_{status}", count)
    for name, outcome, status in (("webhook", alerts, "202"), ("poll", polls, "200")):
        name = f"beside_half_sent_{HALF_SENT}_{name}"
        sent = sum(outcome.statuses.values())
        figures.say(f"{name}_answered_{status}", _only(outcome, status), reference=sent, aim=1.0)
        figures.say(f"{name}_p50_ms", outcome.at(0.5))
        figures.say(f"{name}_p99_ms", outcome.at(0.99), aim=BESIDE_HALF_SENT_MS_MAX, at_most=True)


def _say_answers(
    figures: Figures, who: str, flood: Outcome, alerts: Outcome, quiet: Outcome
) -> None:
    """What the flood was answered, and how the alerts beside it fared."""
    for status in sorted(flood.statuses):
        figures.say(f"flood_{who}_answered_{status}", flood.statuses[status])
    figures.say(
        f"flood_{who}_alerts_accepted",
        _only(alerts, "202"),
        reference=sum(alerts.statuses.values()),
        aim=1.0,
    )
    figures.say(f"flood_{who}_alerts_p50_ms", alerts.at(0.5), reference=quiet.at(0.5))
    figures.say(f"flood_{who}_alerts_p99_ms", alerts.at(0.99), aim=100, at_most=True)


def _together(*plans: Plan) -> list[Outcome]:
    processes = [sender_start(plan) for plan in plans]
    for process, plan in zip(processes, plans, strict=True):
        _hand(process, plan)
    return [outcome_of(process.communicate()[0]) for process in processes]


def _hand(process: "subprocess.Popen[str]", plan: Plan) -> None:
    assert process.stdin is not None
    process.stdin.write(plan_text(plan))
    process.stdin.close()
    process.stdin = None


def _only(outcome: Outcome, status: str) -> int:
    """How many were answered so; anything else is shown, for it spoils the figure."""
    if set(outcome.statuses) != {status}:
        print(json.dumps({"name": "other_answers", **outcome.statuses}), flush=True)
    return outcome.statuses.get(status, 0)


def _commits(rig: Rig) -> int:
    time.sleep(2)  # each backend tells its counts within a second or so
    return int(rig.value("SELECT xact_commit FROM pg_stat_database WHERE datname = 'fusion'"))


def main() -> int:
    """Run one bench."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=0, help="10 each, or 60 for the flood")
    parser.add_argument("--flood", action="store_true")
    options = parser.parse_args()
    if options.flood:
        return bench_flood(options.seconds or 60)
    return bench_intake(options.seconds or 10)


if __name__ == "__main__":
    sys.exit(main())
