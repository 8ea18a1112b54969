"""A small demo for the tests of this folder: three weeks, lived through once, then open to visitors."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from smsgateway.app import create_app
from smsgateway.demo.pages import demo_pages
from smsgateway.demo.stage import Stage, stage
from smsgateway.demo.year import Year
from smsgateway.outbox.schedule import start_ticking
from smsgateway.server import listen
from tests.browser import browser

__all__ = ["browser"]

END = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
VISITS = 150


@dataclass(frozen=True)
class Lived:
    """A stage after its weeks, and what happened in them."""

    stage: Stage
    year: Year
    address: str

    def visitor(self) -> FlaskClient:
        """Somebody at the pages; the emulator's webhooks go to the web server beside it."""
        app = create_app(self.stage.gateway, demo_pages(self.stage.gateway, self.stage.emulator))
        return app.test_client()


@pytest.fixture(scope="session")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    folder: Path = tmp_path_factory.mktemp("demo")
    listening = listen("127.0.0.1", 0)
    with listening, stage(folder, listening, END - timedelta(days=21)) as running:
        year, moments = running.year(VISITS, END)
        for moment in moments:
            year.live(moment)
        running.open_to_visitors()
        stop_ticking = start_ticking(running.dispatcher)
        yield Lived(running, year, f"http://127.0.0.1:{listening.getsockname()[1]}")
        stop_ticking()
