"""What the pure parts make of words and times, one JSON line in and out: `read`, `text`, `when`."""

import json
import sys
from collections.abc import Iterator
from typing import Any

import click

from smsgateway.cli.context import opened
from smsgateway.gateway import GatewayProblem
from surveys.texting import measure


def json_lines() -> Iterator[tuple[int, dict[str, Any]]]:
    """Each line of standard input as an object, with its number; blank lines are passed over."""
    sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")  # type: ignore[union-attr]
    for number, line in enumerate(sys.stdin, 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise GatewayProblem(
                f"standard input, line {number}: not JSON ({error}); write one object a line"
            ) from None
        if not isinstance(found, dict):
            raise GatewayProblem(f'standard input, line {number}: write an object, like {{"text": "4"}}')
        yield number, found


def wanted(found: dict[str, Any], key: str, number: int) -> str:
    value = found.get(key)
    if not isinstance(value, str):
        raise GatewayProblem(f'standard input, line {number}: "{key}" is missing or not a text')
    return value


def answer(document: dict[str, Any]) -> None:
    # Half characters (lone surrogates) that JSON can carry cannot be written as UTF-8: they are escaped again.
    line = json.dumps(document, ensure_ascii=False)
    click.echo(line if line.isprintable() else json.dumps(document))


@click.command()
@click.option("--scale", "scale_name", default="1-5", show_default=True, help="1-5, 0-10, yes-no or 1-5/0.")
@click.option("--lang", default=None, help="The language the question was asked in, like fi.")
def read(scale_name: str, lang: str | None) -> None:
    """How replies are understood: JSON lines in, JSON lines out.

    In: {"text": ..., "scale"?: ..., "lang"?: ...}. Out: kind, rating, comment, lang, why, flags.

    Example: echo '{"text": "nelonen, kiitos"}' | python3 run.py read
    """
    from surveys.reading import read as read_reply
    from surveys.scales import UnknownScale, scale

    for number, found in json_lines():
        text = wanted(found, "text", number)
        try:
            asked = scale(str(found.get("scale") or scale_name))
        except UnknownScale as problem:
            raise GatewayProblem(f"standard input, line {number}: {problem}") from None
        language = found.get("lang") or lang
        reading = read_reply(text, asked, language if isinstance(language, str) else None)
        answer(
            {
                "kind": str(reading.kind),
                "rating": reading.rating,
                "comment": reading.comment,
                "lang": reading.language,
                "why": reading.why,
                "flags": sorted(reading.flags),
            }
        )


@click.command()
def text() -> None:
    """What texts cost: JSON lines {"text": ...} in; encoding, segments, units and unsafe characters out.

    Example: echo '{"text": "Hei!"}' | python3 run.py text
    """
    for number, found in json_lines():
        size = measure(wanted(found, "text", number))
        answer(
            {
                "encoding": size.encoding,
                "segments": size.segments,
                "units": size.units,
                "unsafe": list(size.unsafe),
            }
        )


@click.command()
@click.option("--unit", "unit_id", required=True, help="The unit whose schedule is asked.")
def when(unit_id: str) -> None:
    """What a unit's schedule makes of visits: JSON lines {"ended_at": ISO} in; not_before, send_at, reason out.

    not_before is the first moment the rules allow; send_at adds the spread, at most 30 minutes. Both are null where
    the reason is too_old.

    Example: echo '{"ended_at": "2026-11-23T18:00"}' | python3 run.py when --unit keskusta
    """
    from smsgateway.intake.organisation import load_organisation
    from surveys.timing import NotAMoment, local_moment, plan_send

    with opened() as gateway, gateway.store.read() as transaction:
        organisation = load_organisation(transaction)
    if unit_id not in organisation.units:
        raise GatewayProblem(
            f'there is no unit "{unit_id}"; the organisation has: {", ".join(sorted(organisation.units))}'
        )
    schedules = organisation.units[unit_id].schedules
    if not schedules:
        raise GatewayProblem(f'the unit "{unit_id}" has no schedule; add one to the organisation file')
    for number, found in json_lines():
        try:
            ended_at = local_moment(wanted(found, "ended_at", number), organisation.zone)
        except NotAMoment as problem:
            raise GatewayProblem(f"standard input, line {number}: ended_at is {problem}") from None
        plan = plan_send(ended_at, schedules[0], organisation.zone, organisation.country, str(found["ended_at"]))
        answer(
            {
                name: moment.astimezone(organisation.zone).isoformat() if moment else None
                for name, moment in (("not_before", plan.not_before), ("send_at", plan.send_at))
            }
            | {"reason": plan.reason}
        )
