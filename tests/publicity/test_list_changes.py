"""A name put out of the round leaves its list openly; the list runs again where the rulebook says so (R12)."""

from __future__ import annotations

import pytest

from applications.models import Application
from applications.moves import StepRefused, move
from awards.models import Round
from publicity.closing import close_due
from publicity.list_changes import notices_to_change, publish_list_change
from publicity.models import Notice, NoticeItem
from publicity.opening import PublicityRefused
from tests.changed_schemes import Data, changed, stage

from .builders import at, make_lists

BECAUSE = "经查证不符合申报条件的禁止性规定。"


def runs_again(data: Data) -> None:
    """A list changed in its publicity is published again."""
    rule = {"value": True, "assumed": "名单有变更的，其余名单重新公示"}
    stage(data, "acceptance_publicity")["publicity"]["rerun_after_change"] = rule


def strike(name: Application, *, at) -> None:
    """Put out of the round, as an upheld objection does."""
    Application.objects.filter(pk=name.pk).update(state="disqualified")
    NoticeItem.objects.filter(application=name).update(struck_at=at, struck_because="取消参评资格")


def announce(lists, notice, **given) -> Notice:
    return publish_list_change(notice, **{"because": BECAUSE, "by": lists.officer, "at": at(3, 4)} | given)


def test_r12_the_change_is_announced_once_with_its_ground_and_the_old_list_stays(lists):
    gone, stays = lists.name(), lists.name()
    notice = lists.publish(gone, stays, at=at(3, 2))
    rounds = Round.objects.filter(pk=lists.round.pk)
    assert not notices_to_change(rounds).exists()
    strike(gone, at=at(3, 3))
    assert list(notices_to_change(rounds)) == [notice]
    change = announce(lists, notice)
    assert (change.kind, change.amends) == ("list_change", notice)
    assert f"移出名单：{gone.listed_name}（取消参评资格，2026年3月3日）" in change.body
    assert BECAUSE in change.body
    assert change.document.is_public
    assert not notices_to_change(rounds).exists()
    with pytest.raises(PublicityRefused, match="没有尚未公告的变更"):
        announce(lists, notice)
    # by default the list runs on without the name, to its own last day
    notice.refresh_from_db()
    assert notice.closed_at is None
    close_due(at(3, 10, 1))
    assert Application.objects.get(pk=stays.pk).state == "document_review"


def test_r12_a_changed_list_that_must_run_again_does_not_close_before_it_did(frozen, calendars):
    lists = make_lists(changed(runs_again))
    gone, stays = lists.name(), lists.name()
    notice = lists.publish(gone, stays, at=at(3, 2))
    strike(gone, at=at(3, 3))
    close_due(at(3, 10, 1))
    with pytest.raises(StepRefused, match=r"须发布名单变更公告并重新公示.*办公室设定"):
        move(stays.pk, "close_publicity", by=None, at=at(3, 10, 1))
    change = announce(lists, notice, at=at(3, 11))
    again = Notice.objects.get(kind="acceptance_publicity", published_at=at(3, 11))
    assert [one.application for one in again.items.all()] == [stays]
    assert "重新公示" in change.body
    assert close_due(at(3, 18)) == 0
    close_due(at(3, 19, 1))
    assert Application.objects.get(pk=stays.pk).state == "document_review"


def test_only_the_issuer_announces_and_says_why(lists):
    gone = lists.name()
    notice = lists.publish(gone, at=at(3, 2))
    strike(gone, at=at(3, 3))
    with pytest.raises(PublicityRefused, match="由发布单位办理"):
        announce(lists, notice, by=lists.clerk)
    with pytest.raises(PublicityRefused, match="请写明名单变更的依据和理由"):
        announce(lists, notice, because=" ")


def test_the_page_names_who_left_before_it_publishes(lists, client):
    gone = lists.name()
    notice = lists.publish(gone, at=at(3, 2))
    client.force_login(lists.officer)
    assert "发布名单变更公告" not in client.get(notice.get_absolute_url()).content.decode()
    strike(gone, at=at(3, 2, 10))
    assert "发布名单变更公告" in client.get(notice.get_absolute_url()).content.decode()
    address = f"{notice.get_absolute_url()}change/"
    assert gone.listed_name in client.get(address).content.decode()
    assert "请写明名单变更" in client.post(address, {"because": ""}).content.decode()
    sent = client.post(address, {"because": BECAUSE}, follow=True)
    assert "名单变更公告已发布" in sent.content.decode()
