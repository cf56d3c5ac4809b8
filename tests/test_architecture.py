"""The house rules of DESIGN sections 1, 3 and 4, read from the source, the models and the addresses.

Every checker of `tests/source_checks.py` is also fed source that breaks its rule (`BAD`), so that none can pass by
looking nowhere.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import CheckConstraint, Model
from django.urls import URLPattern, URLResolver, get_resolver

from applications.models import Application
from applications.pipeline import ACTIVE, DESK, ENDS, Owner, State, steps_of
from tests import source_checks
from tests.source_checks import (
    LONG_FILE,
    OTHER_STATES,
    REVERSE_NAMES,
    ROOMS,
    ROOT,
    Findings,
    clock_reads,
    dotted,
    inline_code,
    junk_name,
    partial_rows,
    signals_and_saves,
    sources,
    state_writes,
    timers_for_law,
    too_long,
    unhinted,
    upward_imports,
    upward_reaches,
    wide_locks,
)

# -- the rules ---------------------------------------------------------------------------------------------------------

Checker = Callable[[str, str], Findings]
ALL = (*ROOMS, "award_portal")

# Pages without @login_required: what stands at the door instead.
OPEN_PAGES = {
    "home": "public site",
    "publicity:cities": "public site",
    "publicity:city": "public site; the choice is a cookie",
    "large_text": "a setting of the browser, kept in a cookie",
    "styleguide": "404 unless DEBUG",
    "organizations:sign_in": "Django's own",
    "organizations:sign_out": "Django's own",
    "organizations:register": "anybody may register; nothing is theirs before a claim is verified",
    "organizations:set_password": "whoever holds the link, once (410 for any other)",
    "documents:download": "public papers to anybody, others by documents.access (404)",
    "documents:sealed": "as documents:download",
    "applications:autosave": "answers 401 as JSON, so that the page keeps what was typed",
    "reviews:autosave": "answers 401 as JSON, so that the page keeps what was typed",
    "reviews:feedback_autosave": "answers 401 as JSON, so that the page keeps what was typed",
    "reviews:report_autosave": "answers 401 as JSON, so that the page keeps what was typed",
    "objections:file": "an objector needs no account (U12)",
    "objections:receipt": "whoever holds the secret of the receipt",
    "objections:letter": "a letter to the objector, for whoever holds the receipt (U13)",
    "objections:tell_situation": "a tip needs no account either",
    "objections:situation_receipt": "whoever holds the secret of the tip's receipt",
    "objections:reply_paper": "the written answer, for whoever holds the receipt (U13)",
    "supervision:report_award": "anybody reports a winner (U19, Y21)",
    "supervision:case_receipt": "whoever holds the secret of the receipt",
    "supervision:case_reply": "as supervision:case_receipt",
    "publicity:calls": "public site",
    "publicity:call": "public site",
    "publicity:notices": "public site",
    "publicity:notice": "public site",
    "publicity:register": "public site",
    "publicity:certificate_check": "public site",
    "publicity:certificate": "public site",
    "publicity:evidence_digests": "public site",
    "publicity:about": "public site",
    "publicity:how_to_object": "public site",
    "publicity:comment": "the public comments without an account (B15)",
}
NO_METHOD_NAMED = {"styleguide": "shows components and changes nothing", "organizations:sign_in": "Django's own",
                   "organizations:sign_out": "Django's own"}  # fmt: skip


def found_by(checker: Checker, files: Iterator[tuple[str, str]]) -> Findings:
    looked_at = list(files)
    assert looked_at, "a check that reads nothing proves nothing"
    return [one for path, text in looked_at for one in checker(path, text)]


def test_lower_rooms_never_import_higher_ones() -> None:
    assert found_by(upward_imports, sources(*ROOMS)) == []
    assert found_by(upward_imports, sources("award_portal/lib")) == []


def test_no_room_reaches_up_through_a_reverse_name() -> None:
    assert found_by(upward_reaches, sources(*ROOMS)) == []


def test_nothing_but_the_door_changes_an_applications_state() -> None:
    assert found_by(state_writes, sources(*ALL)) == []


def test_every_state_written_elsewhere_belongs_to_another_model() -> None:
    for (path, name), owner in OTHER_STATES.items():
        model = apps.get_model(owner)
        assert model is not Application
        assert model._meta.get_field("state")
        text = (ROOT / path).read_text("utf-8")
        assert model.__name__ in text, f"{path} knows no {owner}; its `{name}.state` may be anybody's"


def test_the_domain_has_one_clock() -> None:
    files = (one for one in sources(*ALL) if one[0] != "award_portal/lib/clock.py")
    assert found_by(clock_reads, files) == []


def test_nothing_that_matters_waits_in_a_queue() -> None:
    assert found_by(timers_for_law, sources(*ALL)) == []


def test_locks_name_their_own_table() -> None:
    assert found_by(wide_locks, sources(*ALL)) == []


def test_an_application_is_never_read_in_part() -> None:
    assert found_by(partial_rows, sources(*ALL)) == []


def test_no_signals_and_no_effects_in_save() -> None:
    files = (one for one in sources(*ROOMS) if one[0] != "organizations/apps.py")  # triggers after a migration
    assert found_by(signals_and_saves, files) == []


def test_business_functions_are_hinted() -> None:
    framework = {"admin.py", "apps.py", "urls.py", "views.py", "models.py", "forms.py"}
    parts = {"views", "models", "forms", "management"}
    files = (
        (path, text)
        for path, text in sources(*ROOMS, "award_portal/lib")
        if Path(path).name not in framework and not parts & set(Path(path).parts)
    )
    assert found_by(unhinted, files) == []


def test_pages_carry_no_style_and_no_script() -> None:
    assert found_by(inline_code, sources("templates", suffix=".html")) == []


def test_files_are_named_after_their_work_and_stay_short() -> None:
    assert found_by(too_long, sources(*ALL)) == []
    assert found_by(junk_name, sources(*ALL, "tests")) == []


# -- the checkers find what they are for -------------------------------------------------------------------------------

APPLICATION = "applications/example.py"
BAD: list[tuple[Checker, str, str]] = [
    (upward_imports, "awards/example.py", "from applications.models import Application"),
    (upward_imports, "award_portal/lib/example.py", "def f():\n    import awards"),
    (upward_imports, "documents/example.py", "if TYPE_CHECKING:\n    from reviews import ballots"),
    (upward_reaches, "awards/example.py", "round.applications.count()"),
    (upward_reaches, "applications/example.py", "Application.objects.filter(notice_items__position=1)"),
    (state_writes, APPLICATION, "application.state = 'awarded'"),
    (state_writes, "reviews/deciding.py", "one.state, meeting.state = 'awarded', 'decided'"),
    (state_writes, APPLICATION, "Application.objects.filter(pk=1).update(state='awarded')"),
    (state_writes, APPLICATION, "Application.objects.bulk_update(found, ['state'])"),
    (state_writes, APPLICATION, "setattr(application, 'state', 'awarded')"),
    (state_writes, APPLICATION, "Application.objects.create(round=round, state='awarded')"),
    (state_writes, "reviews/example.py", "application.approve()"),
    (state_writes, "reviews/example.py", "getattr(application, step)()"),
    (clock_reads, APPLICATION, "from django.utils import timezone\nat = timezone.now()"),
    (clock_reads, APPLICATION, "import datetime\nday = datetime.date.today()"),
    (clock_reads, APPLICATION, "at = datetime.now(tz=SHANGHAI)"),
    (clock_reads, APPLICATION, "at = models.DateTimeField(default=timezone.now)"),
    (clock_reads, APPLICATION, "at = models.DateTimeField(auto_now_add=True)"),
    (clock_reads, APPLICATION, "from django.db.models.functions import Now\nq.update(at=Now())"),
    (timers_for_law, "publicity/tasks.py", "close.apply_async(args=[1], eta=ends_at)"),
    (timers_for_law, "publicity/tasks.py", "self.retry(countdown=60)"),
    (wide_locks, APPLICATION, "Application.objects.select_for_update().get(pk=1)"),
    (wide_locks, APPLICATION, "Application.objects.select_for_update(skip_locked=True).get(pk=1)"),
    (partial_rows, APPLICATION, "Application.objects.filter(pk=1).only('pk')"),
    (partial_rows, APPLICATION, "application.refresh_from_db()"),
    (signals_and_saves, APPLICATION, "from django.db.models.signals import post_save"),
    (signals_and_saves, APPLICATION, "class Draft(models.Model):\n    def save(self): ..."),
    (unhinted, APPLICATION, "def settle(finding, *, by: User) -> None: ..."),
    (unhinted, APPLICATION, "def settle(finding: Finding): ..."),
    (inline_code, "templates/a.html", "<p style='color: red'>字</p>"),
    (inline_code, "templates/a.html", "<style>p {}</style>"),
    (inline_code, "templates/a.html", "<button type=button onclick='go()'>办理</button>"),
    (inline_code, "templates/documents/a.html", "<body {% if x %}a{% endif %} onload='go()'>"),
    (inline_code, "templates/a.html", "<script>go()</script>"),
    (inline_code, "templates/a.html", "<a href='javascript:go()'>办理</a>"),
    (inline_code, "templates/a.html", "{% now 'Y' %}"),
    (too_long, APPLICATION, "\n" * LONG_FILE),
    (junk_name, "applications/utils.py", ""),
    (junk_name, "reviews/common/cut.py", ""),
]


@pytest.mark.parametrize(("checker", "path", "text"), BAD)
def test_a_checker_finds_what_it_forbids(checker: Checker, path: str, text: str) -> None:
    assert checker(path, text), "this checker would let it pass"


def test_every_checker_is_shown_to_find_something() -> None:
    there = [one for one in vars(source_checks).values() if inspect.isfunction(one)]
    checkers = {one for one in there if [*inspect.signature(one).parameters] == ["path", "text"]}
    assert len(checkers) >= 12
    assert {checker for checker, _, _ in BAD} == checkers


# -- the models --------------------------------------------------------------------------------------------------------


def models_of_rooms() -> list[type[Model]]:
    found = [one for one in apps.get_models() if one._meta.app_label in ROOMS]
    assert len(found) > 40
    return found


def crossing_keys() -> Iterator[tuple[str, str, str]]:
    """Every key between rooms: its label, the room it points to, its reverse name."""
    for model in models_of_rooms():
        for field in model._meta.get_fields():
            if field.auto_created or not field.is_relation or field.related_model in (None, "self"):
                continue
            room = field.related_model._meta.app_label  # type: ignore[union-attr]
            if room in ROOMS and room != model._meta.app_label:
                yield f"{model._meta.label}.{field.name}", room, field.remote_field.related_name or ""


def test_keys_between_rooms_point_down() -> None:
    keys = list(crossing_keys())
    assert len(keys) > 60
    assert [one for one, room, _ in keys if ROOMS.index(room) > ROOMS.index(one.split(".")[0])] == []


def test_keys_between_rooms_leave_no_reverse_name_but_those_argued_above() -> None:
    # Django writes out the hidden name of a many-to-many, its "+" last
    named = {label: name for label, _, name in crossing_keys() if not name.endswith("+")}
    assert named == REVERSE_NAMES


def test_every_model_has_its_official_name() -> None:
    unnamed = [one._meta.label for one in models_of_rooms() if not re.search("[一-鿿]", str(one._meta.verbose_name))]
    assert unnamed == []


def test_every_pipeline_keeps_its_check_in_the_database() -> None:
    """A Meta that does not inherit Pipeline.Meta loses the CHECK."""
    for label in ("applications.Application", "objections.Objection"):
        checks = [one for one in apps.get_model(label)._meta.constraints if isinstance(one, CheckConstraint)]
        assert any(one.name.endswith("_state_known") for one in checks), label


# -- the pipeline ------------------------------------------------------------------------------------------------------


def test_every_state_has_a_desk_and_every_active_one_a_way_on() -> None:
    assert set(DESK) == set(State)
    assert {one for one in State if DESK[one] == Owner.NOBODY} == ENDS
    leaving = {
        str(one.source) for name, edges in steps_of(Application).items()
        if name not in ("withdraw", "disqualify") for one in edges
    }  # fmt: skip
    assert set(ACTIVE) <= leaving
    assert leaving & ENDS == {State.NOT_SELECTED}, "only `promote` leaves an end"


def test_every_step_says_who_takes_it_and_all_its_edges_agree() -> None:
    for name, edges in steps_of(Application).items():
        said = {(one.custom["label"], one.custom["owner"], one.custom["gates"]) for one in edges}
        assert len(said) == 1, f"{name}: the door reads the first edge's gates for all"
        [(label, owner, _)] = said
        assert label
        assert owner in set(Owner) - {Owner.NOBODY}


# -- the addresses -----------------------------------------------------------------------------------------------------


def addresses() -> list[tuple[str, str, Callable]]:
    """Every address of the portal but the admin's: (name, route, view)."""

    def walk(patterns: list, prefix: str, space: str) -> Iterator[tuple[str, str, Callable]]:
        for one in patterns:
            if isinstance(one, URLResolver) and one.namespace != "admin":
                yield from walk(one.url_patterns, prefix + str(one.pattern), one.namespace or space)
            elif isinstance(one, URLPattern):
                name = f"{space}:{one.name}" if space else str(one.name)
                yield name, prefix + str(one.pattern), one.callback

    found = list(walk(get_resolver().url_patterns, "", ""))
    assert len(found) > 90
    return found


def decorators_of(view: Callable) -> str:
    """The source of what stands around a view: its decorators, and the bodies of those the portal wrote itself."""
    inner = inspect.unwrap(view)
    if not inspect.isfunction(inner) or inner.__module__.split(".")[0] not in ALL:
        return ""
    [tree] = ast.parse(textwrap.dedent(inspect.getsource(inner))).body
    assert isinstance(tree, ast.FunctionDef)
    said = [ast.unparse(one) for one in tree.decorator_list]
    own = [inner.__globals__.get(dotted(one)) for one in tree.decorator_list]
    said += [inspect.getsource(one) for one in own if inspect.isfunction(one) and one.__module__.split(".")[0] in ALL]
    return "\n".join(said)


def test_every_page_asks_who_comes_or_says_why_not() -> None:
    unasked = {name for name, _, view in addresses() if "login_required" not in decorators_of(view)}
    assert unasked == set(OPEN_PAGES)


def test_every_page_names_its_methods() -> None:
    silent = {name for name, _, view in addresses() if "require_" not in decorators_of(view)}
    assert silent == set(NO_METHOD_NAMED)


def test_addresses_carry_no_countable_ids() -> None:
    counted = [route for _, route, _ in addresses() if "<int:" in route and "<int:year>" not in route]
    assert counted == []


def test_an_unguarded_view_would_be_seen() -> None:
    """The three tests above see a decorator gone: a view with none says nothing."""
    from publicity.views import site

    assert "login_required" not in decorators_of(site.about)
    assert "require_GET" in decorators_of(site.about)
    assert decorators_of(inline_code) == ""
