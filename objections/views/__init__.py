"""The pages of objections, one file a desk."""

from .cancelling import cancellation
from .cases import act, case, cases
from .experts import expert_inquiries, expert_inquiry, order_expert
from .explanations import explain, explanations
from .filing import file, tell_situation
from .identity import identity, openings, paper
from .investigation import evidence_paper, question_paper
from .outstanding import outstanding
from .receipt import letter, receipt, reply_paper, situation_receipt
from .situations import situation, situation_contact, situation_file, situations

__all__ = [
    "act", "cancellation", "case", "cases", "evidence_paper", "expert_inquiries", "expert_inquiry", "explain",
    "explanations", "file", "identity", "letter", "openings", "order_expert", "outstanding", "paper", "question_paper",
    "receipt", "reply_paper", "situation", "situation_contact", "situation_file", "situation_receipt", "situations",
    "tell_situation",
]  # fmt: skip
