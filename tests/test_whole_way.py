"""The main job through the front door: commands, a service process, and a Twilio that is not our emulator."""

import csv
import io
import json
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cli.running import environment, run
from tests.twilio_mock import ACCOUNT, TOKEN, MockTwilio, mock_twilio, signed_post

PUBLIC = "https://survey.example"
RATINGS = [5, 5, 4, 3, 1, 2, 5, 4]
NUMBERS = [f"+35840777{place:04}" for place in range(len(RATINGS))]
ORGANISATION = """
organisation:
  name: {fi: Esimerkkialue, sv: Exempelområdet, en: Example county}
  country: FI
  timezone: Europe/Helsinki
  languages: [fi, sv, en]
  sender: "+358457000000"
units:
  - id: keskusta
    name: {fi: Keskusta, sv: Centrum, en: Centre}
    schedules: [{survey: visit}]
  - id: satama
    name: {fi: Satama, sv: Hamnen, en: Harbour}
    schedules: [{survey: visit}]
"""


def unit_of(place: int) -> str:
    return "keskusta" if place % 2 == 0 else "satama"


@contextmanager
def served(env: dict[str, str]) -> Iterator[str]:
    """A `serve` process; gives its address, and ends it with SIGTERM."""
    with subprocess.Popen(
        [sys.executable, "-m", "smsgateway.cli", "serve", "--port", "0"], env=env, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        try:
            address = next(
                found.group(1) for line in process.stderr if (found := re.search(r'"address": "(http://[^"]+)"', line))
            )
            yield address
        finally:
            process.send_signal(signal.SIGTERM)
            rest = process.stderr.read()
        assert process.wait(20) == 0, rest
    assert "Traceback" not in rest
    assert not any(number.removeprefix("+358") in rest for number in NUMBERS)


def prepared(database: str, twilio: MockTwilio, folder: Path) -> dict[str, str]:
    env = environment(
        DATABASE_URL=database,
        SECRET_KEY="k" * 40,
        CARRIER="twilio",
        PUBLIC_URL=PUBLIC,
        TWILIO__ACCOUNT_SID=ACCOUNT,
        TWILIO__AUTH_TOKEN=TOKEN,
        TWILIO__API_BASE_URL=twilio.address,
        TWILIO__SEGMENTS_PER_SECOND="1000",
    )
    organisation, visits = folder / "organisation.yaml", folder / "visits.csv"
    organisation.write_text(ORGANISATION, "utf-8")
    rows = [f"v{place},{unit_of(place)},2026-11-23T09:00,{number}\n" for place, number in enumerate(NUMBERS)]
    visits.write_text("visit_id,unit,ended_at,phone\n" + "".join(rows), "utf-8")
    assert run("organisation", "import", str(organisation), env=env).status == 0
    assert "accepted 8, updated 0, rejected 0" in run("visits", "import", str(visits), env=env).out
    assert "accepted 0, updated 8, rejected 0" in run("visits", "import", str(visits), env=env).out
    return env


def replies(address: str) -> None:
    for place, (number, rating) in enumerate(zip(NUMBERS, RATINGS, strict=True)):
        for step, body in enumerate((str(rating), "Sujui mukavasti ja ajallaan")):
            fields = {"MessageSid": f"SI{place}-{step}", "From": number, "To": "+358457000000", "Body": body}
            first = signed_post(f"{address}/twilio/sms", f"{PUBLIC}/twilio/sms", fields)
            again = signed_post(f"{address}/twilio/sms", f"{PUBLIC}/twilio/sms", fields)
            assert first == again
            assert first[0] == 200
            assert first[1].count("<Message>") == 1
    forged = {"MessageSid": "SIforged", "From": NUMBERS[0], "Body": "1"}
    assert signed_post(f"{address}/twilio/sms", f"{PUBLIC}/twilio/sms", forged, "a guess")[0] == 403


def test_the_figures_and_the_export_are_exactly_the_ratings_that_were_sent(
    database_address: str, tmp_path: Path
) -> None:
    with mock_twilio() as twilio:
        env = prepared(database_address, twilio, tmp_path)
        sent = run("send", "--now", "2026-11-23T10:00:00Z", env=env)
        assert sent.out == "sent 8, put_back 0, uncertain 0, failed 0, not_sent 0\n"
        assert run("send", "--now", "2026-11-23T10:01:00Z", env=env).out.startswith("sent 0,")
        assert sorted(message["To"] for message in twilio.messages) == NUMBERS
        assert all(message["StatusCallback"].startswith(f"{PUBLIC}/twilio/status?text=") for message in twilio.messages)
        with served(env) as address:
            replies(address)

    exported = run("export", "answers", "--format", "csv", "--out", "-", env=env)
    rows = list(csv.DictReader(io.StringIO(exported.out)))
    given = Counter((unit_of(place), str(rating)) for place, rating in enumerate(RATINGS))
    assert Counter((row["unit"], row["value"]) for row in rows if row["kind"] == "rating") == given
    assert [row["comment"] for row in rows if row["kind"] == "comment"] == ["Sujui mukavasti ja ajallaan"] * 8
    assert not any(number.removeprefix("+358") in exported.out for number in NUMBERS)

    figures = json.loads(run("figures", "--by", "unit", "--format", "json", env=env).out)
    means = {unit: sum(r for p, r in enumerate(RATINGS) if unit_of(p) == unit) / 4 for unit in ("keskusta", "satama")}
    assert "mean" in json.dumps(figures)
    for figure in rows_of(figures):
        assert figure["invited"] == 4
        assert figure["answered"] == 4
        assert figure["mean"] == means[str(figure["unit"])]
    assert run("verify", env=env).status == 0


def rows_of(figures: object) -> list[dict[str, object]]:
    """The figures of the two units, wherever the document keeps them."""
    found = figures if isinstance(figures, list) else next(v for v in figures.values() if isinstance(v, list))  # type: ignore[attr-defined]
    units = [row for row in found if row.get("unit") in ("keskusta", "satama")]
    assert len(units) == 2
    return units
