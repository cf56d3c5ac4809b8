"""Recusal three ways (U23): access ends with the decision, the sheet is void but kept, a replacement reads at once."""

from __future__ import annotations

import pytest

from applications.desk_rules import DeskRefused
from applications.reading import readable_dossier
from award_portal.lib import clock
from documents.models import IssuedDocument
from organizations.files import store_upload
from organizations.models import AuditRecord
from reviews.aggregating import stage_score
from reviews.conflicts import conflicts_of
from reviews.cutting import cut_blockers, decide_cut, ranked_table
from reviews.late_conflicts import carry_out_late, late_conflicts_of_office
from reviews.models import Assignment, PanelOpinion, Recusal, ScoreSheet, Tie
from reviews.opinions import draft_opinion
from reviews.panels import appoint_chair
from reviews.readers import open_assignment
from reviews.recusal import ask_recusal, decide_recusal, order_recusal, recuse_oneself
from reviews.scoring import save_sheet, submit_sheet
from reviews.ties import declare_own_tie
from tests.factories import made_up_upload, make_user

from .panel_builders import build_review, full_items, score

pytestmark = pytest.mark.django_db


@pytest.fixture
def review(frozen, calendars):
    review = build_review()
    review.assigned()
    return review


def own(review, place: int = 0):
    return review.readers(review.applications[0])[place]


def proof(by):
    return store_upload(made_up_upload("证明材料"), purpose="recusal", by=by, at=clock.now())


def test_u23_stepping_back_cuts_access_voids_the_sheet_and_draws_a_replacement(review):
    assignment = own(review)
    application, expert = assignment.application, assignment.expert
    score(assignment)
    recusal = recuse_oneself(assignment, ground="kinship", reason="与负责人系亲属", by=expert.user, at=clock.now())
    assert readable_dossier(application, user=expert.user, at=clock.now()) is None
    sheet = ScoreSheet.objects.get(assignment=assignment)
    assert sheet.voided_at == clock.now()
    assert sheet.items
    readers = review.readers(application)
    assert len(readers) == 3
    assert recusal.replacement in [one.expert for one in readers]
    assert expert not in [one.expert for one in readers]
    assert readable_dossier(application, user=recusal.replacement.user, at=clock.now()) is not None
    assert [one.kind for one in conflicts_of(expert, application)] == ["kinship"]


def test_u23_who_stepped_back_writes_nothing_more(review):
    assignment = own(review)
    user = assignment.expert.user
    recuse_oneself(assignment, ground="kinship", reason="亲属", by=user, at=clock.now())
    with pytest.raises(DeskRefused, match="已经结束"):
        save_sheet(assignment, items=full_items(assignment), by=user, at=clock.now())
    with pytest.raises(DeskRefused, match="已经结束"):
        recuse_oneself(assignment, ground="kinship", reason="亲属", by=user, at=clock.now())


def test_nobody_steps_back_for_another_and_only_the_office_orders(review):
    assignment = own(review)
    with pytest.raises(DeskRefused, match="本人"):
        recuse_oneself(assignment, ground="kinship", reason="亲属", by=own(review, 1).expert.user, at=clock.now())
    with pytest.raises(DeskRefused, match="办公室办理"):
        order_recusal(assignment, ground="kinship", reason="亲属", by=make_user(), at=clock.now())
    assert len(review.readers(review.applications[0])) == 3


def test_an_unknown_ground_or_no_reason_changes_nothing(review):
    assignment = own(review)
    for ground, reason in (("whim", "不便"), ("kinship", "  ")):
        with pytest.raises(DeskRefused):
            recuse_oneself(assignment, ground=ground, reason=reason, by=assignment.expert.user, at=clock.now())
    assert not Recusal.objects.exists()
    assert own(review).pk == assignment.pk


def test_b20_an_applicant_asks_with_evidence_and_the_office_grants(review):
    assignment = own(review)
    application = assignment.application
    applicant = application.created_by
    with pytest.raises(DeskRefused, match="证明材料"):
        ask_recusal(
            application, named="某专家", ground="adviser", reason="曾咨询", proof=None, by=applicant, at=clock.now()
        )
    recusal = ask_recusal(
        application, named=str(assignment.expert), ground="adviser", reason="近三年为本组织竞争对手提供咨询",
        proof=proof(applicant), by=applicant, at=clock.now(),
    )  # fmt: skip
    assert len(review.readers(application)) == 3
    decided = decide_recusal(recusal, assignment=assignment, decision="查证属实", by=review.officer, at=clock.now())
    assert decided.state == "granted"
    assert assignment.expert not in [one.expert for one in review.readers(application)]
    with pytest.raises(DeskRefused, match="已经决定"):
        decide_recusal(recusal, assignment=None, decision="不属实", by=review.officer, at=clock.now())


def test_b20_a_refused_request_leaves_the_expert_in_place(review):
    assignment = own(review)
    applicant = assignment.application.created_by
    recusal = ask_recusal(
        assignment.application, named="某专家", ground="adviser", reason="曾咨询", proof=proof(applicant), by=applicant,
        at=clock.now(),
    )  # fmt: skip
    decided = decide_recusal(recusal, assignment=None, decision="经核实不存在", by=review.officer, at=clock.now())
    assert decided.state == "refused"
    assert readable_dossier(assignment.application, user=assignment.expert.user, at=clock.now()) is not None


def test_a_stranger_cannot_ask_for_anothers_application(review):
    stranger = make_user()
    with pytest.raises(DeskRefused, match="只有申报组织"):
        ask_recusal(
            review.applications[0], named="某专家", ground="adviser", reason="曾咨询", proof=proof(stranger),
            by=stranger, at=clock.now(),
        )  # fmt: skip


def test_a_recusal_is_on_the_rounds_record_without_names(review):
    assignment = own(review)
    order_recusal(assignment, ground="interest", reason="持有股份", by=review.officer, at=clock.now(), seed="s")
    link = AuditRecord.objects.get(verb="recusal.grant", chain=review.round.chain)
    assert link.data["expert"] == str(assignment.expert.public_id)
    assert str(assignment.expert) not in str(link.data)
    assert "持有股份" not in str(link.data)


def test_u23_before_the_cut_a_recusal_voids_the_opinion_and_the_panel_forms_another(review):
    application, leaving = review.applications[0], own(review)
    first = review.conclude(application)
    recusal = order_recusal(leaving, ground="interest", reason="持有股份", by=review.officer, at=clock.now(), seed="s")
    first.refresh_from_db()
    assert first.voided_at == clock.now()
    assert IssuedDocument.objects.get(pk=first.document_id).voided_because.startswith("回避")
    # the figures are out until the replacement is in, and so is the decision who goes on
    assert stage_score(application, review.stage) is None
    assert ranked_table(review.round, review.stage) == []
    assert "尚未形成评审意见" in cut_blockers(review.round, review.stage)[0].text
    # what the others scored stands
    assert sum(one.sheet.submitted_at is not None for one in review.readers(application)) == 2
    again = review.conclude(application, share="0.6")
    assert again.pk != first.pk
    assert again.score != first.score
    assert PanelOpinion.ever.filter(application=application).count() == 2
    assert list(PanelOpinion.objects.filter(application=application)) == [again]
    assert recusal.undone == {"opinion": first.document.number, "sheets": 1, "readers": [3, 3]}
    link = AuditRecord.objects.get(verb="recusal.grant", chain=review.round.chain)
    assert link.data["undone"] == recusal.undone


def test_u23_after_the_cut_a_recusal_is_refused_with_what_to_do_instead(review):
    application = review.applications[0]
    review.conclude(application)
    decide_cut(
        review.round, stage=review.stage, passing=[application], reasons={}, by=review.officer, at=clock.now()
    )  # fmt: skip
    assignment = Assignment.objects.filter(application=application).first()
    with pytest.raises(DeskRefused, match=r"决定已经作出.*异议程序.*取消资格.*第二十三条"):
        order_recusal(assignment, ground="interest", reason="持有股份", by=review.officer, at=clock.now())
    assert PanelOpinion.objects.filter(application=application).exists()


def test_u23_a_leader_who_stepped_back_does_not_conclude_on_the_name(review):
    application = review.applications[0]
    panel = review.readers(application)[0].panel
    leader = next((one for one in review.readers(application) if one.expert_id == panel.chair_id), None)
    if leader is None:
        appoint_chair(panel, expert=own(review).expert, by=review.officer, at=clock.now())
        leader = own(review)
    recuse_oneself(leader, ground="kinship", reason="亲属", by=leader.expert.user, at=clock.now())
    for one in review.readers(application):
        score(one)
    with pytest.raises(DeskRefused, match="组长对本申报应当回避"):
        draft_opinion(application, stage=review.stage, text="意见", by=leader.expert.user, at=clock.now())


# -- found late --------------------------------------------------------------------------------------------------------


def test_u23_a_tie_declared_late_shuts_the_dossier_and_waits_on_the_offices_desk(review, client):
    assignment = own(review)
    application, expert = assignment.application, assignment.expert
    assert readable_dossier(application, user=expert.user, at=clock.now()) is not None
    assert late_conflicts_of_office(review.officer) == []
    declare_own_tie(expert, kind="adviser", body_name=str(application.organization), by=expert.user, at=clock.now())
    assert readable_dossier(application, user=expert.user, at=clock.now()) is None
    for act in (save_sheet, submit_sheet):
        given = {"items": full_items(assignment)} if act is save_sheet else {}
        with pytest.raises(DeskRefused, match=r"应当回避：.*咨询"):
            act(assignment, by=expert.user, at=clock.now(), **given)
    client.force_login(expert.user)
    page = client.get(f"/reviews/mine/{assignment.public_id}/")
    assert page.status_code == 403
    assert "材料已关闭" in page.content.decode()
    assert "核心工艺参数" not in page.content.decode()
    autosave = client.post(f"/reviews/mine/{assignment.public_id}/autosave/", {"comments": "迟到的意见"})
    assert autosave.status_code == 400
    (late,) = late_conflicts_of_office(review.officer)
    assert late.assignment == assignment
    recusal = carry_out_late(assignment, by=review.officer, at=clock.now())
    assert recusal.ground == "adviser"
    assert recusal.replacement is not None
    assert late_conflicts_of_office(review.officer) == []
    # the tie was there: it is not entered twice
    assert Tie.objects.filter(person=expert.user).count() == 1


def test_u23_nobody_is_assigned_what_he_is_tied_to_by_hand_either(review):
    application = review.applications[0]
    tied = review.expert(employer=application.organization.name)
    with pytest.raises(DeskRefused, match="应当回避：现任职于申报组织"):
        open_assignment(own(review).panel, application, tied, by=review.officer, at=clock.now())


def test_with_nobody_left_the_recusal_still_stands(frozen, calendars):
    review = build_review(experts=5)
    review.assigned()
    application = review.applications[0]
    for _ in range(3):
        order_recusal(
            review.readers(application)[0], ground="interest", reason="持有股份", by=review.officer, at=clock.now()
        )
    assert len(review.readers(application)) == 2
    assert Recusal.objects.filter(replacement=None, state="granted").count() == 1
