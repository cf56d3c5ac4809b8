"""A letter of authorisation: whoever sent it is told what the office made of it."""

from __future__ import annotations

import pytest

from award_portal.lib import clock
from organizations.claims import decide_claim
from organizations.models import InboxMessage
from organizations.outbox import deliver_quick
from tests.factories import make_claim, make_organization, make_unit, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.mark.parametrize(("verified", "subject", "way"), [
    (True, "授权书已核验通过", "可以在申报通知中开始申报"),
    (False, "授权书未予通过", "请补充或者更正后重新提交"),
])  # fmt: skip
def test_who_sent_a_letter_is_told_the_outcome_with_its_reason(verified, subject, way):
    user, officer = make_user(), make_user(make_unit("office"))
    organization = make_organization()
    make_claim(organization, user=user, state="pending")
    claim = user.claims.get()
    decide_claim(claim, verified=verified, reason="印章核对情况", by=officer, at=clock.now())
    assert not InboxMessage.objects.exists(), "a message comes with the delivery, after the commit"
    deliver_quick(clock.now())
    told = InboxMessage.objects.get()
    assert (told.user, told.subject) == (user, subject)
    assert str(organization) in told.body
    assert way in told.body
    assert "核验意见：印章核对情况" in told.body
