"""The panel's opinion on one application at one stage: drafted, signed by every member, issued (U11.5–U11.7, B14).

Drafting and issuing are the leader's or the office's; a signature is a member's own, under one revision of the words
and one score. Who recused themselves or was replaced does not sign.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from applications.desk_rules import DeskRefused, require_text
from applications.gates import Blocker
from applications.models import Application
from applications.rules import works_in
from award_portal.lib import clock
from awards.parameters import rulebook_for
from organizations import evidence
from organizations.messages import send_message
from organizations.models import User

from .aggregating import ItemScores, StageScore, stage_score
from .consensus import consensus_blockers, current_session
from .discrepancies import flagged_items, leader_of, may_lead
from .late_conflicts import refuse_chair_who_stands_back
from .models import Assignment, Expert, OpinionDraft, OpinionSignature, Panel, PanelOpinion
from .on_record import hearing_blockers
from .panel_places import panel_of
from .pledges import require_pledge
from .review_papers import about, issue_review_paper, opinion_title


def opinion_blockers(application: Application, stage: str) -> list[Blocker]:
    """What still stands before the opinion: readers, sheets, the consensus; never a number from a sheet."""
    book = application.rulebook
    cite, rule = book.ground(book.stage(stage)), book.review(stage)
    if PanelOpinion.objects.filter(application=application, stage=stage).exists():
        return [Blocker("本环节的评审意见已经形成。", cite)]
    assigned = Assignment.objects.of_stage(application, stage)
    count, submitted = assigned.count(), assigned.submitted().count()
    if count < rule.readers_min.value:
        return [
            Blocker(f"评审专家{count}人，不足{rule.readers_min.value}人，请先分配。", book.ground(rule.readers_min))
        ]
    if submitted < count:
        return [Blocker(f"还有{count - submitted}名专家未提交评分表。", cite)]
    panel = panel_of(application, stage)
    if panel is None:
        return [Blocker("尚未组建本申报的评审组。", cite)]
    return [*hearing_blockers(application, stage), *consensus_blockers(application, panel)]


def members_to_sign(panel: Panel, application: Application) -> list[Expert]:
    """Every reader of the application whose sheet counts, and who leads on it."""
    rows = Assignment.objects.of_stage(application, panel.stage).select_related("expert__user").order_by("pk")
    members = {one.expert_id: one.expert for one in rows}
    leader = leader_of(panel, application)
    return list(({leader.pk: leader} | members).values())


def signatures_of(draft: OpinionDraft, score: str) -> dict[int, OpinionSignature]:
    """Expert → the signature that counts: the last under this revision and this score."""
    rows = draft.signatures.filter(revision=draft.revision, score=score).select_related("expert__user").order_by("pk")
    return {one.expert_id: one for one in rows}


def summary_of_sheets(figures: StageScore) -> str:
    """What the sheets say, item by item, for the leader to begin from."""
    parts = []
    for title, lines in (("优势", _said(figures, "strengths")), ("改进空间", _said(figures, "improvements"))):
        if lines:
            parts.append("\n".join([f"{title}：", *lines]))
    return "\n".join(parts)[:5000]


@transaction.atomic
def draft_opinion(application: Application, *, stage: str, text: str, by: User, at: datetime) -> OpinionDraft:
    """Put the words to the members; other words are another revision, and what was signed before counts no more."""
    panel, locked = _lock_concluding(application, stage, by=by)
    text = require_text(text, "评审意见")
    draft = OpinionDraft.objects.select_for_update(of=("self",)).filter(panel=panel, application=locked).first()
    if draft is None:
        draft = OpinionDraft.objects.create(
            panel=panel, application=locked, text=text, drafted_at=at, drafted_by=by, revision=1
        )
    elif draft.text == text and draft.opinion_id is None:
        return draft
    else:
        # an opinion formed of it before is void, or there would be nothing to conclude
        draft.text, draft.revision, draft.drafted_at, draft.drafted_by = text, draft.revision + 1, at, by
        draft.opinion = None
        draft.save()
    _record("opinion.draft", draft, by=by, at=at, data={"revision": draft.revision})
    others = [one.user for one in members_to_sign(panel, locked) if one.user_id != by.pk]
    send_message(
        others,
        subject=f"评审意见请签署：{locked.listed_name}（{panel.stage_label}）",
        url=reverse("reviews:mine"),
        at=at,
    )
    return draft


@transaction.atomic
def sign_opinion(
    draft: OpinionDraft, *, by: User, at: datetime, dissent: str = "", revision: int | None = None
) -> OpinionSignature:
    """A member signs what they read, or signs with a dissent in words; until it is issued they may sign otherwise."""
    application = Application.objects.select_for_update(of=("self",)).get(pk=draft.application_id)
    locked = OpinionDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    panel = Panel.objects.with_round().get(pk=locked.panel_id)
    book = rulebook_for(panel.round)
    cite = book.ground(book.stage(panel.stage))
    member = next((one for one in members_to_sign(panel, application) if one.user_id == by.pk), None)
    if member is None:
        raise DeskRefused.because("评审意见由参加本申报评审的成员本人签署。", cite)
    if found := opinion_blockers(application, panel.stage):
        raise DeskRefused(found)
    if revision is not None and revision != locked.revision:
        raise DeskRefused.because("评审意见已经修改，请重新阅读后签署。您填写的内容仍在本页。", cite)
    if len(dissent.strip()) > 2000:
        raise DeskRefused.because(f"保留意见：最多2000字，现有{len(dissent.strip())}字。")
    signature = OpinionSignature.objects.create(
        draft=locked, expert=member, revision=locked.revision, score=_score_now(application, panel.stage),
        dissent=dissent.strip(), signed_at=at, signed_by=by,
    )  # fmt: skip
    _record("opinion.sign", locked, by=by, at=at, data={"revision": locked.revision, "dissent": bool(dissent.strip())})
    return signature


def unsigned_members(draft: OpinionDraft, application: Application, panel: Panel) -> list[Expert]:
    signed = signatures_of(draft, _score_now(application, panel.stage))
    return [one for one in members_to_sign(panel, application) if one.pk not in signed]


@transaction.atomic
def issue_opinion(application: Application, *, stage: str, by: User, at: datetime) -> PanelOpinion:
    """Issue the 评审意见 as its members signed it, with the figures it rests on and every dissent in its words."""
    panel, locked = _lock_concluding(application, stage, by=by)
    cite = locked.rulebook.ground(locked.rulebook.stage(stage))
    draft = OpinionDraft.objects.select_for_update(of=("self",)).filter(panel=panel, application=locked).first()
    if draft is None:
        raise DeskRefused.because("请先起草评审意见，交成员签署。", cite)
    if waiting := unsigned_members(draft, locked, panel):
        names = "、".join(str(one) for one in waiting)
        raise DeskRefused.because(f"还有{len(waiting)}名成员未签署：{names}。", cite)
    figures = stage_score(locked, stage)
    assert figures is not None
    return _issue(draft, locked, panel, figures, by=by, at=at)


def _lock_concluding(application: Application, stage: str, *, by: User) -> tuple[Panel, Application]:
    locked = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    book = locked.rulebook
    cite = book.ground(book.stage(stage))
    panel = panel_of(locked, stage)
    if panel is not None:
        refuse_chair_who_stands_back(panel, locked, by=by)
    if panel is None or not may_lead(panel, locked, by):
        raise DeskRefused.because("评审意见由评审组组长或者办公室形成。", cite)
    if not works_in(by, panel.round.office):
        require_pledge(leader_of(panel, locked), panel.round)
    if locked.state != stage:
        raise DeskRefused.because(f"该申报现处于“{locked.state_label}”，不能形成本环节的评审意见。", cite)
    if found := opinion_blockers(locked, stage):
        raise DeskRefused(found)
    return panel, locked


def _issue(
    draft: OpinionDraft, application: Application, panel: Panel, figures: StageScore, *, by: User, at: datetime
) -> PanelOpinion:
    book = rulebook_for(panel.round)
    label = book.label(panel.stage)
    flagged = flagged_items(application, panel.stage)
    session = current_session(panel, application) if flagged else None
    consensus = session.conclusion if session else ""
    content = {
        **about(application),
        **_figures_printed(figures, flagged),
        "stage": label,
        "ground": book.ground(book.stage(panel.stage)),
        "text": draft.text,
        "consensus": consensus,
        "chair": str(leader_of(panel, application)),
        "members": _signed(draft, panel, application, str(figures.score)),
    }
    document = issue_review_paper(
        "review_opinion", panel.round, content, title=opinion_title(panel),
        subject=f"review:{application.public_id}", by=by, at=at,
    )  # fmt: skip
    apart = [{"key": one.key, "title": one.title, "spread": str(one.spread)} for one in flagged]
    opinion = PanelOpinion.objects.create(
        application=application, panel=panel, stage=panel.stage, text=draft.text, consensus=consensus,
        score=figures.score, lowest=min(figures.raw), highest=max(figures.raw), total=figures.total, raw=content["raw"],
        discrepancies=apart, signed_by=content["chair"], concluded_at=at, concluded_by=by, document=document,
    )  # fmt: skip
    draft.opinion = opinion
    draft.save(update_fields=["opinion"])
    evidence.record(
        "opinion.conclude", chain=panel.round.chain, by=by, subject=f"application:{application.public_id}", at=at,
        data={"stage": panel.stage, "document": document.number, "discrepancies": [one["key"] for one in apart]},
    )  # fmt: skip
    return opinion


def _figures_printed(figures: StageScore, flagged: list[ItemScores]) -> dict[str, object]:
    apart = {one.key for one in flagged}
    return {
        "score": str(figures.score),
        "total": str(figures.total),
        "raw": [str(one) for one in figures.raw],
        "rows": [
            {"title": one.title, "points": str(one.points), "mean": str(one.mean), "apart": one.key in apart}
            for one in figures.items
        ],
        "strengths": _said(figures, "strengths"),
        "improvements": _said(figures, "improvements"),
    }


def _said(figures: StageScore, name: str) -> list[str]:
    """The experts' words item by item; the same words of two experts stand once."""
    lines = [f"{one.title}：{words}" for one in figures.items for words in getattr(one, name)]
    return list(dict.fromkeys(lines))


def _signed(draft: OpinionDraft, panel: Panel, application: Application, score: str) -> list[dict[str, str]]:
    signed = signatures_of(draft, score)
    return [
        {
            "name": str(one),
            "signed": f"{signed[one.pk].signed_at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}",
            "dissent": signed[one.pk].dissent,
        }
        for one in members_to_sign(panel, application)
    ]


def _score_now(application: Application, stage: str) -> str:
    figures = stage_score(application, stage)
    return str(figures.score) if figures else ""


def _record(verb: str, draft: OpinionDraft, *, by: User, at: datetime, data: dict) -> None:
    evidence.record(
        verb, chain=draft.panel.round.chain, by=by, subject=f"application:{draft.application.public_id}", at=at,
        data={"stage": draft.panel.stage, **data},
    )  # fmt: skip
