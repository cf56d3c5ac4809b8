"""A name leaves the list after it was made: the body's decision on it, and whether the next in order moves up (B16)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from applications.models import Application, Step
from applications.moves import StepRefused, move
from applications.pipeline import State
from award_portal.lib import clock
from award_portal.rehearsal.made_up import made_up_upload
from publicity.awaiting import names_awaiting
from publicity.opening import open_publicity
from reviews.body_decisions import Held, record_body_decision
from reviews.deciding import carry_decision
from reviews.models import BodyDecision, ShortlistEntry
from reviews.promoting import freed_places, next_in_order, promote_next
from reviews.ranking import confirm_ranking
from tests.factories import make_user

from .meeting_builders import build_deliberation, edition_with, setting

pytestmark = pytest.mark.django_db

LETS = setting(promotes_next=True)


def listed(frozen, calendars, *scores, decision=LETS):
    """Five members; the highest scores are on the list, the first of them then leaves the round."""
    found = build_deliberation(members=5, scores=scores, edition_text=edition_with("rank", decision=decision))
    meeting = found.meeting()
    confirm_ranking(meeting, by=found.officer, at=clock.now())
    carry_decision(meeting, by=found.officer, at=clock.now())
    return found


def leave(found, place: int) -> ShortlistEntry:
    one = found.applications[place]
    move(one.pk, "withdraw", by=one.created_by, at=clock.now(), ground="自愿撤回")
    return ShortlistEntry.objects.get(application=one)


def held(present: int = 5, votes: tuple[int, int, int] = (5, 0, 0), **given) -> Held:
    values = {"form": "meeting", "name": "领导小组第2次会议（样例）", "held_on": clock.today()} | given
    return Held(**values, present=present, votes_for=votes[0], votes_against=votes[1], votes_abstain=votes[2])


def promote(found, freed, place: int, how: Held | None = None, **given) -> BodyDecision:
    values = {"ground": "首位撤回，依次递补。", "proof": found.upload("会议纪要"), "by": found.officer} | given
    one = Application.objects.get(pk=found.applications[place].pk)
    return promote_next(freed, one, held=how or held(), at=clock.now(), **values)


SCORES = ("90", "85", "80", "75", "70", "65", "64")


def test_section_7_a_place_that_falls_free_stays_vacant_by_default(frozen, calendars):
    found = listed(frozen, calendars, *SCORES, decision=setting(promotes_next=False))
    freed = leave(found, 0)
    assert [one.pk for one in freed_places(found.round)] == [freed.pk]
    with pytest.raises(StepRefused, match="名额空缺不递补"):
        promote(found, freed, 5)
    assert BodyDecision.objects.count() == 0


def test_section_7_where_it_is_allowed_the_next_in_order_moves_up_on_a_new_decision_and_a_new_publicity(
    frozen, calendars
):
    found = listed(frozen, calendars, *SCORES)
    freed = leave(found, 0)
    assert [one.pk for one in next_in_order(freed)] == [found.applications[5].pk]
    with pytest.raises(StepRefused, match="综合得分最高的可以递补"):
        promote(found, freed, 6)
    decision = promote(found, freed, 5)
    one = Application.objects.get(pk=found.applications[5].pk)
    assert (decision.is_carried, decision.electorate, one.state) == (True, 5, State.AWARD_PUBLICITY)
    assert one.shortlist_entry.tier == "main"
    assert Step.objects.get(application=one, step="promote").facts["tier_name"] == "质量奖"
    assert "递补列入建议名单" in decision.document.content["kind_zh"]
    assert freed_places(found.round) == []
    # it waits for a list of its own, like the others did
    assert one in names_awaiting([found.round.office])
    notice = open_publicity(
        found.round, kind="award_publicity", applications=[one], issuer=found.round.office, by=found.officer,
        at=clock.now(),
    )  # fmt: skip
    assert notice.items.get().tier_name == "质量奖"
    with pytest.raises(StepRefused, match="没有空出"):
        promote(found, freed, 6)


def test_the_door_lets_nobody_up_without_the_decision(frozen, calendars):
    found = listed(frozen, calendars, *SCORES)
    leave(found, 0)
    with pytest.raises(StepRefused, match="尚未作出递补的决定"):
        move(found.applications[5].pk, "promote", by=found.officer, at=clock.now())


def test_equal_scores_are_the_bodys_choice(frozen, calendars):
    found = listed(frozen, calendars, *SCORES[:6], "65")
    freed = leave(found, 0)
    assert {one.pk for one in next_in_order(freed)} == {one.pk for one in found.applications[5:7]}
    assert promote(found, freed, 6).is_carried


def test_a_vote_that_does_not_carry_is_on_record_and_the_place_stays_vacant(frozen, calendars):
    found = listed(frozen, calendars, *SCORES)
    freed = leave(found, 0)
    decision = promote(found, freed, 5, held(votes=(2, 3, 0)))
    assert not decision.is_carried
    assert Application.objects.get(pk=found.applications[5].pk).state == State.NOT_SELECTED
    assert len(freed_places(found.round)) == 1


def test_v8_quorum_hands_record_and_days_are_those_of_a_deliberation(frozen, calendars):
    found = listed(frozen, calendars, *SCORES)
    one = Application.objects.get(pk=found.applications[0].pk)

    def decide(how: Held, **given):
        values = {"ground": "查证属实。", "proof": found.upload("会议纪要"), "by": found.officer} | given
        record_body_decision(one, kind="cancel", held=how, cite="第十六条", at=clock.now(), **values)

    tomorrow = clock.today() + timedelta(days=1)
    for how, said in (
        (held(3, (3, 0, 0)), "未达到应到成员的2/3"),
        (held(5, (3, 0, 0)), "合计应为5人"),
        (held(6, (6, 0, 0)), "超过应到5人"),
        (held(-1, (0, 0, -1)), "不能为负数"),
        (held(held_on=tomorrow), "不能晚于今天"),
        (held(held_on=clock.today() - timedelta(days=1)), "不能早于名单确定"),
        (held(form="chat"), "请选择决定的形式"),
        (held(name=" "), "请填写会议名称"),
    ):
        with pytest.raises(StepRefused, match=said):
            decide(how)
    for given, said in (
        ({"ground": " "}, "请写明事实和理由"),
        ({"proof": None}, "请上传签字的会议记录"),
        ({"by": make_user()}, "的决定由办公室登记"),
    ):
        with pytest.raises(StepRefused, match=said):
            decide(held(), **given)
    assert BodyDecision.objects.count() == 0
    decide(held(5, (4, 0, 0), recused=1))
    assert BodyDecision.objects.get().recused == 1


def test_the_page_says_who_is_next_and_takes_the_decision(frozen, calendars, client):
    found = listed(frozen, calendars, *SCORES)
    gone, following = leave(found, 0).application, found.applications[5]
    client.force_login(found.officer)
    page = reverse("reviews:list_places", args=[found.round.public_id])
    assert "登记递补决定" in client.get(page).content.decode()
    form = reverse("reviews:promote", args=[found.round.public_id, gone.public_id])
    assert following.organization.name in client.get(form).content.decode()
    sent = {
        "form": "meeting", "name": "第2次会议（样例）", "held_on": clock.today().isoformat(), "present": 5,
        "recused": 0, "votes_for": 4, "votes_against": 0, "votes_abstain": 0, "ground": "依次递补。",
    }  # fmt: skip
    assert "请选择递补的名称" in client.post(form, sent | {"proof": made_up_upload("记录")}).content.decode()
    sent["who"] = str(following.public_id)
    assert "合计应为5人" in client.post(form, sent | {"proof": made_up_upload("记录")}).content.decode()
    done = client.post(form, sent | {"votes_for": 5, "proof": made_up_upload("记录")}, follow=True)
    assert "递补的名称请另行公示" in done.content.decode()
    assert Application.objects.get(pk=following.pk).state == State.AWARD_PUBLICITY
    client.force_login(found.members[0])
    assert "递补列入建议名单" in client.get(page).content.decode()
    client.force_login(make_user())
    assert client.get(page).status_code == 404
