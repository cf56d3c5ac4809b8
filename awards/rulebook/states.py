"""The words a rulebook may use for the pipeline: the same names as `applications/pipeline.py`, higher up."""

from typing import Literal, get_args

StageState = Literal[
    "self_publicity",
    "recommendation_review",
    "recommendation_publicity",
    "recommendation",
    "qualification",
    "acceptance_publicity",
    "document_review",
    "defense",
    "onsite_review",
    "public_comment",
    "deliberation",
    "award_publicity",
    "approval",
]
STAGE_STATES: tuple[str, ...] = get_args(StageState)

PUBLICITY_STATES = frozenset(
    {"self_publicity", "recommendation_publicity", "acceptance_publicity", "public_comment", "award_publicity"}
)
REVIEW_STATES = frozenset({"document_review", "defense", "onsite_review"})

# Before the first stage, and beside the line.
SIDE_STATES = ("draft", "correction")

END_STATES = (
    "awarded",
    "withdrawn",
    "not_recommended",
    "not_accepted",
    "eliminated",
    "not_selected",
    "not_approved",
    "disqualified",
)

ROLES = (
    "applicant",
    "recommender",
    "office",
    "expert",
    "leading_body",
    "government",
    "consulted",
    "supervisor",
    "administrator",
)

INSTRUMENTS = (
    "call",
    "application_form",
    "self_publicity_statement",
    "recommendation_notice",
    "recommendation_opinion",
    "recommendation_summary",
    "declined_notice",
    "correction_notice",
    "consultation_letter",
    "rejection_notice",
    "acceptance_notice",
    "review_opinion",
    "not_advanced_notice",
    "review_report",
    "review_feedback",
    "ballot_paper",
    "tally_sheet",
    "meeting_minutes",
    "award_notice",
    "approval_request",
    "commendation",
    "certificate",
    "plaque",
    "objection_receipt",
    "objection_forwarding",
    "objection_acceptance",
    "objection_completion",
    "objection_refusal",
    "objection_extension",
    "objection_handover",
    "objection_outcome",
    "objection_finding",
    "objection_reply",
    "disqualification_notice",
    "revocation",
    "consent_letter",
    "resolution_record",
    "ranking_record",
    "bonus_allocation",
    "consultation_summary",
    "intake_register",
    "review_plan",
    "public_comment_notice",
    "correction_of_notice",
    "extension_notice",
    "list_change_notice",
    "body_decision",
    "cancellation_request",
    "recommender_report",
    "investigation_report",
)

# Where two of these both stand in a scheme, the first must come before the second, whatever the rest of the order.
ORDER = (
    ("self_publicity", "recommendation_review"),
    ("recommendation_review", "recommendation_publicity"),
    ("recommendation_review", "recommendation"),
    ("recommendation_publicity", "recommendation"),
    ("recommendation", "qualification"),
    ("qualification", "acceptance_publicity"),
    ("qualification", "document_review"),
    ("acceptance_publicity", "document_review"),
    ("document_review", "deliberation"),
    ("defense", "deliberation"),
    ("onsite_review", "deliberation"),
    ("public_comment", "deliberation"),
    ("deliberation", "award_publicity"),
    ("deliberation", "approval"),
)

REQUIRED_STAGES = (
    "recommendation_review",
    "recommendation",
    "qualification",
    "deliberation",
    "award_publicity",
    "approval",
)
