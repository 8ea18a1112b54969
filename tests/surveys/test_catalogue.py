"""The catalogue's texts keep their promises: one segment, who asks, both ends of the scale, how to stop."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys import texting
from surveys.definition import (
    STOP_WORDS,
    CommonTexts,
    Question,
    Survey,
    SurveyTexts,
    Texts,
    UnknownSurvey,
    UnknownText,
    drawn_questions,
    invitation_text,
    load_catalogue,
    load_survey,
)
from surveys.yamlfile import FileProblem

FOLDER = Path(__file__).parents[2] / "surveys" / "catalogue"
CATALOGUE = load_catalogue()
SURVEYS = list(CATALOGUE.surveys.values())
LANGUAGES = ("fi", "sv", "en")

# The longest values a text must hold in one segment.
LONGEST = {
    "unit": "Koillismaan kuntoutuspalvelut."[:30],
    "sender": "Etelä-Esimerkin hyvinvointialue"[:30],
    "phone": "+358 40 123 4567",
    "hours": "8-15",
    "date": "31.12.",
}
USUAL = {**LONGEST, "unit": "Keskustan terveysasema", "date": "23.11."}

# Words the carrier takes for itself (Twilio's defaults): none may be asked for as an answer.
CARRIER_WORDS = re.compile(r"\b(YES|INFO|END|CANCEL|QUIT|UNSUBSCRIBE)\b")
PROMISES = re.compile(r"https?:|www\.|\b\w+\.(fi|com|ax)\b|maksut|ilmai|avgiftsfri|gratis|\bfree\b", re.IGNORECASE)


def _asked(survey: Survey) -> Iterator[tuple[Question, ...]]:
    """Every way to begin: with the first question, or with each that may be drawn."""
    return ((each,) for each in (survey.ratings if survey.draw else survey.ratings[:1]))


def _said(survey: Survey, language: str, values: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Every text of a survey as it would be sent, with its name."""
    for asked in _asked(survey):
        for reminder in (False, True):
            text = invitation_text(survey, asked, language, values, reminder=reminder)
            yield f"{'reminder' if reminder else 'invitation'} of {asked[0].id}", text
    for question in survey.questions:
        if question.kind == "open" or survey.texts.next:
            for low in (False, True):
                text = CATALOGUE.question_text(survey.id, question, language, after_low=low, **values)
                yield f"question {question.id}", text
    for key in ("clarify", "thanks", "thanks_low"):
        yield key, CATALOGUE.text(survey.id, key, language, **values)


def _all_said(language: str, values: dict[str, str]) -> list[tuple[str, str]]:
    texts = [(f"{survey.id}: {name}", text) for survey in SURVEYS for name, text in _said(survey, language, values)]
    common = [(key, CATALOGUE.text(None, key, language, **values)) for key in CommonTexts.model_fields]
    return texts + common


def _variants() -> Iterator[str]:
    """Every variant of every text, as written."""
    models = [survey.texts for survey in SURVEYS] + [CATALOGUE.common]
    for model in models:
        for key in type(model).model_fields:
            for language in LANGUAGES:
                yield from getattr(model, key).of(language) if getattr(model, key) else ()
    for survey in SURVEYS:
        for question in survey.questions:
            for texts in filter(None, (question.text, question.text_low)):
                for language in LANGUAGES:
                    yield from texts.of(language)


def test_the_catalogue_has_the_four_surveys() -> None:
    assert sorted(CATALOGUE.surveys) == ["fft", "recommend", "thl", "visit"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_fits_one_gsm_segment_at_the_longest_names(language: str) -> None:
    assert len(LONGEST["unit"]) == len(LONGEST["sender"]) == 30
    assert len(LONGEST["phone"]) == 16
    grown = {
        name: texting.measure(text)
        for name, text in _all_said(language, LONGEST)
        if texting.measure(text).segments > 1 or texting.measure(text).encoding != "GSM-7"
    }
    assert grown == {}


@given(st.text(alphabet="abcåäöÅÄÖ -", min_size=30, max_size=30), st.sampled_from(LANGUAGES))
def test_no_name_of_thirty_gsm_characters_takes_a_second_segment(unit: str, language: str) -> None:
    for survey in SURVEYS:
        for asked in _asked(survey):
            text = invitation_text(survey, asked, language, {**LONGEST, "unit": unit})
            assert texting.measure(text).segments == 1, text


@pytest.mark.parametrize("survey", SURVEYS, ids=lambda survey: survey.id)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_variant_of_an_invitation_names_unit_both_ends_and_the_stop_word(survey: Survey, language: str) -> None:
    scale = survey.ratings[0].scale or ""
    ends = ("0", "10") if scale == "0-10" else ("1", "5")
    for texts in (survey.texts.invitation, survey.texts.reminder):
        for variant in texts.of(language):
            assert "{unit}" in variant
            assert re.search(rf"\b{STOP_WORDS[language]}\b", variant), variant
            for end in ends:
                assert re.search(rf"\b{end} (= |\()\w+", variant), f"{end} has no word in: {variant}"


@pytest.mark.parametrize("survey", SURVEYS, ids=lambda survey: survey.id)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_clarification_and_a_further_rating_name_both_ends_too(survey: Survey, language: str) -> None:
    ends = ("0", "10") if survey.ratings[0].scale == "0-10" else ("1", "5")
    for texts in filter(None, (survey.texts.clarify, survey.texts.next)):
        for variant in texts.of(language):
            for end in ends:
                assert re.search(rf"\b{end} = \w+", variant), f"{end} has no word in: {variant}"


@pytest.mark.parametrize("survey", SURVEYS, ids=lambda survey: survey.id)
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_invitation_says_the_day_of_the_visit_where_the_names_leave_room(survey: Survey, language: str) -> None:
    shortest = min(survey.ratings, key=lambda rating: len(rating.text.of(language)[0]))
    assert USUAL["date"] in invitation_text(survey, (shortest,), language, USUAL)


def _chosen(texts: Texts, language: str, ratings: tuple[Question, ...]) -> set[str]:
    """The variants that are sent for names of 10 to 30 characters and any of the questions, by a county that has a
    phone number and hours to give, and by one that has not."""
    chosen = set()
    for length, rating in product(range(10, 31), ratings):
        values = LONGEST | {
            "unit": "x" * length,
            "sender": "x" * length,
            "question": rating.text.of(language)[0],
        }
        sent = texting.fit(texts.of(language), values)
        chosen |= {each for each in texts.of(language) if texting.plain(texting.fill(each, values)) == sent}
        bare = {name: value for name, value in values.items() if name not in ("phone", "hours")}
        sent = texting.fit(texts.of(language), bare)
        sayable = [each for each in texts.of(language) if texting.placeholders(each) <= set(bare)]
        chosen |= {each for each in sayable if texting.plain(texting.fill(each, bare)) == sent}
    return chosen


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_variant_is_dead(language: str) -> None:
    for survey in SURVEYS:
        ratings = survey.ratings if survey.draw else survey.ratings[:1]
        for key in SurveyTexts.model_fields:
            texts = getattr(survey.texts, key)
            if texts:
                assert _chosen(texts, language, ratings) == set(texts.of(language)), f"{survey.id}: {key}"
    for key in CommonTexts.model_fields:
        texts = getattr(CATALOGUE.common, key)
        assert _chosen(texts, language, SURVEYS[0].ratings) == set(texts.of(language)), key


def test_no_text_has_a_link_a_promise_of_free_or_a_word_of_the_carrier() -> None:
    for variant in _variants():
        assert not PROMISES.search(variant), variant
        assert not CARRIER_WORDS.search(variant), variant


@pytest.mark.parametrize(
    ("language", "out", "back"),
    [("fi", "LOPETA", "ALOITA"), ("sv", "SLUTA", "STARTA"), ("en", "STOP", "START")],
)
def test_the_confirmations_say_the_way_back(language: str, out: str, back: str) -> None:
    assert back in CATALOGUE.text(None, "opt_out_done", language)
    assert out in CATALOGUE.text(None, "opt_in_done", language)
    assert out in CATALOGUE.text(None, "help", language, **LONGEST)


@pytest.mark.parametrize("survey", SURVEYS, ids=lambda survey: survey.id)
@pytest.mark.parametrize(
    ("language", "codes"), [("fi", "henkilötunnu"), ("sv", "personbeteckning"), ("en", "identity codes")]
)
def test_an_open_question_asks_for_no_names_or_identity_codes(survey: Survey, language: str, codes: str) -> None:
    comment = survey.questions[-1]
    assert comment.kind == "open"
    for texts in (comment.text, comment.text_low):
        assert texts is not None
        assert all(codes in variant for variant in texts.of(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_low_mark_is_not_thanked_cheerfully_and_shown_a_way_on(language: str) -> None:
    text = CATALOGUE.text("visit", "thanks_low", language, **USUAL)
    assert "!" not in text
    assert USUAL["phone"] in text
    for survey in SURVEYS:
        gentle = CATALOGUE.question_text(survey.id, survey.questions[-1], language, after_low=True)
        assert "!" not in gentle


@pytest.mark.parametrize("survey", SURVEYS, ids=lambda survey: survey.id)
def test_no_text_reveals_a_speciality(survey: Survey) -> None:
    words = re.compile(r"psyk|päih|missbruk|mental|abort|synnyt|gyn", re.IGNORECASE)
    for language in LANGUAGES:
        for name, text in _said(survey, language, USUAL):
            assert not words.search(text), name


STATEMENTS = {
    "fi": [
        "Sain apua, kun sitä tarvitsin.",
        "Minulle jäi tunne, että minusta välitettiin kokonaisvaltaisesti.",
        "Asiaani koskevat päätökset tehtiin yhteistyössä kanssani.",
        "Koin oloni turvalliseksi palvelun aikana.",
        "Tiedän, miten palveluni jatkuu.",
        "Saamani tieto palvelusta oli ymmärrettävää.",
        "Koin saamani palvelun hyödylliseksi.",
    ],
    "sv": [
        "Jag fick hjälp när jag behövde den.",
        "Jag upplevde att man brydde sig om mig på ett helhetsmässigt sätt.",
        "Besluten i anslutning till mitt ärende fattades i samråd med mig.",
        "Jag kände mig trygg under servicen.",
        "Jag vet hur min service kommer att fortsätta.",
        "Informationen som jag fick om servicen var förståelig.",
        "Jag tyckte att den service som jag fick var nyttig.",
    ],
}


@pytest.mark.parametrize("language", list(STATEMENTS))
def test_the_national_statements_are_asked_word_for_word(language: str) -> None:
    survey = CATALOGUE.survey("thl")
    assert [question.text.of(language)[0] for question in survey.ratings] == STATEMENTS[language]
    for asked, statement in zip(survey.ratings, STATEMENTS[language], strict=True):
        assert statement in invitation_text(survey, (asked,), language, LONGEST)
        assert statement in CATALOGUE.question_text("thl", asked, language)


def test_the_recommendation_and_the_fft_are_asked_word_for_word() -> None:
    recommend, fft = CATALOGUE.survey("recommend"), CATALOGUE.survey("fft")
    asked = "Kuinka todennäköisesti suosittelisit saamaasi palvelua läheisellesi?"
    assert asked in invitation_text(recommend, recommend.questions, "fi", LONGEST)
    assert "Overall, how was your experience of our service?" in invitation_text(fft, fft.questions, "en", LONGEST)


def test_each_survey_is_summarised_by_its_own_measure() -> None:
    measures = {survey.id: {(each.measure, each.scale) for each in survey.ratings} for survey in SURVEYS}
    assert measures == {
        "visit": {("top_two", "1-5")},
        "recommend": {("nps", "0-10")},
        "thl": {("thl", "1-5/0")},
        "fft": {("fft", "1-5/0")},
    }


@pytest.mark.parametrize(
    ("survey_id", "low", "not_low"),
    [
        ("visit", [1, 2], [3, 4, 5]),
        ("recommend", [0, 6], [7, 8, 9, 10]),
        ("thl", [1, 2], [0, 3, 5]),
        ("fft", [2], [0, 4]),
    ],
)
def test_the_low_end_follows_the_measure_and_zero_may_be_no_rating(
    survey_id: str, low: list[int], not_low: list[int]
) -> None:
    rating = CATALOGUE.survey(survey_id).ratings[0]
    assert all(rating.is_low(mark) for mark in low)
    assert not any(rating.is_low(mark) for mark in not_low)


def test_two_statements_are_drawn_and_the_open_question_follows() -> None:
    survey = CATALOGUE.survey("thl")
    drawn = drawn_questions(survey, "01930000-0000-7000-8000-000000000001")
    assert [question.kind for question in drawn] == ["rating", "rating", "open"]
    assert drawn[0] != drawn[1]


@given(st.text())
def test_the_same_invitation_always_draws_the_same_questions(key: str) -> None:
    survey = CATALOGUE.survey("thl")
    assert drawn_questions(survey, key) == drawn_questions(survey, key)


def test_the_draw_never_changes_between_versions_of_the_software() -> None:
    survey = CATALOGUE.survey("thl")
    drawn = [[question.id for question in drawn_questions(survey, f"invitation-{n}")][:2] for n in range(3)]
    assert drawn == [["together", "cared"], ["useful", "help"], ["cared", "help"]]


def test_every_statement_is_drawn_alike_often_and_in_every_place() -> None:
    survey = CATALOGUE.survey("thl")
    first: Counter[str] = Counter()
    second: Counter[str] = Counter()
    for n in range(7_000):
        drawn = drawn_questions(survey, str(n))
        first[drawn[0].id] += 1
        second[drawn[1].id] += 1
    # 1,000 expected in each place; five standard deviations are about 146
    assert all(abs(count - 1_000) < 146 for count in [*first.values(), *second.values()])
    assert len(first) == len(second) == 7


def test_a_survey_without_a_draw_asks_everybody_everything() -> None:
    survey = CATALOGUE.survey("visit")
    assert drawn_questions(survey, "anybody") == survey.questions


def test_a_language_without_a_text_falls_back_to_finnish() -> None:
    assert CATALOGUE.text(None, "opt_in_done", "ru") == CATALOGUE.text(None, "opt_in_done", "fi")
    assert CATALOGUE.text(None, "opt_in_done", "model_config") == CATALOGUE.text(None, "opt_in_done", "fi")


def test_an_unknown_survey_or_text_is_named() -> None:
    with pytest.raises(UnknownSurvey, match='no survey is called "visitt"; there are: fft, recommend, thl, visit'):
        CATALOGUE.text("visitt", "thanks", "fi")
    with pytest.raises(UnknownText, match='no text "thankyou" in the survey visit'):
        CATALOGUE.text("visit", "thankyou", "fi")
    with pytest.raises(UnknownText):
        CATALOGUE.text("visit", "model_fields", "fi")


def test_a_value_that_is_not_given_is_named() -> None:
    with pytest.raises(texting.UnknownPlaceholder, match=r"asks for \{sender\}; the values there are: none"):
        CATALOGUE.text("visit", "help", "fi")


def test_a_county_without_a_phone_number_sends_a_text_that_names_none() -> None:
    assert "{" not in CATALOGUE.text("visit", "thanks_low", "fi")


VISIT = (FOLDER / "visit.yaml").read_text("utf-8")


def _line(fragment: str) -> int:
    return VISIT[: VISIT.index(fragment)].count("\n") + 1


@pytest.mark.parametrize(
    ("written", "instead", "at", "told"),
    [
        (
            "      sv: Hur var besöket?\n",
            "",
            "    text:",
            "questions.0.text.sv: missing Swedish text: every text is",
        ),
        (
            "measure: top_two",
            "mesure: top_two",
            "measure:",
            'questions.0.mesure: there is no key "mesure"; did you mean',
        ),
        (
            "sv: Hur var besöket?",
            "sw: Hur var besöket?",
            "sv: Hur",
            'questions.0.text.sw: there is no key "sw"; did you',
        ),
        ("fi: Millainen käynti oli?", "fi: Millainen: oli?", "fi: Millainen", "is not YAML: mapping values"),
        (
            'scale: "1-5"',
            'scale: "1-6"',
            "scale:",
            'questions.0.scale: no scale is called "1-6"; there are: 1-5,',
        ),
        (
            "    measure: top_two\n",
            "",
            "  - id: rating",
            'questions.0: a rating needs a "scale" and a "measure"',
        ),
        (
            "kind: open",
            "kind: open\n    scale: 1-5",
            "  - id: comment",
            "questions.1: an open question has neither",
        ),
        (
            "Hur var besöket?",
            '" "',
            "sv: Hur",
            "questions.0.text.sv: the text is empty; write it or remove the line",
        ),
        (
            "Hur var besöket?",
            "Hur var {besöket}?",
            "sv: Hur",
            'questions.0.text.sv: the text "Hur var {besöket}?" asks for',
        ),
        (" Ei viestejä: LOPETA", "", None, "every variant must say LOPETA; this one does not"),
        (
            "Hello from {unit}! How was your visit on {date}? Reply",
            "Hello! Reply",
            None,
            "every variant must say {unit}",
        ),
        ("id: comment", "id: rating", "id: visit", "two questions have the same id; give each its own"),
        ("version: 1", "version: 1\ndraw: 2", "id: visit", '"draw" is 2, but there are only 1 ratings'),
        (
            "version: 1",
            "version: 1\ndraw: 1",
            "id: visit",
            "texts: invitation and reminder must say {question}",
        ),
    ],
)
def test_a_mistake_in_a_survey_is_told_with_file_and_line(
    tmp_path: Path, written: str, instead: str, at: str | None, told: str
) -> None:
    assert written in VISIT
    path = tmp_path / "visit.yaml"
    path.write_text(VISIT.replace(written, instead), "utf-8")
    with pytest.raises(FileProblem) as problem:
        load_survey(path)
    assert str(problem.value).startswith("visit.yaml, line ")
    assert told in str(problem.value)
    if at:
        assert problem.value.line == _line(at)


def _copy(folder: Path) -> None:
    for path in FOLDER.glob("*.yaml"):
        (folder / path.name).write_bytes(path.read_bytes())


def test_a_county_may_keep_a_catalogue_of_its_own(tmp_path: Path) -> None:
    _copy(tmp_path)
    assert load_catalogue(tmp_path) == CATALOGUE


def test_one_id_in_two_files_is_told(tmp_path: Path) -> None:
    _copy(tmp_path)
    (tmp_path / "visit2.yaml").write_text(VISIT, "utf-8")
    with pytest.raises(FileProblem, match=r'visit2\.yaml: the survey "visit" is in another file already'):
        load_catalogue(tmp_path)


def test_a_folder_without_the_common_texts_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match=r"common\.yaml: cannot be read"):
        load_catalogue(tmp_path)
