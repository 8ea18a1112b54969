"""The ticks: APScheduler only wakes us; what is due is rows, so any number of processes may tick."""

from collections.abc import Callable
from datetime import UTC

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from smsgateway import audit
from smsgateway.carriers.base import CarrierError
from smsgateway.gateway import GatewayProblem
from smsgateway.outbox.dispatch import Dispatcher
from smsgateway.outbox.plan import plan_visits
from smsgateway.outbox.reconcile import LOOKS_BACK, reconcile
from smsgateway.people.keys import require_keys
from smsgateway.people.retention import Retention
from smsgateway.people.seal import BrokenSeal
from smsgateway.settings import SettingsProblem
from smsgateway.store import StoreProblem

log = structlog.get_logger(__name__)


def start_ticking(dispatcher: Dispatcher) -> Callable[[], None]:
    """Plans and dispatches every `outbox.tick` seconds in a thread; answers the function that stops it, after the
    texts in flight are written down."""
    outbox = dispatcher.gateway.settings.outbox
    scheduler = BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(1), "nightly": ThreadPoolExecutor(1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    scheduler.add_job(tick, "interval", [dispatcher], seconds=outbox.tick, id="tick")
    scheduler.add_job(compare, "interval", [dispatcher], seconds=outbox.reconcile_every, id="reconcile")
    pulse = dispatcher.gateway.pulse
    pulse.begin(outbox.tick)
    # In a thread of its own: texts do not wait for it.
    scheduler.add_job(retain, "cron", [dispatcher], hour=1, minute=30, id="retention", executor="nightly")
    scheduler.start()

    def stop() -> None:
        pulse.end()
        scheduler.shutdown(wait=True)

    return stop


def tick(dispatcher: Dispatcher) -> None:
    """One round. A database or settings at fault end the round and not the ticking."""
    dispatcher.gateway.pulse.beat()
    try:
        with dispatcher.gateway.store.read() as transaction:
            # Another process may have begun with a new key: whoever opted out under it would be a stranger to us.
            require_keys(transaction, dispatcher.gateway.seal)
        planned = plan_visits(dispatcher.gateway)
        sent = dispatcher.run_pass()
    except (StoreProblem, GatewayProblem, SettingsProblem, BrokenSeal) as problem:
        log.error("tick not finished", reason=str(problem))
        return
    if planned or sent:
        log.info("tick", planned=dict(planned), sent=dict(sent))


def compare(dispatcher: Dispatcher) -> None:
    """The scheduled comparison with the carrier; one that fails is made up for by the next."""
    dispatcher.gateway.pulse.beat()
    try:
        report = reconcile(dispatcher, dispatcher.gateway.clock() - LOOKS_BACK)
    except (CarrierError, StoreProblem, GatewayProblem, SettingsProblem) as problem:
        log.error("not compared with the carrier", reason=str(problem))
        return
    if any(report.values()):
        log.info("compared with the carrier", changed=dict(report))


def retain(dispatcher: Dispatcher) -> None:
    """The nightly cut of what has been kept long enough; one that fails is made up for by the next."""
    job = Retention(dispatcher.gateway, dispatcher.gateway.clock(), dispatcher.stopping)
    try:
        cut = job.run(audit.SERVICE, dispatcher.open_carrier)
    except (StoreProblem, GatewayProblem, SettingsProblem) as problem:
        log.error("retention not finished", reason=str(problem))
        return
    log.info("retention", cut=dict(cut))
