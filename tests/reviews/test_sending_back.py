"""退回重议: a list comes back whole and is deliberated again, only where the rulebook knows it (V8, V9)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from applications.models import Application
from applications.moves import StepRefused, move
from applications.pipeline import State
from award_portal.lib import clock
from award_portal.rehearsal.made_up import made_up_upload
from publicity.models import NoticeItem
from publicity.opening import open_publicity
from reviews.deciding import carry_decision
from reviews.models import ListReturn, Meeting, ShortlistEntry
from reviews.ranking import confirm_ranking
from reviews.sending_back import send_list_back

from .meeting_builders import setting
from .test_promoting import SCORES, leave, listed

pytestmark = pytest.mark.django_db

BACK = setting(sends_back=True)


def states(found) -> list[str]:
    return list(Application.objects.filter(round=found.round).order_by("pk").values_list("state", flat=True))


def send(found, **given) -> ListReturn:
    values = {
        "sent_by": "government", "reference": "样政函〔2026〕5号（虚构）", "decided_on": clock.today(),
        "ground": "名单行业分布须再研究。", "proof": found.upload("退回函"), "by": found.officer,
    } | given  # fmt: skip
    return send_list_back(found.round, **values, at=clock.now())


def test_the_list_and_who_was_left_out_are_deliberated_again(frozen, calendars):
    found = listed(frozen, calendars, *SCORES, decision=BACK)
    names = list(Application.objects.filter(round=found.round, state=State.AWARD_PUBLICITY).order_by("pk"))
    open_publicity(
        found.round, kind="award_publicity", applications=names, issuer=found.round.office, by=found.officer,
        at=clock.now(),
    )  # fmt: skip
    leave(found, 0)
    kept = send(found)
    assert states(found) == [State.WITHDRAWN] + [State.DELIBERATION] * 6
    assert [one["tier"] for one in kept.names] == ["main", "main", "nominee", "nominee", "", ""]
    assert not ShortlistEntry.objects.exists()
    assert NoticeItem.objects.filter(struck_because="退回重新审议").count() == 4
    # the minutes of the first meeting stay; a second decides with every place to give
    again = found.meeting()
    confirm_ranking(again, by=found.officer, at=clock.now())
    carry_decision(again, by=found.officer, at=clock.now())
    assert Meeting.objects.filter(round=found.round, state="decided").count() == 2
    tiers = [ShortlistEntry.objects.get(application=one).tier for one in found.applications[1:6]]
    assert tiers == ["main"] * 3 + ["nominee"] * 2


def test_a_scheme_that_says_nothing_takes_no_list_back(frozen, calendars):
    found = listed(frozen, calendars, *SCORES)
    with pytest.raises(StepRefused, match="没有规定建议名单退回"):
        send(found)
    with pytest.raises(StepRefused, match="没有规定建议名单退回"):
        move(found.applications[0].pk, "redeliberate", by=found.officer, at=clock.now())


def test_a_return_has_its_paper_its_reason_and_a_list(frozen, calendars, client):
    found = listed(frozen, calendars, *SCORES, decision=BACK)
    with pytest.raises(StepRefused, match="请上传退回的文件"):
        send(found, proof=None)
    with pytest.raises(StepRefused, match="写明退回的理由"):
        send(found, ground=" ")
    with pytest.raises(StepRefused, match="名单退回由办公室登记"):
        send(found, by=found.members[0])
    with pytest.raises(StepRefused, match="没有退回重新审议的记录"):
        move(found.applications[0].pk, "redeliberate", by=found.officer, at=clock.now())
    client.force_login(found.officer)
    page = reverse("reviews:send_back", args=[found.round.public_id])
    sent = {
        "sent_by": "leading_body", "reference": "第3次会议（样例）", "decided_on": clock.today().isoformat(),
        "ground": "公示中反映较多，重新审议。", "proof": made_up_upload("会议记录"),
    }  # fmt: skip
    assert "请另行召集会议" in client.post(page, sent, follow=True).content.decode()
    assert set(states(found)) == {State.DELIBERATION}
    assert "没有可以退回的建议名单" in client.get(page).content.decode()
