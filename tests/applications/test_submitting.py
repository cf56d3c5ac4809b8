"""Submitting by the article: the window to the second, what is frozen, corrections and withdrawals (U11.2, R3, R9)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from applications import self_publicity
from applications.applicant_gates import close_overdue
from applications.filling import FillingRefused, attach_file, remove_attachment, save_section, start_application
from applications.models import Answer, Application, Correction
from applications.moves import StepRefused
from applications.pipeline import State
from applications.submitting import resubmit, submit, withdraw
from award_portal.lib import clock
from organizations.models import AuditRecord, OutboxItem
from tests.factories import (
    fill_application,
    made_up_upload,
    make_claim,
    make_draft,
    make_organization,
    make_round,
    make_unit,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen", "calendars")]

LAST_DAY = date(2026, 3, 9)


def publicised(frozen, **profile) -> Application:
    """A filled draft whose internal publicity has run out, with its proof."""
    application = make_draft()
    fill_application(application, recommender=make_unit("recommender"), **profile)
    by = application.created_by
    self_publicity.start(application, place="公司公告栏和内部网站", by=by, at=clock.now())
    frozen.travel_to(clock.at(LAST_DAY, 24))
    self_publicity.prove(
        application, proof=made_up_upload("公示照片"), had_objections=False, settlement="", by=by, at=clock.now()
    )
    application.refresh_from_db()
    return application


def submitted(frozen) -> Application:
    application = publicised(frozen)
    submit(application, by=application.created_by, at=clock.now())
    return Application.objects.get(pk=application.pk)


def returned(frozen, *parts: str) -> tuple[Application, Correction]:
    """A submitted application sent back by the recommender for the named parts, due 2026-03-17."""
    application = submitted(frozen)
    desk = make_user(application.recommender)
    from applications.corrections import return_for_correction

    correction = return_for_correction(
        application, stage=State.RECOMMENDATION_REVIEW, parts=parts, reason="请补正", by=desk, at=clock.now()
    )
    return Application.objects.get(pk=application.pk), correction


def edit(application: Application, key: str, **data) -> Answer:
    version = application.answers.get(section=key).version
    return save_section(application, key, data, version=version, by=application.created_by, at=clock.now())


def test_r3_submission_in_the_last_second_of_the_window_is_taken(frozen) -> None:
    application = publicised(frozen)
    frozen.travel_to(application.round.closes_at - timedelta(seconds=1))
    submit(application, by=application.created_by, at=clock.now())
    application = Application.objects.get(pk=application.pk)
    assert (application.state, application.number) == (State.RECOMMENDATION_REVIEW, "URUMQI2026-001")


def test_r3_submission_one_second_late_is_refused_and_the_draft_is_kept(frozen) -> None:
    application = publicised(frozen)
    kept = {one.section: one.data for one in application.answers.all()}
    frozen.travel_to(application.round.closes_at)
    with pytest.raises(StepRefused, match=r"2026年3月31日18:00:00截止.*第十一条第（一）项"):
        submit(application, by=application.created_by, at=clock.now())
    application = Application.objects.get(pk=application.pk)
    assert (application.state, application.number) == (State.SELF_PUBLICITY, "")
    assert {one.section: one.data for one in application.answers.all()} == kept
    assert application.dossiers.count() == 0


def test_numbers_are_gapless_though_a_submission_was_refused_between(frozen) -> None:
    first = publicised(frozen)
    early = make_draft(first.round)
    submit(first, by=first.created_by, at=clock.now())
    with pytest.raises(StepRefused):
        submit(early, by=early.created_by, at=clock.now())
    fill_application(early, seed=2)
    self_publicity.start(early, place="公告栏", by=early.created_by, at=clock.now())
    frozen.travel_to(clock.at(date(2026, 3, 20)))
    self_publicity.prove(
        early, proof=made_up_upload("公示"), had_objections=False, settlement="", by=early.created_by, at=clock.now()
    )
    submit(early, by=early.created_by, at=clock.now())
    assert Application.objects.get(pk=early.pk).number == "URUMQI2026-002"


def test_r9_what_was_submitted_is_frozen_with_file_digests_and_the_digest_is_on_record(frozen) -> None:
    application = submitted(frozen)
    dossier = application.current_dossier
    files = {one.key: one.file.sha256 for one in application.attachments.filter(key="licence")}
    assert {one["key"]: one["sha256"] for one in dossier.content["attachments"] if one["key"] == "licence"} == files
    assert dossier.content["self_publicity"]["last_day"] == "2026-03-09"
    assert dossier.content["self_publicity"]["had_objections"] is False
    secret = next(one for one in dossier.content["attachments"] if one["key"] == "audit_reports")
    assert secret["is_secret"] is True
    record = AuditRecord.objects.get(chain=application.round.chain, verb="dossier.freeze")
    assert record.data == {"version": 1, "sha256": dossier.sha256}


def test_submitting_tells_the_recommender_and_the_applicant(frozen) -> None:
    application = publicised(frozen)
    desk = make_user(application.recommender)
    submit(application, by=application.created_by, at=clock.now())
    told = {item.payload["user"]: item.payload["subject"] for item in OutboxItem.objects.filter(kind="inbox_message")}
    assert told[desk.pk].startswith("收到申报")
    assert "URUMQI2026-001" in told[application.created_by_id]


def test_only_who_acts_for_the_organisation_submits(frozen) -> None:
    application = publicised(frozen)
    with pytest.raises(StepRefused, match="应由申报组织办理"):
        submit(application, by=make_user(), at=clock.now())


def test_u11_3_a_correction_reopens_only_the_named_parts(frozen) -> None:
    application, _ = returned(frozen, "overview", "licence")
    edit(application, "overview", model="补正后的质量模式")
    with pytest.raises(FillingRefused, match="不在本次补正范围内"):
        edit(application, "profile", address="换一个地址")
    licence = application.attachments.get(key="licence", removed_at=None)
    remove_attachment(licence, by=application.created_by, at=clock.now())
    with pytest.raises(FillingRefused, match="不在本次补正范围内"):
        attach_file(application, "signed_page", made_up_upload("签章页"), by=application.created_by, at=clock.now())
    with pytest.raises(StepRefused, match=r"营业执照.*现有0个"):
        resubmit(application, by=application.created_by, at=clock.now())
    attach_file(application, "licence", made_up_upload("新执照"), by=application.created_by, at=clock.now())
    dossier = resubmit(application, by=application.created_by, at=clock.now())
    assert dossier.version == 2
    assert dossier.content["sections"]["overview"]["data"]["model"] == "补正后的质量模式"
    assert [one["name"] for one in dossier.content["attachments"] if one["key"] == "licence"] == ["新执照.pdf"]
    first = application.dossiers.get(version=1)
    assert first.content["sections"]["overview"]["data"]["model"] != "补正后的质量模式"
    assert Application.objects.get(pk=application.pk).state == State.RECOMMENDATION_REVIEW


def test_a_correction_after_its_due_moment_is_refused(frozen) -> None:
    application, correction = returned(frozen, "overview")
    frozen.travel_to(correction.due_at)
    with pytest.raises(FillingRefused, match="补正期限已过"):
        edit(application, "overview", model="晚了")
    with pytest.raises(StepRefused, match=r"补正期限已过.*填报内容已保留"):
        resubmit(application, by=application.created_by, at=clock.now())


def test_an_overdue_correction_is_judged_as_it_stands_and_never_put_out(frozen) -> None:
    application, correction = returned(frozen, "overview")
    edit(application, "overview", model="没有写完")
    assert close_overdue(correction.due_at - timedelta(seconds=1)) == 0
    frozen.travel_to(correction.due_at)
    assert close_overdue(clock.now()) == 1
    assert close_overdue(clock.now()) == 0
    application = Application.objects.get(pk=application.pk)
    assert application.state == State.RECOMMENDATION_REVIEW
    assert application.dossiers.count() == 1
    assert application.corrections.get().lapsed_at == clock.now()


def test_r9_what_was_left_half_corrected_does_not_slip_into_a_later_version(frozen) -> None:
    application, correction = returned(frozen, "overview")
    edit(application, "overview", model="逾期未交的草稿")
    frozen.travel_to(correction.due_at)
    close_overdue(clock.now())
    Application.objects.filter(pk=application.pk).update(state=State.CORRECTION, return_to=State.QUALIFICATION)
    later = {"stage": State.QUALIFICATION, "parts": ["profile"], "reason": "请补正", "asked_by": application.created_by}
    Correction.objects.create(
        application=application, due_at=clock.now() + timedelta(days=5), asked_at=clock.now(), **later
    )
    application = Application.objects.get(pk=application.pk)
    recommender = application.recommender_id
    edit(application, "profile", address="样例新址", recommender=str(make_unit("recommender").public_id))
    dossier = resubmit(application, by=application.created_by, at=clock.now())
    assert (
        dossier.content["sections"]["overview"] == application.dossiers.get(version=1).content["sections"]["overview"]
    )
    assert dossier.content["sections"]["profile"]["data"]["address"] == "样例新址"
    assert Application.objects.get(pk=application.pk).recommender_id == recommender


def test_a_withdrawal_states_its_reason_and_lets_the_organisation_apply_again(frozen) -> None:
    application = submitted(frozen)
    by = application.created_by
    with pytest.raises(StepRefused, match="请写明撤回申报的理由"):
        withdraw(application, ground=" ", by=by, at=clock.now())
    withdraw(application, ground="暂不具备条件", by=by, at=clock.now())
    assert Application.objects.get(pk=application.pk).state == State.WITHDRAWN
    again = start_application(application.round, organization=application.organization, by=by, at=clock.now())
    assert again.pk != application.pk


def test_u2_r4_a_second_application_in_the_round_is_refused(frozen) -> None:
    application = make_draft()
    with pytest.raises(FillingRefused, match="每个组织每届只能申报一次，请在原申报上继续填写"):
        start_application(
            application.round, organization=application.organization, by=application.created_by, at=clock.now()
        )


def test_u2_a_branch_under_its_parents_code_applies_beside_the_parent(frozen) -> None:
    round, parent = make_round(), make_organization()
    make_draft(round, organization=parent)
    branch = make_organization(parent.code, unit_name="样例第一分公司", kind="branch")
    assert make_draft(round, organization=branch).organization_id == branch.pk


def test_nobody_begins_an_application_on_an_unverified_letter(frozen) -> None:
    organization = make_organization()
    by = make_claim(organization, state="pending")
    with pytest.raises(FillingRefused, match="授权书尚未核验通过"):
        start_application(make_round(), organization=organization, by=by, at=clock.now())
