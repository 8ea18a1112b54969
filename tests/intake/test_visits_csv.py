import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from smsgateway.gateway import GatewayProblem
from smsgateway.intake.csvfile import Form, Record, examine, records
from smsgateway.intake.visit_row import Refused
from smsgateway.intake.visits_csv import BATCH, examine_visits, import_visits, rehearsal, rejects_file
from smsgateway.people.seal import Seal
from smsgateway.store.values import moment
from surveys.yamlfile import FileProblem
from tests.intake.samples import HEADER, NOW, SEAL, Intake, stored_contacts, stored_visits

GOOD = "V1,keskusta,2026-11-23T10:00,040 123 4567"


# --- the form of a file ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        (b"", 1, "empty"),
        (b"\n\n", 1, "empty"),
        (b"\xef\xbb\xbf", 1, "empty"),
        (b"visit_id,unit,ended_at\nV1,keskusta,2026-11-23T10:00\n", 1, "the column phone is missing"),
        (b"V1,keskusta,2026-11-23T10:00,0401234567\n", 1, "the columns visit_id, unit"),
        (b"visit_id,unit,ended_at,phone,Phone\n", 1, "same name"),
        (b"visit_id\tunit\tended_at\tphone\n", 1, "missing"),
        (b"PK\x03\x04\x14\x00\x00\x00\x08", 1, "not a CSV file"),
        (HEADER.encode() + b"\nV1,keskusta,\0,1\n", 2, "not a CSV file"),
        (HEADER.encode() + b"\n" + b"x" * 100_000, 2, "not a CSV file"),
        ((HEADER + ",service\n" + GOOD + ",\n" + GOOD + ",sydän\n").encode("latin-1"), 3, "UTF-8"),
        ((HEADER + "\n" + GOOD + "\n").encode("utf-16"), 1, "UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence_before_any_row_is_taken(
    content: bytes, line: int, says: str, intake: Intake
) -> None:
    with pytest.raises(FileProblem) as refused:
        intake.read(content)
    assert refused.value.line == line
    assert says in str(refused.value)
    assert "0401234567" not in str(refused.value)
    assert stored_visits(intake.store) == []


def test_a_latin1_byte_far_down_leaves_nothing_half_written(intake: Intake) -> None:
    rows = "".join(f"V{n},keskusta,2026-11-23T10:00,040 123 4567,\n" for n in range(2 * BATCH + 10))
    content = f"{HEADER},service\n{rows}".encode() + "L,keskusta,2026-11-23T10:00,0401234567,ä\n".encode("cp1252")
    with pytest.raises(FileProblem, match=f"line {2 * BATCH + 12}: is not UTF-8"):
        intake.read(content)
    assert stored_visits(intake.store) == []


@pytest.mark.parametrize(
    "content",
    [
        f"{HEADER}\n{GOOD}\n",
        f"{HEADER}\n{GOOD}",
        f"\ufeff{HEADER}\n{GOOD}\n",
        f"{HEADER}\r\n{GOOD}\r\n\r\n\r\n",
        f"{HEADER}\n{GOOD}\n,,,\n \n".replace(",", ";"),
        '"visit_id","unit","ended_at","phone"\n"V1","keskusta","2026-11-23T10:00","040 123 4567"\n',
        "Phone;Unit;VISIT_ID;Ended_at\n0401234567;keskusta;V1;2026-11-23T08:00Z\n",
        f"{HEADER} , note\n{GOOD},hello\n",
        "line;reason;" + HEADER.replace(",", ";") + "\n7;landline: ...;" + GOOD.replace(",", ";"),
        f"{HEADER}\r{GOOD}\r",
    ],
    ids=["plain", "no-last-newline", "bom", "crlf", "semicolon", "quoted", "order", "unknown", "rejects", "cr"],
)
def test_a_file_however_written_gives_the_same_visit(content: str, intake: Intake) -> None:
    outcome = intake.read(content)
    assert (outcome.taken.accepted, outcome.taken.updated, outcome.rejected.total()) == (1, 0, 0)
    (visit,) = stored_visits(intake.store)
    assert visit["visit_id"] == "V1"
    assert visit["unit_id"] == "keskusta"
    assert moment(visit["ended_at"]) == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    assert visit["day"] == "2026-11-23"
    assert visit["lookup"] == SEAL.lookup("+358401234567")
    assert visit["consent"] == 1
    assert visit["decision"] is None


def test_unknown_columns_are_named(intake: Intake) -> None:
    assert intake.read(f"{HEADER},name,,Doctor\n{GOOD},x,,y\n").unknown_columns == ("name", "doctor")


def test_a_quoted_line_break_belongs_to_its_cell_and_lines_are_still_counted_right(intake: Intake) -> None:
    outcome = intake.read(f'{HEADER},service\n{GOOD},"heart\nand\r\nlungs"\nV2,nowhere,2026-11-23T10:00,0401234567,\n')
    assert outcome.taken.accepted == 1
    assert stored_visits(intake.store)[0]["service"] == "heart and lungs"
    assert intake.reasons == [(5, "unknown_unit")]


@pytest.mark.parametrize(
    "broken",
    [
        'V2,keskusta,2026-11-23T10:00,"0401234567',
        'V2,"keskusta,2026-11-23T10:00,0401234567',
        '"V2"x,keskusta,2026-11-23T10:00,0401234567',
    ],
)
def test_a_stray_quotation_mark_costs_its_own_line_and_no_other(broken: str, intake: Intake) -> None:
    others = "".join(f"A{n},keskusta,2026-11-23T10:00,0401234567\n" for n in range(30))
    outcome = intake.read(f"{HEADER}\n{GOOD}\n{broken}\n{others}")
    assert outcome.taken.accepted == 31
    assert intake.reasons == [(3, "unclosed_quote")]


def test_two_stray_quotation_marks_near_each_other_do_not_swallow_the_rows_between(intake: Intake) -> None:
    broken = 'B{n},"keskusta,2026-11-23T10:00,0401234567\n'
    good = "A{n},keskusta,2026-11-23T10:00,0401234567\n"
    content = "".join((broken if n in (3, 6) else good).format(n=n) for n in range(10))
    outcome = intake.read(f"{HEADER}\n{content}")
    assert outcome.taken.accepted == 8
    assert intake.reasons == [(5, "unclosed_quote"), (8, "unclosed_quote")]


def test_a_quotation_mark_within_a_cell_is_a_character(intake: Intake) -> None:
    assert intake.read(f'{HEADER},service\n{GOOD},5" wound\n').taken.accepted == 1


# --- rows ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("V1,nowhere,2026-11-23T10:00,0401234567,,", "unknown_unit"),
        ("V1,,2026-11-23T10:00,0401234567,,", "unknown_unit"),
        ("V1,keskusta,2026-11-23T10:00,09 123 4567,,", "landline"),
        ("V1,keskusta,2026-11-23T10:00,,,", "missing_phone"),
        ("V1,keskusta,2026-11-23T10:00,none,,", "not_a_number"),
        ("V1,keskusta,2026-11-23T10:00,040,,", "too_short"),
        ("V1,keskusta,2026-11-23,0401234567,,", "bad_ended_at"),
        ("V1,keskusta,23.11.2026 10:00,0401234567,,", "bad_ended_at"),
        ("V1,keskusta,2026-02-30T10:00,0401234567,,", "bad_ended_at"),
        ("V1,keskusta,,0401234567,,", "bad_ended_at"),
        (",keskusta,2026-11-23T10:00,0401234567,,", "missing_visit_id"),
        (f"{'V' * 201},keskusta,2026-11-23T10:00,0401234567,,", "overlong"),
        (f"V1,keskusta,2026-11-23T10:00,0401234567,,{'x' * 101}", "overlong"),
        ("V1,keskusta,2026-11-23T10:00,0401234567,perhaps,", "bad_survey_consent"),
        ("V1,keskusta,2026-11-23T10:00,0401234567,", "wrong_columns"),
        ("V1,keskusta,2026-11-23T10:00,0401234567,,,", "wrong_columns"),
        ("V1", "wrong_columns"),
    ],
)
def test_a_bad_row_is_refused_with_line_and_reason_and_its_neighbours_are_taken(
    row: str, reason: str, intake: Intake
) -> None:
    good = "{},keskusta,2026-11-24T12:00+02:00,0401234567,,\n"
    outcome = intake.read(f"{HEADER},survey_consent,service\n{good.format('A')}{row}\n{good.format('B')}")
    assert intake.reasons == [(3, reason)]
    assert (outcome.taken.accepted, dict(outcome.rejected)) == (2, {reason: 1})
    assert [visit["visit_id"] for visit in stored_visits(intake.store)] == ["A", "B"]
    told = str(intake.refused[0][1])
    assert "0401234567" not in told
    assert "1234567" not in told


@pytest.mark.parametrize(
    ("word", "consent"),
    [("", 1), ("yes", 1), ("1", 1), (" NO ", 0), ("0", 0), ("false", 0), ("ei", 0), ("Nej", 0)],
)
def test_consent_is_read_in_three_languages(word: str, consent: int, intake: Intake) -> None:
    intake.read(f"{HEADER},survey_consent\n{GOOD},{word}\n")
    assert stored_visits(intake.store)[0]["consent"] == consent


@pytest.mark.parametrize(
    ("word", "language"),
    [("", None), ("fi", "fi"), ("Suomi", "fi"), ("svenska", "sv"), ("eng", "en"), ("ar", "ar"), ("98", "98")],
)
def test_a_language_is_kept_as_its_code_and_an_unknown_one_loses_no_visit(
    word: str, language: str | None, intake: Intake
) -> None:
    assert intake.read(f"{HEADER},language\n{GOOD},{word}\n").taken.accepted == 1
    assert stored_visits(intake.store)[0]["language"] == language


@pytest.mark.parametrize(
    ("ended_at", "day"),
    [
        ("2026-11-22T23:59", "2026-11-22"),
        ("2026-11-22T22:30:00Z", "2026-11-23"),
        ("2026-11-23 00:10:00+02:00", "2026-11-23"),
    ],
)
def test_the_day_is_the_units_local_day(ended_at: str, day: str, intake: Intake) -> None:
    intake.read(f"{HEADER}\nV1,keskusta,{ended_at},0401234567\n")
    assert stored_visits(intake.store)[0]["day"] == day


def test_visits_that_end_more_than_a_day_ahead_are_taken_and_counted(intake: Intake) -> None:
    rows = [f"V{n},keskusta,2026-11-{24 + n}T12:00+02:00,0401234567" for n in range(3)]
    outcome = intake.read("\n".join([HEADER, *rows]))
    assert (outcome.taken.accepted, outcome.ahead) == (3, 2)


def test_with_every_tenth_row_broken_the_counts_add_up_and_the_rest_is_taken(intake: Intake) -> None:
    broken = ["x", 'V,"keskusta', "V,keskusta,yesterday,0401234567", "V,keskusta,2026-11-23T10:00,09 1234567", ";;"]
    rows = [
        broken[n // 10 % len(broken)] if n % 10 == 9 else f"V{n},keskusta,2026-11-23T10:00,040{n:07}"
        for n in range(2500)
    ]
    outcome = intake.read("\n".join([HEADER, *rows]))
    assert (outcome.taken.accepted, outcome.taken.updated, outcome.rejected.total()) == (2250, 0, 250)
    assert [line for line, _ in intake.reasons] == [n + 2 for n in range(2500) if n % 10 == 9]
    assert len(stored_visits(intake.store)) == 2250


def test_a_number_is_kept_once_and_sealed(intake: Intake) -> None:
    rows = "".join(f"V{n},keskusta,2026-11-23T10:00,{phone}\n" for n, phone in enumerate(["0401234567"] * 3))
    intake.read(f"{HEADER}\n{rows}")
    assert stored_contacts(intake.store) == 1
    with intake.store.read() as transaction:
        contact = transaction.one("contact_by_lookup", lookup=SEAL.lookup("+358401234567"))
    assert contact is not None
    assert SEAL.open(contact["sealed"]) == "+358401234567"
    assert Seal("another key").lookup("+358401234567") != SEAL.lookup("+358401234567")


# --- the file of refused rows ----------------------------------------------------------------------


def form(header: str = HEADER, delimiter: str = ",") -> Form:
    return Form("visits.csv", "utf-8", delimiter, tuple(header.split(delimiter)), 1)


def test_refused_rows_are_given_back_as_they_were_and_import_once_corrected(intake: Intake, tmp_path: Path) -> None:
    path = tmp_path / "rejected.csv"
    intake.read(f'{HEADER},service\n{GOOD},\nV2,nowhere,2026-11-23T10:00," 0401234567","=a, b"\nV3,keskusta\n')
    with rejects_file(path, form(HEADER + ",service")) as reject:
        for record, why in intake.refused:
            reject(record, why)
    header, first, second = path.read_text("utf-8").splitlines()
    assert header == f"line,reason,{HEADER},service"
    assert first.startswith("3,unknown_unit: ")
    assert first.endswith('V2,nowhere,2026-11-23T10:00, 0401234567,"=a, b"')
    assert second.startswith("4,wrong_columns: ")
    assert second.endswith("V3,keskusta")
    corrected = path.read_text("utf-8").replace("nowhere", "satama")
    assert intake.read(corrected).taken.accepted == 1
    assert intake.reasons == [(3, "wrong_columns")]


def test_line_and_reason_are_not_repeated_when_rejects_are_refused_again(tmp_path: Path) -> None:
    path = tmp_path / "rejected.csv"
    with rejects_file(path, form(f"line;reason;{HEADER.replace(',', ';')}", ";")) as reject:
        reject(Record(2, ["9", "old", "V1", "x", "", ""]), Refused("unknown_unit", "no such unit"))
    assert path.read_text() == "line;reason;visit_id;unit;ended_at;phone\n2;unknown_unit: no such unit;V1;x;;\n"


def test_without_refused_rows_there_is_no_file_not_even_an_old_one(tmp_path: Path) -> None:
    path = tmp_path / "rejected.csv"
    path.write_text("of yesterday")
    with rejects_file(path, form()):
        pass
    assert not path.exists()


def test_only_the_owner_may_read_the_refused_rows(tmp_path: Path) -> None:
    path = tmp_path / "rejected.csv"
    with rejects_file(path, form()) as reject:
        reject(Record(2, ["V1"]), Refused("wrong_columns", "..."))
    assert path.stat().st_mode & 0o077 == 0


def test_a_rejects_file_that_cannot_be_written_is_told_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(GatewayProblem, match="cannot be written"), rejects_file(tmp_path, form()):
        pytest.fail("entered")


# --- rehearsal and memory --------------------------------------------------------------------------


def test_a_rehearsal_counts_like_the_import_and_writes_nothing(intake: Intake) -> None:
    intake.read(f"{HEADER}\nV5,keskusta,2026-11-23T10:00,0401234567\n")
    before = stored_visits(intake.store)
    rows = [f"V{n % 1500},keskusta,2026-11-23T10:00,0401234567" for n in range(3100)]
    content = "\n".join([HEADER, *rows, "x"]).encode()
    stream = io.BytesIO(content)
    with rehearsal(intake.store) as take:
        told = import_visits(
            stream, examine_visits(stream, "v"), intake.organisation, NOW, take, lambda r, w: None, lambda n: None
        )
    assert stored_visits(intake.store) == before
    assert intake.read(content) == told
    assert (told.taken.accepted, told.taken.updated) == (1499, 1601)


def test_rows_are_given_while_the_file_is_still_being_read() -> None:
    class Counting(io.BytesIO):
        given = 0

        def read1(self, size: int | None = -1, /) -> bytes:
            self.given += 1
            return super().read1(size)

    stream = Counting((HEADER + "\n" + (GOOD + "\n") * 50_000).encode())
    found = examine(stream, "v")
    stream.given = 0
    next(records(stream, found))
    assert stream.given < 5
    assert found.lines == 50_001
