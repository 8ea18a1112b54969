"""The web application: `create_app` is the list of what it serves."""

from collections.abc import Callable

from flask import Blueprint, Flask, Response

from smsgateway.gateway import Gateway
from smsgateway.health import health_blueprint
from smsgateway.logs import with_request_id
from smsgateway.webhooks.routes import twilio_blueprint

Guarded = tuple[str, Callable[[Gateway], Blueprint]]

BLUEPRINTS: list[Guarded] = [
    ("signed by the carrier", twilio_blueprint),
    ("public: says nothing of anybody", health_blueprint),
]
"""Each blueprint with the guard its routes stand behind."""


def create_app(gateway: Gateway, *more: Blueprint) -> Flask:
    """The service's WSGI application; `more` are the demo's pages, which production does not have."""
    app = Flask("smsgateway", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = gateway.settings.web.body_limit
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    for _, blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint(gateway))
    for pages in more:
        app.register_blueprint(pages)
    with_request_id(app)
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
