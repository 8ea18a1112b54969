"""What load balancers and Prometheus are told."""

from dataclasses import replace

from flask.testing import FlaskClient

from smsgateway.app import create_app
from smsgateway.carriers.base import Retry
from smsgateway.pulse import SILENT_AT_MOST, Pulse
from tests.outbox.county import NUMBER, County, ScriptedCarrier
from tests.webhooks.phone import Line


class Seconds:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def client_of(county: County, pulse: Pulse | None = None) -> FlaskClient:
    return create_app(replace(county.gateway, pulse=pulse or Pulse())).test_client()


def metrics(county: County) -> list[str]:
    return client_of(county).get("/metrics").text.splitlines()


def test_a_process_without_a_scheduler_is_ready_without_ticks(county: County) -> None:
    assert client_of(county).get("/readyz").get_json() == {"status": "ok", "halted": []}


def test_a_scheduler_that_has_fallen_silent_is_not_ready_until_it_gives_a_sign(county: County) -> None:
    seconds = Seconds()
    pulse = Pulse(seconds)
    client = client_of(county, pulse)
    pulse.begin(5.0)
    seconds.now += SILENT_AT_MOST
    assert client.get("/readyz").status_code == 200

    seconds.now += 6
    silent = client.get("/readyz")
    pulse.beat()

    assert silent.status_code == 503
    assert silent.get_json()["scheduler"] == "no sign of life for 606 seconds"
    assert client.get("/readyz").status_code == 200


def test_one_that_was_stopped_is_missed_by_nobody(county: County) -> None:
    seconds = Seconds()
    pulse = Pulse(seconds)
    pulse.begin(5.0)
    pulse.end()
    seconds.now += 10_000

    assert client_of(county, pulse).get("/readyz").status_code == 200


def test_a_pass_gives_signs_of_life_while_it_sends(county: County) -> None:
    seconds = Seconds()
    pulse = Pulse(seconds)
    pulse.begin(5.0)
    seconds.now += 10_000
    sending = County(replace(county.gateway, pulse=pulse), county.clock)

    sending.invited()

    assert pulse.silence() is None


def test_what_is_due_is_counted_and_how_long_the_oldest_waits(county_on_both: County) -> None:
    county_on_both.visit("v1")
    county_on_both.plan()
    county_on_both.clock.advance(minutes=2)
    county_on_both.visit("v2", number="+358401111112")
    county_on_both.plan()
    county_on_both.clock.advance(minutes=1)

    told = metrics(county_on_both)

    assert "gateway_due_texts 2.0" in told
    assert "gateway_oldest_due_seconds 180.0" in told


def test_texts_of_a_paused_unit_are_not_due(county_on_both: County) -> None:
    county_on_both.visit()
    county_on_both.plan()
    county_on_both.run("UPDATE unit SET paused = 1 WHERE unit_id = 'heti'")
    county_on_both.clock.advance(minutes=1)

    told = metrics(county_on_both)

    assert "gateway_due_texts 0.0" in told
    assert "gateway_oldest_due_seconds 0.0" in told


def test_errors_are_counted_by_the_carriers_code(county_on_both: County) -> None:
    county_on_both.visit()
    county_on_both.plan()
    county_on_both.send(ScriptedCarrier(answers=[Retry("too_fast", 20429)]))

    assert 'gateway_carrier_errors{code="20429"} 1.0' in metrics(county_on_both)


def test_readings_are_counted_by_kind_and_the_time_to_disk_is_measured(county_on_both: County) -> None:
    county_on_both.invited()
    line = Line(county_on_both.gateway)
    line.says("4")

    told = line.client.get("/metrics").text.splitlines()

    assert 'gateway_replies{kind="rating"} 1.0' in told
    (count,) = [line for line in told if line.startswith("gateway_change_seconds_count")]
    assert float(count.split()[1]) >= 1
    assert "gateway_changes_waiting 0.0" in told


def test_two_services_in_one_process_measure_apart(county: County) -> None:
    first, second = client_of(county), client_of(county)

    assert first.get("/metrics").status_code == second.get("/metrics").status_code == 200


def test_metrics_name_nobody(county: County) -> None:
    county.invited()
    Line(county.gateway).says("4 kiitos")

    told = "\n".join(metrics(county))
    assert NUMBER.lstrip("+") not in told
    assert "kiitos" not in told
