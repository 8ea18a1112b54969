"""The web application: `create_app` is the list of what it serves."""

from collections.abc import Callable

from flask import Blueprint, Flask, Response

from smsgateway.gateway import Gateway
from smsgateway.guards import Guard, public, refuse_the_unguarded, register, signed
from smsgateway.health import health_blueprint
from smsgateway.logs import with_request_id
from smsgateway.shedding import answer_failures
from smsgateway.webhooks.routes import twilio_blueprint

BLUEPRINTS: list[tuple[Guard, Callable[[Gateway], Blueprint]]] = [
    (signed, twilio_blueprint),
    (public, health_blueprint),
]
"""Each blueprint behind its guard."""


def create_app(gateway: Gateway, *more: Blueprint) -> Flask:
    """The service's WSGI application; `more` are the demo's pages, which production does not have."""
    app = Flask("smsgateway", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = gateway.settings.web.body_limit
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    with_request_id(app)
    answer_failures(app)
    refuse_the_unguarded(app)
    for guard, blueprint in BLUEPRINTS:
        register(app, guard, blueprint(gateway), gateway)
    for pages in more:
        register(app, public, pages, gateway)
    app.after_request(careful_headers)
    return app


def careful_headers(response: Response) -> Response:
    headers = {
        "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    return response
