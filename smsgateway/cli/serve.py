"""`serve` and `worker`: the service in production."""

import multiprocessing
import os
import signal
import socket
import threading
from functools import partial
from multiprocessing.context import ForkProcess
from pathlib import Path

import click

from smsgateway.clock import system_clock
from smsgateway.gateway import Gateway, GatewayProblem, open_gateway
from smsgateway.logs import configure_logs
from smsgateway.settings import Settings, load_settings


def started() -> Settings:
    """Settings for a process that runs on: logs configured, the secret there, typing errors told."""
    import structlog

    from smsgateway.settings import unknown_variables

    settings = load_settings(os.environ)
    configure_logs(settings.log_level)
    settings.needed_secret_key()
    for name in unknown_variables(os.environ):
        structlog.get_logger(__name__).warning("environment variable names no setting", variable=name)
    return settings


def opened_to_serve(settings: Settings) -> Gateway:
    """The gateway, with the organisation that the settings name imported."""
    from smsgateway.audit import SERVICE
    from smsgateway.intake.organisation import import_by
    from smsgateway.intake.organisation_file import read_organisation

    gateway = open_gateway(settings, system_clock)
    try:
        if settings.organisation:
            organisation = read_organisation(Path(settings.organisation), gateway.catalogue)
            gateway.store.write(partial(import_by, SERVICE, file=organisation, now=gateway.clock()))
    except BaseException:
        gateway.close()
        raise
    return gateway


@click.command()
@click.option("--host", default=None, help="The address to listen on (default: web.host, 127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), default=None, help="The port (default: web.port, 8080).")
@click.option("--no-scheduler", is_flag=True, help="Web only; `worker` runs the scheduler elsewhere.")
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes (PostgreSQL only).")
def serve(host: str | None, port: int | None, no_scheduler: bool, workers: int) -> None:
    """The production service: web and scheduler in one process.

    Behind a proxy that terminates TLS; SMSGATEWAY_PUBLIC_URL is the address the carrier uses. SIGTERM stops it after
    what is in flight.

    Example: python3 run.py serve --host 0.0.0.0 --port 8080
    """
    from smsgateway.server import listen
    from smsgateway.server import serve as serve_gateway

    settings = started()
    if workers > 1 and settings.database_url.startswith("sqlite"):
        raise click.UsageError("--workers needs PostgreSQL: SQLite has one writer, so it is served by one process")
    with listen(host or settings.web.host, settings.web.port if port is None else port) as listening:
        if workers > 1:
            serve_with_workers(settings, listening, workers, scheduler=not no_scheduler)
            return
        gateway = opened_to_serve(settings)
        try:
            serve_gateway(gateway, listening, scheduler=not no_scheduler)
        finally:
            gateway.close()


def serve_with_workers(settings: Settings, listening: socket.socket, workers: int, *, scheduler: bool) -> None:
    """Processes that share the socket; one that dies is started again. The work is rows, so each may tick."""
    opened_to_serve(settings).close()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    context = multiprocessing.get_context("fork")

    def start() -> ForkProcess:
        process = context.Process(target=serve_in_child, args=(settings, listening, scheduler))
        process.start()
        return process

    processes = [start() for _ in range(workers)]
    while not stop.wait(0.5):
        processes = [process if process.is_alive() else start() for process in processes]
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(timeout=30)


def serve_in_child(settings: Settings, listening: socket.socket, scheduler: bool) -> None:
    from smsgateway.server import serve as serve_gateway

    gateway = open_gateway(settings, system_clock)
    try:
        serve_gateway(gateway, listening, scheduler=scheduler)
    finally:
        gateway.close()


@click.command()
def worker() -> None:
    """The scheduler alone, for deployments with several web nodes (PostgreSQL).

    Example: python3 run.py worker
    """
    from smsgateway.server import work

    settings = started()
    if settings.database_url.startswith("sqlite"):
        raise GatewayProblem("`worker` needs PostgreSQL: on SQLite the scheduler runs inside `serve`")
    gateway = opened_to_serve(settings)
    try:
        work(gateway)
    finally:
        gateway.close()
