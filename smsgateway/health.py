"""Alive, able to serve, and counted: for load balancers and Prometheus."""

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from smsgateway.gateway import Gateway
from smsgateway.store import StoreProblem


def health_blueprint(gateway: Gateway) -> Blueprint:
    blueprint = Blueprint("health", __name__)

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
        return jsonify(status="ok", halted=[halt["what"] for halt in halts])

    @blueprint.get("/metrics")
    def metrics() -> ResponseReturnValue:
        return Response(generate_latest(measured(gateway)), content_type=CONTENT_TYPE_LATEST)

    return blueprint


def measured(gateway: Gateway) -> CollectorRegistry:
    """The state of the outbox and of replies, read from the database at this moment."""
    registry = CollectorRegistry()
    texts = Gauge("gateway_texts", "Texts by purpose and state", ["purpose", "status"], registry=registry)
    replies = Gauge("gateway_replies", "Replies by how they were read", ["kind"], registry=registry)
    halted = Gauge("gateway_halted", "1 while sending stands still", ["what"], registry=registry)
    with gateway.store.read() as transaction:
        for row in transaction.rows("texts_by_status"):
            texts.labels(row["purpose"], row["status"]).set(row["n"])
        for row in transaction.rows("replies_by_kind"):
            replies.labels(row["kind"]).set(row["n"])
        for row in transaction.rows("halts"):
            halted.labels(row["what"]).set(1)
    return registry
