from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "reviews"
    verbose_name = "评审与审议"

    def ready(self) -> None:
        from . import (  # noqa: F401
            approving,
            deciding,
            expert_sanctions,
            feedback,
            granting,
            group_parents,
            late_conflicts,
            meeting_desks,
            moments,
            outcome_notices,
            panel_desks,
            panel_gates,
            pledges,
            promoting,
            review_notices,
            review_papers,
            sending_back,
            session_desks,
        )
