"""Alive, able to serve, and counted: for load balancers and Prometheus."""

from datetime import datetime

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, Histogram, generate_latest

from smsgateway import audit
from smsgateway.gateway import Gateway
from smsgateway.store import StoreProblem, Transaction
from smsgateway.store.values import moment, moment_text

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 15.0)
"""From one fsync to the moment when the carrier gives up."""


def health_blueprint(gateway: Gateway) -> Blueprint:
    blueprint = Blueprint("health", __name__)
    lasting = CollectorRegistry()
    changes = Histogram(
        "gateway_change_seconds",
        "Seconds from a change being asked for until it is on disk, in this process",
        buckets=SECONDS,
        registry=lasting,
    )
    gateway.store.timed = changes.observe

    @blueprint.get("/healthz")
    def alive() -> ResponseReturnValue:
        return jsonify(status="ok")

    @blueprint.get("/readyz")
    def ready() -> ResponseReturnValue:
        try:
            with gateway.store.read() as transaction:
                halts = transaction.rows("halts")
        except StoreProblem as problem:
            return jsonify(status="unavailable", database=str(problem)), 503
        silent = gateway.pulse.silence()
        if silent is not None:
            return jsonify(status="unavailable", scheduler=f"no sign of life for {silent:.0f} seconds"), 503
        return jsonify(status="ok", halted=[halt["what"] for halt in halts])

    @blueprint.get("/metrics")
    def metrics() -> ResponseReturnValue:
        told = generate_latest(measured(gateway)) + generate_latest(lasting)
        return Response(told, content_type=CONTENT_TYPE_LATEST)

    return blueprint


def measured(gateway: Gateway) -> CollectorRegistry:
    """The state of the outbox and of replies, read from the database at this moment."""
    registry = CollectorRegistry()
    waiting = Gauge("gateway_changes_waiting", "Changes in line for the database, in this process", registry=registry)
    waiting.set(gateway.store.waiting())
    with gateway.store.read() as transaction:
        count_texts(registry, transaction)
        count_due(registry, transaction, gateway.clock())
        replies = Gauge("gateway_replies", "Replies by how they were read", ["kind"], registry=registry)
        for row in transaction.rows("replies_by_kind"):
            replies.labels(row["kind"]).set(row["n"])
        entries = Gauge("gateway_audit_entries", "Entries of the audit log; never fewer than before", registry=registry)
        entries.set(audit.head(transaction)[0])
    return registry


def count_texts(registry: CollectorRegistry, transaction: Transaction) -> None:
    texts = Gauge("gateway_texts", "Texts by purpose and state", ["purpose", "status"], registry=registry)
    errors = Gauge("gateway_carrier_errors", "Texts by the carrier's last error code", ["code"], registry=registry)
    halted = Gauge("gateway_halted", "1 while sending stands still", ["what"], registry=registry)
    for row in transaction.rows("texts_by_status"):
        texts.labels(row["purpose"], row["status"]).set(row["n"])
    for row in transaction.rows("errors_by_code"):
        errors.labels(str(row["error_code"])).set(row["n"])
    for row in transaction.rows("halts"):
        halted.labels(row["what"]).set(1)


def count_due(registry: CollectorRegistry, transaction: Transaction, now: datetime) -> None:
    depth = Gauge("gateway_due_texts", "Texts whose time has come and that wait", registry=registry)
    age = Gauge("gateway_oldest_due_seconds", "How long the oldest of them waits", registry=registry)
    due = transaction.one("due_now", now=moment_text(now))
    assert due is not None
    depth.set(due["n"])
    age.set((now - moment(due["oldest"])).total_seconds() if due["oldest"] else 0)
