import pytest

from smsgateway.store import Store
from surveys.definition import Catalogue
from tests.intake.samples import Intake, organised


@pytest.fixture
def intake(store: Store, catalogue: Catalogue) -> Intake:
    return Intake(store, organised(store, catalogue))
