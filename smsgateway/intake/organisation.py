"""The organisation in the store: imported from its file, exported to one, and loaded for the other stages."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from pydantic import TypeAdapter

from smsgateway import audit
from smsgateway.gateway import GatewayProblem
from smsgateway.intake.organisation_file import OrganisationFile, UnitEntry
from smsgateway.store import Row, Transaction
from smsgateway.store.values import moment_text
from surveys.schedule import Schedule

_SCHEDULES = TypeAdapter(tuple[Schedule, ...])


@dataclass(frozen=True, slots=True)
class Names:
    """A name in each language; `fallback` is the organisation's first."""

    in_each: Mapping[str, str]
    fallback: str

    def in_language(self, language: str) -> str:
        return self.in_each.get(language) or self.in_each[self.fallback]


@dataclass(frozen=True, slots=True)
class Unit:
    unit_id: str
    name: Names
    parent: str | None
    paused: bool
    schedules: tuple[Schedule, ...]

    def name_in(self, language: str) -> str:
        return self.name.in_language(language)


@dataclass(frozen=True, slots=True)
class Organisation:
    """The county as other stages see it; `units` by id, in the order of the file."""

    name: Names
    country: str
    zone: ZoneInfo
    languages: tuple[str, ...]
    sender: str
    phone: str | None
    hours: str | None
    units: Mapping[str, Unit]

    def name_in(self, language: str) -> str:
        return self.name.in_language(language)


@dataclass(frozen=True, slots=True)
class Changes:
    """What an import did; `kept` are the units that the file no longer has."""

    header: bool
    new: int
    changed: int
    unchanged: int
    kept: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        return not (self.header or self.new or self.changed)


def import_organisation(transaction: Transaction, file: OrganisationFile, now: datetime) -> Changes:
    """Makes the store's organisation that of the file.

    A unit that the file lacks is kept behind the others: its visits and figures remain.
    """
    document = json.dumps(file.organisation.model_dump(mode="json"), ensure_ascii=False)
    header = _document(transaction) != document
    if header:
        transaction.run("put_organisation", document=document, now=moment_text(now))
    stored = {row["unit_id"]: row for row in transaction.rows("units")}
    wanted = {unit.id: _row(unit, place, stored.get(unit.id)) for place, unit in enumerate(file.units)}
    kept = [row for unit_id, row in stored.items() if unit_id not in wanted]
    wanted |= {row["unit_id"]: {**row, "position": place} for place, row in enumerate(kept, len(wanted))}
    differing = [unit_id for unit_id, row in wanted.items() if row != stored.get(unit_id)]
    for unit_id in _parents_first(differing, wanted):
        transaction.run("put_unit", **wanted[unit_id])
    named = {unit.id for unit in file.units}
    new = len(named - stored.keys())
    changed = len(named & set(differing)) - new
    return Changes(header, new, changed, len(named) - new - changed, tuple(row["unit_id"] for row in kept))


def import_by(actor: str, transaction: Transaction, file: OrganisationFile, now: datetime) -> Changes:
    """`import_organisation`, noted in the audit log where it changed anything."""
    changes = import_organisation(transaction, file, now)
    if not changes.nothing:
        counts = {"header": changes.header, "new": changes.new, "changed": changes.changed, "kept": len(changes.kept)}
        audit.record(transaction, actor, "organisation.import", "organisation", counts, now)
    return changes


def _row(unit: UnitEntry, position: int, stored: Row | None) -> Row:
    paused = stored["paused"] if unit.paused is None and stored else int(unit.paused or 0)
    return {
        "unit_id": unit.id,
        "name": json.dumps(unit.name, ensure_ascii=False),
        "parent": unit.parent,
        "position": position,
        "paused": paused,
        "schedules": _SCHEDULES.dump_json(unit.schedules, by_alias=True).decode(),
    }


def _parents_first(unit_ids: list[str], rows: Mapping[str, Row]) -> list[str]:
    """In the order in which the database takes them, where a parent must be there before its children."""

    def depth(unit_id: str) -> int:
        parent = rows[unit_id]["parent"]
        return 0 if parent is None else 1 + depth(parent)

    return sorted(unit_ids, key=depth)


def load_organisation(transaction: Transaction) -> Organisation:
    """The organisation as last imported; raises `GatewayProblem` when there is none yet."""
    header = _header(_imported(transaction))
    languages = tuple(header["languages"])
    units = (
        _unit(row["unit_id"], row["name"], row["parent"], bool(row["paused"]), row["schedules"], languages[0])
        for row in transaction.rows("units")
    )
    return Organisation(
        name=Names(header["name"], languages[0]),
        country=header["country"],
        zone=ZoneInfo(header["timezone"]),
        languages=languages,
        sender=header["sender"],
        phone=header["phone"],
        hours=header["hours"],
        units={unit.unit_id: unit for unit in units},
    )


def _imported(transaction: Transaction) -> str:
    document = _document(transaction)
    if document is None:
        raise GatewayProblem(
            "no organisation has been imported yet: python3 run.py organisation import FILE "
            "(config/organisation.yaml is a sample)"
        )
    return document


def _document(transaction: Transaction) -> str | None:
    row = transaction.one("organisation")
    return row["document"] if row else None


# Every reply needs the organisation and none changes it, so what its texts mean is worked out once for each text.


@lru_cache(maxsize=8)
def _header(document: str) -> dict[str, Any]:
    header: dict[str, Any] = json.loads(document)
    return header


@lru_cache(maxsize=4096)
def _unit(unit_id: str, name: str, parent: str | None, paused: bool, schedules: str, fallback: str) -> Unit:
    return Unit(unit_id, Names(json.loads(name), fallback), parent, paused, _schedules(schedules))


@lru_cache(maxsize=1024)
def _schedules(text: str) -> tuple[Schedule, ...]:
    """Most units of a county have the same few schedules: each is read once."""
    return _SCHEDULES.validate_json(text)


def export_organisation(transaction: Transaction) -> str:
    """The organisation as the YAML text that imports back to the same."""
    header = json.loads(_imported(transaction))
    document = {
        "organisation": {key: value for key, value in header.items() if value is not None},
        "units": [_entry(row) for row in transaction.rows("units")],
    }
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=110)


def _entry(row: Row) -> dict[str, object]:
    paused = {"paused": True} if row["paused"] else {}
    names, schedules = json.loads(row["name"]), json.loads(row["schedules"])
    return {"id": row["unit_id"], "name": names, "parent": row["parent"], **paused, "schedules": schedules}
