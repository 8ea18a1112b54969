"""The guards that routes stand behind. Every blueprint is registered through one; a route of none is never served."""

from collections.abc import Callable

from flask import Blueprint, Flask, Response, abort, request

from smsgateway.gateway import Gateway
from smsgateway.webhooks.guard import signed_only

Guard = Callable[[Gateway, Blueprint], None]
"""Makes a blueprint's routes refuse whom they are not for."""

GUARDS = "smsgateway guards"


def signed(gateway: Gateway, blueprint: Blueprint) -> None:
    """The carrier alone: what it did not sign is answered 403 and reaches no view."""
    blueprint.before_request(signed_only(gateway))


def public(gateway: Gateway, blueprint: Blueprint) -> None:
    """Everybody: the routes say nothing of anybody."""


def register(app: Flask, guard: Guard, blueprint: Blueprint, gateway: Gateway) -> None:
    guard(gateway, blueprint)
    guards_of(app)[blueprint.name] = guard
    app.register_blueprint(blueprint)


def guards_of(app: Flask) -> dict[str, Guard]:
    """The guard of each blueprint, by its name."""
    guards: dict[str, Guard] = app.extensions.setdefault(GUARDS, {})
    return guards


def refuse_the_unguarded(app: Flask) -> None:
    """A route that came in around `register` answers 404 as if it were not there."""

    @app.before_request
    def guarded() -> Response | None:
        if request.endpoint is not None and request.blueprint not in guards_of(app):
            abort(404)
        return None
