"""The ticks: APScheduler only wakes us; what is due is rows, so any number of processes may tick."""

from collections.abc import Callable
from datetime import UTC

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from smsgateway.carriers.base import CarrierError
from smsgateway.gateway import GatewayProblem
from smsgateway.outbox.dispatch import Dispatcher
from smsgateway.outbox.plan import plan_visits
from smsgateway.outbox.reconcile import LOOKS_BACK, reconcile
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
        executors={"default": ThreadPoolExecutor(1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    scheduler.add_job(tick, "interval", [dispatcher], seconds=outbox.tick, id="tick")
    scheduler.add_job(compare, "interval", [dispatcher], seconds=outbox.reconcile_every, id="reconcile")
    scheduler.start()
    return lambda: scheduler.shutdown(wait=True)


def tick(dispatcher: Dispatcher) -> None:
    """One round. A database or settings at fault end the round and not the ticking."""
    try:
        planned = plan_visits(dispatcher.gateway)
        sent = dispatcher.run_pass()
    except (StoreProblem, GatewayProblem, SettingsProblem, BrokenSeal) as problem:
        log.error("tick not finished", reason=str(problem))
        return
    if planned or sent:
        log.info("tick", planned=dict(planned), sent=dict(sent))


def compare(dispatcher: Dispatcher) -> None:
    """The scheduled comparison with the carrier; one that fails is made up for by the next."""
    try:
        report = reconcile(dispatcher, dispatcher.gateway.clock() - LOOKS_BACK)
    except (CarrierError, StoreProblem, GatewayProblem, SettingsProblem) as problem:
        log.error("not compared with the carrier", reason=str(problem))
        return
    if any(report.values()):
        log.info("compared with the carrier", changed=dict(report))
