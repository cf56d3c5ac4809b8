import pytest

from applications.models import Application
from award_portal.lib import clock
from tests.changed_schemes import bans_reach_subsidiaries, changed
from tests.factories import make_draft, make_round

from .builders import Honour, make_honour
from .case_builders import Desk


@pytest.fixture
def honour(db, frozen, calendars) -> Honour:
    """An award of 2026-02-10, looked at on Monday 2026-03-02."""
    return make_honour()


@pytest.fixture
def desk(honour, frozen) -> Desk:
    """The office's desk over that award."""
    return Desk(honour, frozen)


@pytest.fixture
def withdrawn(honour) -> Application:
    """An application somebody took back while it was under way."""
    application = make_draft(honour.round)
    Application.objects.filter(pk=application.pk).update(state="withdrawn", submitted_at=clock.now())
    return Application.objects.with_names().get(pk=application.pk)


@pytest.fixture
def reaching_round(honour):
    """A round under a rulebook whose bans reach subsidiaries."""
    text = changed(bans_reach_subsidiaries)
    return make_round(edition_text=text, title="及于子公司的一届")
