"""Who goes on (U11.5–U11.7): after every opinion, under the ceiling, with a reason and a letter for each other."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.desk_rules import DeskRefused
from applications.models import Application, DossierGrant
from applications.moves import StepRefused, move
from applications.pipeline import State
from award_portal.lib import clock
from documents.models import IssuedDocument
from reviews.cut_table import ceiling_of, cut_figures, places_left, ranked_table
from reviews.cutting import decide_cut
from reviews.models import ConsensusChange, ConsensusSession, CutDecision, Panel
from reviews.scoring import rubric_of, sheet_total
from tests.changed_schemes import changed, stage
from tests.factories import make_user

from .panel_builders import build_review, score

pytestmark = pytest.mark.django_db


def concluded(applications: int, stage: str = State.DEFENSE):
    review = build_review(applications=applications, experts=6, stage=stage)
    review.assigned()
    for place, one in enumerate(review.applications):
        review.conclude(one, share=f"{0.95 - place * 0.05:.2f}")
    return review


def decide(review, passing, reason="综合得分靠后", **given):
    others = {one.pk: reason for one in review.applications if one not in passing}
    values = {"stage": review.stage, "by": review.officer, "at": clock.now()} | given
    return decide_cut(review.round, passing=passing, reasons=others, **values)


def test_u11_5_the_ceiling_is_the_rulebooks_times_the_quota_of_all_tiers(frozen, calendars):
    book = build_review(experts=0).applications[0].rulebook
    assert ceiling_of(book, "document_review") == 20
    assert ceiling_of(book, "defense") == 12
    assert ceiling_of(book, "onsite_review") is None


def test_those_who_go_on_move_and_the_others_are_told_in_writing(frozen, calendars):
    review = concluded(3)
    first, second, third = review.applications
    decision = decide(review, [first, second])
    states = dict(Application.objects.values_list("pk", "state"))
    assert states == {first.pk: "onsite_review", second.pk: "onsite_review", third.pk: "eliminated"}
    letter = IssuedDocument.objects.get(kind="not_advanced_notice")
    assert letter.subject == f"application:{third.public_id}"
    assert letter.content["reason"] == "综合得分靠后"
    step = third.steps.get()
    assert step.facts == {"cut": str(decision.public_id)}
    assert step.ground == "综合得分靠后"
    assert [one.rank for one in decision.lines.all()] == [1, 2, 3]


def test_the_readers_access_ends_with_the_decision(frozen, calendars):
    review = concluded(2)
    assert DossierGrant.objects.in_force(clock.now()).exists()
    decide(review, review.applications[:1])
    assert not DossierGrant.objects.in_force(clock.now()).exists()


def test_more_than_the_ceiling_is_refused_and_nothing_moves(frozen, calendars):
    review = concluded(13)
    with pytest.raises(DeskRefused, match="不超过12家，所选13家超过上限"):
        decide(review, review.applications)
    assert not CutDecision.objects.exists()
    assert set(Application.objects.values_list("state", flat=True)) == {"defense"}
    decide(review, review.applications[:12])
    assert places_left(review.round, "defense") == 0


def test_later_decisions_of_a_stage_share_its_ceiling(frozen, calendars):
    review = concluded(12)
    decide(review, review.applications)
    late = review.application()
    review.applications = [late]
    from reviews.readers import assign_readers

    assign_readers(Panel.objects.get(), by=review.officer, at=clock.now())
    review.conclude(late, share="0.9")
    with pytest.raises(DeskRefused, match="不超过0家"):
        decide(review, [late])


def test_a_tie_at_the_line_is_shown(frozen, calendars):
    review = build_review(applications=13, stage=State.DEFENSE)
    review.assigned()
    for place, one in enumerate(review.applications):
        review.conclude(one, share="0.8" if place in (11, 12) else "0.9")
    table = ranked_table(review.round, "defense")
    assert [one.on_line for one in table] == [False] * 11 + [True, True]
    assert [one.rank for one in table][-2:] == [12, 12]


def test_each_who_does_not_go_on_needs_a_reason(frozen, calendars):
    review = concluded(2)
    with pytest.raises(DeskRefused, match="请填写未进入下一环节的理由"):
        decide(review, review.applications[:1], reason="  ")
    assert not CutDecision.objects.exists()


def test_the_decision_waits_for_every_opinion(frozen, calendars):
    review = concluded(2)
    late = review.application()
    with pytest.raises(DeskRefused, match="尚未形成评审意见") as refused:
        decide(review, review.applications[:2])
    assert late.organization.name in str(refused.value)


def test_from_the_onsite_review_all_go_on_to_the_leading_body(frozen, calendars):
    review = concluded(2, stage=State.ONSITE_REVIEW)
    with pytest.raises(DeskRefused, match="全部进入"):
        decide(review, review.applications[:1])
    decide(review, review.applications)
    assert set(Application.objects.values_list("state", flat=True)) == {"deliberation"}


def test_only_the_office_decides(frozen, calendars):
    review = concluded(1)
    with pytest.raises(DeskRefused, match="办公室办理"):
        decide(review, review.applications, by=make_user())


def test_the_door_stays_shut_without_a_decision_of_this_stage_that_says_so(frozen, calendars):
    review = concluded(2)
    first, second = review.applications
    for facts in ({}, {"cut": "不是编号"}, {"cut": str(uuid.uuid4())}):
        with pytest.raises(StepRefused, match="尚未作出"):
            move(first.pk, "pass_review", by=review.officer, at=clock.now(), facts=facts)
    decision = CutDecision.objects.create(
        round=review.round, stage="defense", ceiling=12, decided_at=clock.now(), decided_by=review.officer
    )
    decision.lines.create(application=second, passing=False, reason="靠后", score=1, rank=1)
    with pytest.raises(StepRefused, match="不一致"):
        move(second.pk, "pass_review", by=review.officer, at=clock.now(), facts={"cut": str(decision.public_id)})
    CutDecision.objects.update(stage="document_review")
    with pytest.raises(StepRefused, match="尚未作出"):
        move(second.pk, "eliminate", by=review.officer, at=clock.now(), facts={"cut": str(decision.public_id)})


# -- what no reason lets pass, and what the office sees before it decides ----------------------------------------------


def one_place(data):
    stage(data, "document_review")["review"]["cut_times_quota"]["value"] = 0.2


def tied_stay(data):
    stage(data, "document_review")["review"]["cut_tie"] = {"value": "none_pass", "assumed": "末位同分的均不进入"}


def tied_go(data):
    stage(data, "document_review")["review"]["cut_tie"] = {"value": "all_pass", "assumed": "末位同分的均进入"}


def floor_of_sixty(data):
    stage(data, "document_review")["review"]["floor_percent"] = {"value": 60, "assumed": "低于六成的不进入"}


def trimmed(data):
    stage(data, "document_review")["review"]["aggregation"]["value"] = "trimmed_mean"


def read(*shares, changes=(one_place,), vetoed=()):
    """Applications read to these shares of their points by three readers each; `vetoed` by two of its three."""
    review = build_review(applications=len(shares), experts=5, edition_text=changed(*changes))
    review.assigned()
    for one, given in zip(review.applications, shares, strict=True):
        readers = review.readers(one)
        for reader, share in zip(readers, given if isinstance(given, tuple) else (given,) * 3, strict=True):
            score(reader, share)
        if one in [review.applications[place] for place in vetoed]:
            for reader in readers[:2]:
                reader.sheet.refresh_from_db()
                reader.sheet.items["safety_accident"] = {"veto": "yes"}
                reader.sheet.save()
        review.conclude(one)
    return review


def test_who_goes_on_before_a_higher_score_has_a_reason_too(frozen, calendars):
    review = read("0.9", "0.7")
    first, second = review.applications
    with pytest.raises(DeskRefused, match="请填写后者进入的理由") as refused:
        decide_cut(
            review.round, stage=review.stage, passing=[second], reasons={first.pk: "行业过于集中"}, by=review.officer,
            at=clock.now(),
        )  # fmt: skip
    assert second.organization.name in str(refused.value)
    decision = decide_cut(
        review.round, stage=review.stage, passing=[second], by=review.officer, at=clock.now(),
        reasons={first.pk: "行业过于集中", second.pk: "兼顾行业分布，经评审组会议讨论"},
    )  # fmt: skip
    assert decision.lines.get(application=second).reason == "兼顾行业分布，经评审组会议讨论"


def test_a_veto_by_the_majority_of_the_readers_lets_no_score_pass(frozen, calendars):
    review = read("0.9", "0.7", vetoed=[0])
    best, other = review.applications
    table = ranked_table(review.round, review.stage)
    assert [(one.application, one.above) for one in table] == [(best, False), (other, True)]
    assert table[0].barred == ("一票否决：重大质量安全责任事故（3名专家中2名认定）",)
    with pytest.raises(DeskRefused, match="不能进入下一环节：一票否决"):
        decide(review, [best])
    decide(review, [other], reason="一票否决")
    assert Application.objects.get(pk=other.pk).state == "defense"


def test_a_score_just_on_the_floor_goes_on_and_one_under_it_does_not(frozen, calendars):
    review = read("0.6", ("0.6", "0.6", "0.59"), changes=(floor_of_sixty,))
    on, under = review.applications
    assert [one.barred for one in ranked_table(review.round, review.stage)] == [(), ("得分低于总分的60%",)]
    with pytest.raises(DeskRefused, match="得分低于总分的60%"):
        decide(review, [on, under])
    decide(review, [on])
    assert Application.objects.get(pk=under.pk).state == "eliminated"


@pytest.mark.parametrize(
    ("rule", "going", "refusal"),
    [
        (None, (0, 1), "不超过1家，所选2家超过上限"),
        (tied_stay, (0,), "末位同分的均不进入下一环节"),
        (tied_go, (0,), "末位同分的应一并进入下一环节"),
        (None, (0,), ""),
        (tied_stay, (), ""),
        (tied_go, (0, 1), ""),
    ],
)
def test_a_tie_at_the_line_is_settled_as_the_rulebook_says(frozen, calendars, rule, going, refusal):
    review = read("0.8", "0.8", changes=(one_place, rule) if rule else (one_place,))
    assert [one.on_line for one in ranked_table(review.round, review.stage)] == [True, True]
    chosen = [review.applications[place] for place in going]
    if refusal:
        with pytest.raises(DeskRefused, match=refusal):
            decide(review, chosen)
    else:
        assert decide(review, chosen).lines.filter(passing=True).count() == len(going)


def test_v5_what_was_agreed_in_the_consensus_counts_without_one_reader_too(frozen, calendars):
    review = read(("0.95", "0.8", "0.8"), ("0.84", "0.84", "0.84"), changes=(one_place,))
    first, at = review.applications[0], clock.now()
    harsh = review.readers(first)[0]
    item = rubric_of(first, review.stage).items[0]
    was = harsh.sheet.items[item.key]["score"]
    session = ConsensusSession.objects.create(
        panel=harsh.panel, application=first, starts_at=at, place="一号会议室", convened_at=at,
        convened_by=review.officer, closed_at=at, closed_by=review.officer, conclusion="一致",
    )  # fmt: skip
    before = cut_figures(review.round, review.stage, ranked_table(review.round, review.stage))
    ConsensusChange.objects.create(
        session=session, assignment=harsh, item=item.key, old=was, new="0", reason="核对依据", at=at,
        by=harsh.expert.user, confirmed_at=at,
    )  # fmt: skip
    after = cut_figures(review.round, review.stage, ranked_table(review.round, review.stage))
    changed = next(one for one in after.raw[first.pk] if one.before is not None)
    assert (changed.before, changed.total) == (sheet_total(harsh.sheet), sheet_total(harsh.sheet) - Decimal(was))
    assert after.firmness[first.pk].high < before.firmness[first.pk].high
    # how harsh somebody scores alone is read from what they submitted
    assert after.leaning == before.leaning


def test_the_table_shows_what_a_score_is_made_of_and_whom_it_hangs_on(frozen, calendars, client):
    review = read(("0.95", "0.8", "0.8"), ("0.84", "0.84", "0.84"), changes=(one_place, trimmed))
    table = ranked_table(review.round, review.stage)
    figures = cut_figures(review.round, review.stage, table)
    first = review.applications[0]
    assert sorted(one.total for one in figures.raw[first.pk] if one.dropped) == [800, 950]
    assert {mark for mark, _ in figures.leaning} >= {one.mark for one in figures.raw[first.pk]}
    client.force_login(review.officer)
    page = client.get(reverse("reviews:cut", args=[Panel.objects.get().public_id])).content.decode()
    assert "<del>950</del>" in page
    assert "专家的宽严" in page
    for expert in review.experts:
        assert str(expert) not in page


def test_nothing_of_it_is_shown_before_every_opinion_is_concluded(frozen, calendars, client):
    review = build_review(applications=2, experts=5, edition_text=changed(one_place))
    review.assigned()
    review.conclude(review.applications[0])
    client.force_login(review.officer)
    url = reverse("reviews:cut", args=[Panel.objects.get().public_id])
    before = client.get(url).content.decode()
    assert "全部形成评审意见后显示" in before
    assert "专家的宽严" not in before
    review.conclude(review.applications[1])
    assert "专家的宽严" in client.get(url).content.decode()


def test_the_table_costs_the_same_for_one_name_and_for_three(frozen, calendars):
    review = read("0.8", "0.8", "0.7")
    table = ranked_table(review.round, review.stage)

    def queries(rows) -> int:
        with CaptureQueriesContext(connection) as captured:
            cut_figures(review.round, review.stage, rows)
        return len(captured)

    assert queries(table[:1]) == queries(table) > 0
