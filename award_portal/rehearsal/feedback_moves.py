"""What those who were reviewed are told, and what the office keeps of the experts' work, as people play it."""

from __future__ import annotations

from applications.models import Application
from applications.pipeline import ENDS
from award_portal.lib import clock
from reviews import experts, feedback
from reviews.models import ExpertUseNote, FeedbackReport, Panel, PanelOpinion
from reviews.panels import current_members

from .opening_moves import Player

OVERALL = "质量管理基础扎实，领导重视，员工参与度高；建议持续收集同行业标杆数据，完善结果的对比分析。（虚构）"


def tell_the_reviewed(player: Player) -> None:
    """The office drafts for everybody who has left the panels; whose way has ended gets it, confirmed by the leader."""
    officer = player.world.officer
    feedback.draft_feedback(player.round, by=officer, at=clock.now())
    waiting = FeedbackReport.objects.of_round(player.round).filter(released_at=None, application__state__in=ENDS)
    ready = [
        confirm_as_leader(one) for one in waiting.select_related("application__round__office").order_by("application")
    ]
    if ready:
        feedback.release_feedback(player.round, ready, by=officer, at=clock.now())


def confirm_as_leader(report: FeedbackReport) -> FeedbackReport:
    """The leader of the last panel writes what holds for the whole, and answers for the text."""
    leader = last_panel(report.application).chair.user
    feedback.save_feedback(report, texts={"overall": OVERALL}, by=leader, at=clock.now(), version=report.version)
    return feedback.confirm_feedback(report, by=leader, at=clock.now())


def last_panel(application: Application) -> Panel:
    return (
        PanelOpinion.objects.filter(application=application)
        .select_related("panel__chair__user")
        .order_by("-pk")[0]
        .panel
    )


def note_use_of_experts(player: Player) -> None:
    """The office notes how the members of the last panel worked (U7.4)."""
    panel = Panel.objects.filter(round=player.round).order_by("-pk").first()
    if panel is None:
        return
    for member in panel.members.filter(expert__in=current_members(panel)).select_related("expert").order_by("pk"):
        experts.note_use(
            member, quality=ExpertUseNote.Quality.GOOD, note="按时提交，意见具体。（虚构）", by=player.world.officer,
            at=clock.now(),
        )  # fmt: skip
