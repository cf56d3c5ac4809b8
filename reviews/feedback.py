"""评审反馈报告 for every applicant reviewed, those who did not go on included (section 8, U11.5–U11.7).

Drafted from the sheets of the concluded stages, edited and confirmed by the panel's leader or the office, released by
the office. It names no expert and shows no score. Bands (得分率区间) are printed only for an applicant whose own way
has ended: told earlier, they would say where a candidate stands while others still decide about it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from applications.applicant_links import ApplicantLink, applicant_links
from applications.corrections import tell_applicant
from applications.desk_rules import DeskRefused
from applications.gates import Blocker
from applications.models import Application
from applications.pipeline import ENDS, REVIEWS
from applications.rules import acts_for, works_in
from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from awards.rulebook import Rubric, RubricItem, Rulebook
from awards.workdays import date_zh
from documents.access import document_reader
from documents.issuing import issue_document
from documents.models import IssuedDocument
from organizations import evidence
from organizations.models import User

from .aggregating import stage_scores
from .models import Assignment, FeedbackReport, PanelMember, PanelOpinion
from .panels import require_office
from .review_papers import about, headed
from .scoring import rubric_of

KIND = "review_feedback"
WORDS = ("strengths", "improvements")
LIMIT, OVERALL_LIMIT = 2000, 3000
# a number of points at the end of a clause; 90分钟 or 三部分 are none
RAW_SCORE = re.compile(r"\d+(?:\.\d+)?\s*分(?=$|[\s，。；、,;)）])", re.MULTILINE)


class StaleFeedback(DeskRefused):
    """The feedback was saved elsewhere since: `theirs` holds the stored text of each field to be written over."""

    def __init__(self, theirs: dict[str, str], version: int) -> None:
        self.theirs, self.version = theirs, version
        super().__init__([Blocker("反馈报告刚在别处保存过。您填写的内容仍在本页，请核对后再保存。")])


@dataclass(frozen=True)
class Part:
    """The items of one rubric, with the stages that were judged by it."""

    rubric: Rubric
    stages: tuple[str, ...]

    def key(self, item: RubricItem) -> str:
        return f"{self.rubric.key}.{item.key}"


def paper_label(book: Rulebook) -> str:
    """What the regulation calls the paper, or its usual name."""
    return book.instrument(KIND) if book.has_instrument(KIND) else "评审反馈报告"


def reviewed(round: Round) -> list[Application]:
    """Everybody a panel gave its opinion on in this round, by number."""
    judged = PanelOpinion.objects.filter(application__round=round).values("application")
    return list(Application.objects.filter(pk__in=judged).with_names().order_by("number", "pk"))


def parts_of(application: Application) -> list[Part]:
    """The rubrics the application was judged by, in the scheme's order; stages of one rubric together."""
    book = application.rulebook
    done = set(PanelOpinion.objects.filter(application=application).values_list("stage", flat=True))
    found: dict[str, Part] = {}
    for state in book.review_states:
        if state in done:
            rubric = rubric_of(application, state)
            before = found[rubric.key].stages if rubric.key in found else ()
            found[rubric.key] = Part(rubric, (*before, state))
    return list(found.values())


def leads(application: Application, user: User) -> bool:
    """Whether this person led the last panel that judged the application."""
    last = PanelOpinion.objects.filter(application=application).select_related("panel__chair").order_by("-pk").first()
    return last is not None and last.panel.chair.user_id == user.pk


def may_write(application: Application, user: User) -> bool:
    return works_in(user, application.round.office) or leads(application, user)


def drafted_items(application: Application) -> dict[str, dict[str, str]]:
    """ "<rubric>.<item>" → the experts' words on it, one a line, in an order that says nothing of who wrote which."""
    found: dict[str, dict[str, list[str]]] = {}
    for part in parts_of(application):
        sheets = [
            one.sheet.items
            for one in Assignment.objects.active().submitted().select_related("sheet")
            .filter(application=application, panel__stage__in=part.stages).order_by("pk")
        ]  # fmt: skip
        for item in part.rubric.items:
            rows = [one.get(item.key, {}) for one in sheets]
            found[part.key(item)] = {word: [row.get(word, "") for row in rows] for word in WORDS}
    return {
        key: {word: "\n".join(_stirred(key, lines)) for word, lines in words.items()} for key, words in found.items()
    }


def _stirred(key: str, lines: Iterable[str]) -> list[str]:
    """Each wording once, sorted by a digest that differs from item to item: no column of one hand runs through."""
    said = {line.strip() for text in lines for line in text.splitlines() if line.strip()}
    return sorted(said, key=lambda line: hashlib.sha256(f"{key}|{line}".encode()).hexdigest())


@transaction.atomic
def draft_feedback(round: Round, *, by: User, at: datetime) -> list[FeedbackReport]:
    """A draft for everybody who was reviewed, has left the panels, and has none; done again it adds nothing."""
    require_office(round, by)
    round = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    started = set(FeedbackReport.objects.of_round(round).values_list("application", flat=True))
    ready = [one for one in reviewed(round) if one.pk not in started and one.state not in REVIEWS]
    return [
        FeedbackReport.objects.create(
            application=one, items=drafted_items(one), drafted_at=at, saved_at=at, saved_by=by
        )
        for one in ready
    ]  # fmt: skip


@transaction.atomic
def save_feedback(
    report: FeedbackReport, *, texts: Mapping[str, str], by: User, at: datetime, version: int | None = None
) -> FeedbackReport:
    """Keep the texts given (`overall`, `strengths-<key>`, `improvements-<key>`); a change has to be confirmed anew."""
    report = _locked(report, by=by)
    stored = texts_of(report)
    if found := _unfit(texts, stored):
        raise DeskRefused(found)
    given = {name: text.replace("\r\n", "\n").strip() for name, text in texts.items()}
    if all(stored[name] == text for name, text in given.items()):
        return report
    if version is not None and version != report.version:
        raise StaleFeedback({name: stored[name] for name in given}, report.version)
    report.overall = given.get("overall", report.overall)
    report.items = {
        key: {word: given.get(f"{word}-{key}", words.get(word, "")) for word in WORDS}
        for key, words in report.items.items()
    }
    report.saved_at, report.saved_by, report.confirmed_at, report.confirmed_by = at, by, None, None
    report.version += 1
    report.save()
    return report


@transaction.atomic
def confirm_feedback(report: FeedbackReport, *, by: User, at: datetime) -> FeedbackReport:
    """The leader or the office says that the text may go out: it names no expert, shows no score, says something."""
    report = _locked(report, by=by)
    if found := text_blockers(report):
        raise DeskRefused(found)
    report.confirmed_at, report.confirmed_by = at, by
    report.save(update_fields=["confirmed_at", "confirmed_by"])
    evidence.record(
        "feedback.confirm", chain=report.application.round.chain, by=by, subject=f"feedback:{report.public_id}", at=at,
        data={"version": report.version},
    )  # fmt: skip
    return report


@transaction.atomic
def release_feedback(
    round: Round, reports: Iterable[FeedbackReport], *, by: User, at: datetime
) -> list[FeedbackReport]:
    """Issue the feedback of those that are named, all or none, and tell each applicant."""
    require_office(round, by)
    round = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    keys = [one.pk for one in reports]
    chosen = list(
        FeedbackReport.objects.of_round(round).filter(pk__in=keys)
        .select_related("application__organization", "application__round__office").order_by("application")
    )  # fmt: skip
    found = [blocker for one in chosen for blocker in release_blockers(one)]
    if not chosen:
        found = [Blocker("请选择要发放的反馈报告。")]
    if found:
        raise DeskRefused(found)
    for one in chosen:
        one.document = _issue(one, by=by, at=at)
        one.released_at, one.released_by = at, by
        one.save(update_fields=["document", "released_at", "released_by"])
        evidence.record(
            "feedback.release", chain=round.chain, by=by, subject=f"feedback:{one.public_id}", at=at,
            data={"document": one.document.number, "sha256": one.document.content_sha256},
        )  # fmt: skip
        tell_applicant(
            one.application, subject=f"{round.title}：{paper_label(rulebook_for(round))}已送达，请查看", at=at
        )
    return chosen


def release_blockers(report: FeedbackReport) -> list[Blocker]:
    """Not before the cut of its last stage is decided, and not before somebody answers for the text."""
    application, name = report.application, report.application.organization
    book = application.rulebook
    if report.released_at:
        return [Blocker(f"{name}的反馈报告已经发放。")]
    found = []
    if application.state in REVIEWS:
        text = f"{name}现处于“{application.state_label}”，本环节结果决定后方可发放。"
        found.append(Blocker(text, book.ground(book.stage(application.state))))
    if report.confirmed_at is None:
        found.append(Blocker(f"{name}的反馈报告尚未确认，请组长或者办公室核对后确认。"))
    return found


def text_blockers(report: FeedbackReport) -> list[Blocker]:
    """What must not stand in the feedback: an expert's name, a raw score; and it must not be empty."""
    texts = texts_of(report)
    whole = "\n".join(texts.values())
    found = []
    if not whole.strip():
        found.append(Blocker("反馈报告没有内容，请填写优势或者改进空间。"))
    members = PanelMember.objects.filter(panel__round=report.application.round_id).select_related("expert__user")
    named = sorted({str(one.expert) for one in members if str(one.expert) in whole})
    if named:
        found.append(Blocker(f"文字中有评审专家姓名（{'、'.join(named)}），请删去后再确认。"))
    if scores := sorted({found.group(0).strip() for found in RAW_SCORE.finditer(whole)}):
        found.append(Blocker(f"文字中有评分（{'、'.join(scores)}），反馈报告不写分数，请改用文字说明。"))
    return found


def texts_of(report: FeedbackReport) -> dict[str, str]:
    """Every text of the report by the name its field has on the page."""
    rows = {f"{word}-{key}": words.get(word, "") for key, words in report.items.items() for word in WORDS}
    return {"overall": report.overall, **rows}


def bands_of(application: Application) -> dict[str, str]:
    """ "<rubric>.<item>" → 得分率区间 of the last stage judged by it; empty while the applicant is under way."""
    if application.state not in ENDS:
        return {}
    found = {}
    for part in parts_of(application):
        for state in part.stages:
            score = stage_scores([application], state).get(application.pk)
            for one in score.items if score else []:
                item = part.rubric.item(one.key)
                found[part.key(item)] = _band(part.rubric, item, float(one.mean / one.points * 100))
    return found


def _band(rubric: Rubric, item: RubricItem, share: float) -> str:
    bands = sorted(rubric.bands_of(item), key=lambda one: one.at_least)
    place = max(number for number, one in enumerate(bands) if one.at_least <= share or number == 0)
    until = bands[place + 1].at_least if place + 1 < len(bands) else 100
    return f"{bands[place].label}（{bands[place].at_least}%–{until}%）"


def content_of(report: FeedbackReport) -> dict[str, Any]:
    """All that the paper and the applicant's page show."""
    application = report.application
    book, bands = application.rulebook, bands_of(application)
    parts = []
    for part in parts_of(application):
        items = [
            {"title": item.title, "band": bands.get(key, ""),
             **{word: report.items.get(key, {}).get(word, "").splitlines() for word in WORDS}}
            for item in part.rubric.items
            if (key := part.key(item))
        ]  # fmt: skip
        said = [one for one in items if one["strengths"] or one["improvements"] or one["band"]]
        stages = "、".join(book.label(one) for one in part.stages)
        parts.append({"title": part.rubric.title, "stages": stages, "rows": said})
    return {
        **about(application), "overall": report.overall, "parts": parts, "banded": bool(bands),
        "result": application.state_label if application.state in ENDS else "",
    }  # fmt: skip


def _issue(report: FeedbackReport, *, by: User, at: datetime) -> IssuedDocument:
    application = report.application
    round = application.round
    title = f"{round.title}{paper_label(rulebook_for(round))}"
    return issue_document(
        KIND, title=title, template=f"{KIND}.html",
        content=headed(round, content_of(report), title=title, at=at), scheme_key=round.scheme.key, chain=round.chain,
        # not "application:…": the recommender reads those, and experts' words may touch a trade secret of the dossier
        subject=f"feedback:{application.public_id}", issuer=round.office, by=by, at=at,
    )  # fmt: skip


def _locked(report: FeedbackReport, *, by: User) -> FeedbackReport:
    """The draft under its application's lock; refused to others, and when it is out."""
    Application.objects.select_for_update(of=("self",)).get(pk=report.application_id)
    report = FeedbackReport.objects.select_related("application__organization", "application__round").get(pk=report.pk)
    if not may_write(report.application, by):
        raise DeskRefused.because("反馈报告由评审组组长或者办公室修改和确认。")
    if report.released_at is not None:
        raise DeskRefused.because(f"反馈报告已于{date_zh(clock.day_of(report.released_at))}发放，不能修改。")
    return report


def _unfit(texts: Mapping[str, str], stored: Mapping[str, str]) -> list[Blocker]:
    found = [Blocker("反馈报告没有这一项，页面可能已过时，请刷新后再办。")] if set(texts) - set(stored) else []
    for name, text in texts.items():
        most = OVERALL_LIMIT if name == "overall" else LIMIT
        if len(text.strip()) > most:
            found.append(Blocker(f"每项不超过{most}字，有一项现为{len(text.strip())}字。"))
    return found


@applicant_links
def feedback_link(application: Application) -> Iterable[ApplicantLink]:
    """The feedback stands on the applicant's overview once it is released, and not a word of it before."""
    report = FeedbackReport.objects.released().filter(application=application).first()
    if report and report.released_at:
        day = date_zh(clock.day_of(report.released_at))
        url = reverse("reviews:own_feedback", args=[application.public_id])
        yield ApplicantLink(paper_label(application.rulebook), url, f"{day}送达")


@document_reader
def applicant_reads_its_feedback(user: User, document: IssuedDocument) -> bool:
    """The applicant alone, beside the office that issued it."""
    if document.kind != KIND:
        return False
    report = FeedbackReport.objects.released().filter(document=document).select_related("application").first()
    return report is not None and acts_for(user, report.application)
