"""How people object: whole, with something lacking, a second time, beside another, and too late (U12)."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile

from applications.models import Application
from award_portal.lib import clock
from awards.rulebook.process import FilingField
from objections import completing, filing, situations
from objections.form_check import FilingRefused, form_asked
from objections.models import Objection
from objections.pipeline import State

from . import made_up
from .opening_moves import Player, RehearsalBroken

TEXT = "反映该申报近三年有相关记录。（虚构）"
FIRST, SECOND = "样例异议人甲", "样例异议人乙"


def object_to(
    application: Application, *, condition: str, text: str = TEXT, name: str = FIRST, without: str = ""
) -> Objection:
    """A person objects in writing, signed and with evidence, as U12 asks; `without` is what they forgot."""
    asked = [one for one in _asked(application) if one.key != without]
    fields, files = _given(asked, name=name)
    objection, _ = filing.file_objection(
        application, form="person", fields=fields, files=files, text=text, condition=condition,
        incomplete_ok=bool(without), at=clock.now(),
    )  # fmt: skip
    return objection


def object_incompletely(application: Application, *, condition: str) -> Objection:
    """One thing the form asks is not there: told exactly what, nothing is held and no day runs (U12)."""
    forgotten = [one.key for one in _asked(application) if one.key != "name"][-1]
    objection = object_to(application, condition=condition, without=forgotten)
    if objection.state != State.INCOMPLETE or [key for key, _ in objection.lacks] != [forgotten]:
        raise RehearsalBroken("材料不全的异议没有告知缺少什么")
    if application.holds.open().filter(source=objection.hold_source).exists():
        raise RehearsalBroken("材料不全的异议暂停了程序")
    return objection


def complete(objection: Objection) -> Objection:
    """What lacked is handed in; the days begin now (U13)."""
    fields, files = _given(completing.lacking(objection), name=FIRST)
    objection = completing.complete_filing(objection, fields=fields, files=files, at=clock.now())
    if objection.state != State.RECEIVED or objection.clock_started_at != objection.completed_at:
        raise RehearsalBroken("补正后的异议没有自补正之日起算期限")
    return objection


def object_again(objection: Objection) -> None:
    """The same person on the same ground once more: joined to the case, with a receipt of its own (U12).

    Where the form asks nobody who they are, nobody can be known again.
    """
    if not objection.objector_key:
        return
    again = object_to(objection.application, condition=objection.condition, text="补充反映同一情况。（虚构）")
    if again.pk != objection.pk or not objection.joined.exists():
        raise RehearsalBroken("同一异议人就同一情形再次提出的异议没有并入原件")


def object_late(player: Player, application: Application, *, condition: str) -> None:
    """After the list's days: no objection any more; taken as 情况反映 and used, or refused, as the rulebook says."""
    application = Application.objects.with_names().get(pk=application.pk)
    if not filing.window_refusal(application, at=clock.now()):
        raise RehearsalBroken("公示期满后仍受理异议")
    try:
        object_to(application, condition=condition)
    except FilingRefused:
        pass
    else:
        raise RehearsalBroken("逾期提出的异议没有被拒绝")
    try:
        report, _ = situations.report_situation(application, text=TEXT, contact={}, at=clock.now())
    except FilingRefused:
        if situations.takes_situations(application.rulebook):
            raise
        return
    if not situations.takes_situations(application.rulebook):
        raise RehearsalBroken("不受理逾期异议的奖项登记了情况反映")
    situations.note_use(
        report, text="已核对，与评审时掌握的情况一致，存档备查。（虚构）", by=player.world.officer, at=clock.now()
    )


def _asked(application: Application) -> list[FilingField]:
    asked = form_asked(application.rulebook, "person")
    assert asked is not None
    return list(asked.requires)


def _given(asked: list[FilingField], *, name: str) -> tuple[dict[str, str], dict[str, SimpleUploadedFile]]:
    """What is written and what is handed in, for these things of the form."""
    written = {one.key: f"样例{one.label}" for one in asked if one.kind != "file"}
    written |= {one.key: "0000-5550999" for one in asked if one.kind == "phone"}
    files = {one.key: made_up.made_up_upload(one.label) for one in asked if one.kind == "file"}
    return written | {one.key: name for one in asked if one.key == "name"}, files
