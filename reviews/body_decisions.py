"""The leading body decides on one name of its list after the list was made: recorded as it was held (B16, V8).

A meeting or a circulated paper, who was there, the hands, the signed record: quorum and majority are those of the
deliberation itself. What the decision brings about is done by who asked for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max

from applications.desk_rules import DeskRefused
from applications.duty_guards import is_barred_from
from applications.gates import Blocker
from applications.models import Application
from applications.pipeline import State
from applications.rules import works_for, works_in
from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from awards.rulebook import share
from awards.workdays import date_zh
from organizations import evidence
from organizations.models import StoredFile, UnitKind, User

from .meetings import electorate_of
from .models import BodyDecision, ShortlistEntry
from .review_papers import about, issue_review_paper
from .tallying import carries, is_quorate

KIND = "body_decision"


@dataclass(frozen=True)
class Held:
    """How a decision was taken, as its signed record says."""

    form: str
    name: str
    held_on: date
    present: int
    votes_for: int
    votes_against: int
    votes_abstain: int
    recused: int = 0


@transaction.atomic
def record_body_decision(
    application: Application, *, kind: str, held: Held, ground: str, cite: str, proof: StoredFile | None, by: User,
    at: datetime,
) -> BodyDecision:  # fmt: skip
    """Record a decision of the leading body on one name, carried or not, and issue it as a paper.

    `cite` is the article it rests on. Raises DeskRefused, and then nothing was recorded.
    """
    round = Round.objects.select_for_update(of=("self",)).get(pk=application.round_id)
    application = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    electorate = len(electorate_of(round))
    refused = held_refusals(round, application, held=held, by=by, at=at)
    if not ground.strip():
        refused.append(Blocker("请写明事实和理由。", cite))
    if proof is None:
        refused.append(Blocker("请上传签字的会议记录或者书面意见汇总表。", cite))
    if refused or proof is None:
        raise DeskRefused(refused)
    book = rulebook_for(round)
    base = held.present - held.recused
    decision = BodyDecision.objects.create(
        round=round, application=application, kind=kind, form=held.form, name=held.name.strip()[:120],
        held_on=held.held_on, electorate=electorate, present=held.present, recused=held.recused,
        votes_for=held.votes_for, votes_against=held.votes_against, votes_abstain=held.votes_abstain,
        is_carried=carries(held.votes_for, base, majority=share(book.decision.majority.value)),
        ground=ground.strip()[:1000], cite=cite[:300], proof=proof, recorded_at=at, recorded_by=by,
    )  # fmt: skip
    decision.document = _issue(decision, by=by, at=at)
    decision.save(update_fields=["document"])
    evidence.record(
        "body_decision.record", chain=round.chain, by=by, subject=f"body_decision:{decision.public_id}", at=at,
        data={
            "kind": kind, "application": str(application.public_id), "carried": decision.is_carried,
            "for": held.votes_for, "against": held.votes_against, "abstain": held.votes_abstain,
            "proof": proof.sha256,
        },
    )  # fmt: skip
    return decision


def held_refusals(
    round: Round, application: Application, *, held: Held, by: User, at: datetime
) -> list[Blocker]:  # fmt: skip
    """Why a decision cannot have been taken as it is told; pages ask it before they record."""
    book = rulebook_for(round)
    body = book.bodies.leading_body
    own = works_in(by, round.office) or works_for(by, round.scheme.key, UnitKind.LEADING_BODY)
    if not own or is_barred_from(by, round):
        return [
            Blocker(f"{body.short}的决定由{book.role('office')}登记。", book.ground(book.stage(State.DELIBERATION)))
        ]
    found = []
    if held.form not in BodyDecision.Form.values:
        found.append(Blocker("请选择决定的形式。"))
    if not held.name.strip():
        found.append(Blocker("请填写会议名称或者文件编号。"))
    if held.held_on > clock.day_of(at):
        found.append(Blocker("决定日期不能晚于今天。"))
    listed = ShortlistEntry.objects.filter(application__round=round).aggregate(last=Max("meeting__held_on"))["last"]
    if listed and held.held_on < listed:
        found.append(Blocker(f"决定日期不能早于名单确定的会议日期（{date_zh(listed)}）。"))
    return found + _count_refusals(round, held)


def _count_refusals(round: Round, held: Held) -> list[Blocker]:
    """The quorum was there, and the hands are those of the members present who did not step aside."""
    book, electorate = rulebook_for(round), len(electorate_of(round))
    rule, found = book.decision, []
    if min(held.present, held.recused, held.votes_for, held.votes_against, held.votes_abstain) < 0:
        return [Blocker("人数和票数不能为负数。")]
    if held.present > electorate:
        found.append(Blocker(f"实到{held.present}人，超过应到{electorate}人。"))
    elif not is_quorate(held.present, electorate, quorum=share(rule.quorum.value)):
        text = f"应到{electorate}人，实到{held.present}人，未达到应到成员的{rule.quorum.value}，不能表决。"
        found.append(Blocker(text, book.ground(rule.quorum)))
    base, total = held.present - held.recused, held.votes_for + held.votes_against + held.votes_abstain
    if base != total:
        text = f"同意、不同意、弃权合计应为{base}人（到会且未回避的成员），现为{total}人。"
        found.append(Blocker(text, book.ground(rule.majority)))
    return found


def _issue(decision: BodyDecision, *, by: User, at: datetime):
    round, application = decision.round, decision.application
    book = rulebook_for(round)
    body = book.bodies.leading_body
    title = f"{body.short}关于{decision.get_kind_display()}的决定"
    if book.has_instrument(KIND):
        title = book.instrument(KIND)
    content = {
        **about(application),
        "issuer": body.name,
        "kind": decision.kind,
        "kind_zh": decision.get_kind_display(),
        "form_zh": decision.get_form_display(),
        "name_of": decision.name,
        "held_on": date_zh(decision.held_on),
        "electorate": decision.electorate,
        "present": decision.present,
        "recused": decision.recused,
        "votes": [decision.votes_for, decision.votes_against, decision.votes_abstain],
        "majority": book.decision.majority.value,
        "is_carried": decision.is_carried,
        "ground": decision.ground,
        "cite": decision.cite,
    }
    return issue_review_paper(
        KIND, round, content, title=title, subject=f"body_decision:{decision.public_id}", by=by, at=at
    )
