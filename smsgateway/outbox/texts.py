"""The words that go out, filled in and measured: every text to a patient is made here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from smsgateway.intake.organisation import Organisation
from surveys.conversation import Say, State
from surveys.definition import Catalogue, invitation_text
from surveys.texting import short_date


@dataclass(frozen=True)
class Voice:
    """Speaks for one unit about one visit."""

    catalogue: Catalogue
    organisation: Organisation

    def values(self, unit_id: str, day: str, language: str) -> Mapping[str, str]:
        unit = self.organisation.units[unit_id]
        return {
            "unit": unit.name_in(language),
            "date": short_date(date.fromisoformat(day), language),
            **self.common_values(language),
        }

    def common_values(self, language: str) -> Mapping[str, str]:
        """What every text may name; a value that the organisation does not have is left out."""
        given = {
            "sender": self.organisation.name_in(language),
            "phone": self.organisation.phone,
            "hours": self.organisation.hours,
        }
        return {name: value for name, value in given.items() if value}

    def invitation(self, survey_id: str, state: State, unit_id: str, day: str, *, reminder: bool = False) -> str:
        survey = self.catalogue.survey(survey_id)
        questions = tuple(survey.question(name) for name in state.questions)
        values = self.values(unit_id, day, state.language)
        return invitation_text(survey, questions, state.language, values, reminder=reminder)

    def reply(self, say: Say, survey_id: str, state: State, unit_id: str, day: str) -> str:
        """The text that a step of the conversation asks for."""
        if say.key == "invitation":
            return self.invitation(survey_id, state, unit_id, day)
        values = self.values(unit_id, day, state.language)
        if say.question is not None:
            question = self.catalogue.survey(survey_id).question(say.question)
            return self.catalogue.question_text(survey_id, question, state.language, after_low=say.after_low, **values)
        return self.catalogue.text(survey_id, say.key, state.language, **values)

    def without_survey(self, say: Say, language: str) -> str:
        return self.catalogue.text(None, say.key, language, **self.common_values(language))
