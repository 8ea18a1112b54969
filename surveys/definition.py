"""What a survey is: its questions, their scales and its texts, read from the catalogue's YAML files."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Generic, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from surveys import scales, texting, yamlfile

T = TypeVar("T")

# The words every text may leave open; `question` is filled in by the catalogue itself.
PLACEHOLDERS = ("unit", "date", "sender", "phone", "hours", "question")

# The word that ends the texts, as each invitation must say it; each is understood in every language.
STOP_WORDS = {"fi": "LOPETA", "sv": "SLUTA", "en": "STOP"}

# The highest mark of the low end by measure: bottom-two box, and the detractors of the NPS (0-6).
LOW_END = {"top_two": 2, "thl": 2, "fft": 2, "nps": 6}

_ALL_THREE = "every text is needed in Finnish (fi), Swedish (sv) and English (en)"
_CATALOGUE = Path(__file__).parent / "catalogue"


class UnknownSurvey(ValueError):
    """A survey's id that the catalogue does not have."""


class UnknownText(ValueError):
    """A text's key that neither the survey nor the common texts have."""


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _check_variants(variants: tuple[str, ...]) -> tuple[str, ...]:
    for variant in variants:
        if not variant.strip():
            raise ValueError("the text is empty; write it or remove the line")
        texting.fill(variant, dict.fromkeys(PLACEHOLDERS, ""))
    return variants


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PerLanguage(_Model, Generic[T]):
    """Something said in each language; fi, sv and en are always there."""

    fi: T = Field(title="Finnish text", description=_ALL_THREE)
    sv: T = Field(title="Swedish text", description=_ALL_THREE)
    en: T = Field(title="English text", description=_ALL_THREE)
    et: T | None = None
    ru: T | None = None
    se: T | None = None

    def of(self, language: str) -> T:
        """What is said in `language`, else in Finnish, the first."""
        said: T | None = getattr(self, language, None) if language in type(self).model_fields else None
        return self.fi if said is None else said


# One text: its variants from warm to terse, of which the first that fits one segment is sent.
Variants = Annotated[tuple[str, ...], BeforeValidator(_as_list), Field(min_length=1), AfterValidator(_check_variants)]
Texts = PerLanguage[Variants]


class InvitationTexts(Texts):
    """Texts to a person who expects none: each variant names who asks and how to stop."""

    @field_validator("fi", "sv", "en")
    @classmethod
    def _names_unit_and_stop_word(cls, variants: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        for needed in ("{unit}", STOP_WORDS[str(info.field_name)]):
            missing = next((variant for variant in variants if needed not in variant), None)
            if missing:
                raise ValueError(f'every variant must say {needed}; this one does not: "{missing}"')
        return variants


class Question(_Model):
    """One question as asked; an open one may have a gentler wording after a low mark (`text_low`)."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: Literal["rating", "open"]
    scale: str | None = None
    measure: Literal["top_two", "nps", "thl", "fft"] | None = None
    text: Texts
    text_low: Texts | None = None

    @field_validator("scale")
    @classmethod
    def _scale_is_known(cls, name: str | None) -> str | None:
        return name if name is None else scales.scale(name).name

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if self.kind == "rating" and not (self.scale and self.measure):
            raise ValueError('a rating needs a "scale" and a "measure"; add both')
        if self.kind == "open" and (self.scale or self.measure):
            raise ValueError('an open question has neither "scale" nor "measure"; remove them')
        return self

    def is_low(self, mark: int) -> bool:
        """Is `mark` at the low end of this rating (1-2 of 5, 0-6 of 10)? A 0 that means "none" is not."""
        if self.scale is None or self.measure is None:
            return False
        return mark <= LOW_END[self.measure] and not (mark == 0 and scales.scale(self.scale).zero_means_none)


class SurveyTexts(_Model):
    """What a survey says; `next` asks a further rating, and its own thanks go before the common ones."""

    invitation: InvitationTexts
    reminder: InvitationTexts
    clarify: Texts
    next: Texts | None = None
    thanks: Texts | None = None
    thanks_low: Texts | None = None


class Survey(_Model):
    """A survey as its catalogue file describes it. `draw` is how many of its ratings each person is asked."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    version: int = Field(ge=1)
    title: PerLanguage[str]
    draw: int | None = Field(default=None, ge=1, le=3)
    questions: tuple[Question, ...] = Field(min_length=1)
    texts: SurveyTexts

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        ids = [question.id for question in self.questions]
        if len(set(ids)) < len(ids):
            raise ValueError("two questions have the same id; give each its own")
        if self.questions[0].kind != "rating":
            raise ValueError("the first question must be a rating: it is what the invitation asks")
        asked = self.draw or len(self.ratings)
        if asked > len(self.ratings):
            raise ValueError(f'"draw" is {asked}, but there are only {len(self.ratings)} ratings to draw from')
        if asked > 1 and self.texts.next is None:
            raise ValueError('texts: more than one rating is asked, so the text "next" is needed')
        if self.draw and not all("{question}" in each for each in self._calling()):
            raise ValueError("texts: invitation and reminder must say {question}, as each person's is drawn")
        return self

    def _calling(self) -> Iterator[str]:
        """Every variant of the invitation and of its reminder, in every language."""
        for texts in (self.texts.invitation, self.texts.reminder):
            for language in type(texts).model_fields:
                yield from getattr(texts, language) or ()

    @property
    def ratings(self) -> tuple[Question, ...]:
        return tuple(question for question in self.questions if question.kind == "rating")

    def question(self, question_id: str) -> Question:
        """The question of that id; raises `KeyError`."""
        return {question.id: question for question in self.questions}[question_id]


class CommonTexts(_Model):
    """What every survey's dialogue may say; `thanks_low` after a mark at the low end."""

    thanks: Texts
    thanks_low: Texts
    opt_out_done: Texts
    opt_in_done: Texts
    help: Texts
    closed: Texts
    wrong_person: Texts
    deceased: Texts
    urgent: Texts
    contact: Texts
    language_changed: Texts


def _texts(model: SurveyTexts | CommonTexts, key: str) -> Texts | None:
    found: Texts | None = getattr(model, key) if key in type(model).model_fields else None
    return found


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All surveys by id, and the texts they share."""

    surveys: Mapping[str, Survey]
    common: CommonTexts

    def survey(self, survey_id: str) -> Survey:
        """The survey of that id; raises `UnknownSurvey` with the ids there are."""
        try:
            return self.surveys[survey_id]
        except KeyError:
            known = ", ".join(self.surveys)
            raise UnknownSurvey(f'no survey is called "{survey_id}"; there are: {known}') from None

    def text(self, survey_id: str | None, key: str, language: str, **values: str) -> str:
        """A survey's text, or a common one, filled with `values`: the warmest variant of one segment.

        Raises `UnknownSurvey`, `UnknownText`, and `texting.UnknownPlaceholder` for a value not given.
        """
        own = _texts(self.survey(survey_id).texts, key) if survey_id else None
        texts = own or _texts(self.common, key)
        if texts is None:
            raise UnknownText(f'there is no text "{key}" in the survey {survey_id} or in the common texts')
        return texting.fit(texts.of(language), values)

    def question_text(
        self, survey_id: str, question: Question, language: str, *, after_low: bool = False, **values: str
    ) -> str:
        """`question` as the dialogue asks it: a rating with its scale, an open one gently if after low."""
        if question.kind == "open":
            texts = question.text_low if after_low and question.text_low else question.text
            return texting.fit(texts.of(language), values)
        asked = {**values, "question": question.text.of(language)[0]}
        return self.text(survey_id, "next", language, **asked)


def load_survey(path: Path) -> Survey:
    """The survey of one catalogue file; raises `yamlfile.FileProblem`."""
    return yamlfile.load(path, Survey)


def load_catalogue(folder: Path | None = None) -> Catalogue:
    """The surveys and the common texts of a folder, by default our own; raises `yamlfile.FileProblem`."""
    folder = folder or _CATALOGUE
    surveys: dict[str, Survey] = {}
    for path in sorted(folder.glob("*.yaml")):
        if path.name == "common.yaml":
            continue
        survey = load_survey(path)
        if survey.id in surveys:
            doubled = f'the survey "{survey.id}" is in another file already; give it an id of its own'
            raise yamlfile.FileProblem(path.name, None, doubled)
        surveys[survey.id] = survey
    return Catalogue(surveys, yamlfile.load(folder / "common.yaml", CommonTexts))


def drawn_questions(survey: Survey, key: str) -> tuple[Question, ...]:
    """The questions one person is asked: `draw` of the ratings, then the open ones.

    Which ratings, and in which order, follows from `key` (the invitation's id) alone: asked again, on any
    machine, the answer is the same; over many people each rating is drawn alike often (planned missingness).
    """
    if survey.draw is None:
        return survey.questions

    def rank(question: Question) -> bytes:
        return hashlib.sha256(f"{survey.id}\0{key}\0{question.id}".encode()).digest()

    drawn = sorted(survey.ratings, key=rank)[: survey.draw]
    return (*drawn, *(question for question in survey.questions if question.kind == "open"))


def invitation_text(
    survey: Survey,
    questions: tuple[Question, ...],
    language: str,
    values: Mapping[str, str],
    *,
    reminder: bool = False,
) -> str:
    """The invitation (or its reminder) that asks the first of `questions`, as drawn for this person.

    `values` are `unit` (its public name) and `date` (`texting.short_date`).
    """
    texts = survey.texts.reminder if reminder else survey.texts.invitation
    asked = {**values, "question": questions[0].text.of(language)[0]}
    return texting.fit(texts.of(language), asked)
