"""The pages of objections, one file a desk."""

from .cancelling import cancellation
from .cases import act, case, cases
from .experts import expert_inquiries, expert_inquiry, order_expert
from .explanations import explain, explanations
from .filing import file
from .identity import identity, openings, paper
from .investigation import evidence_paper, question_paper
from .outstanding import outstanding
from .receipt import receipt, reply_paper

__all__ = [
    "act", "cancellation", "case", "cases", "evidence_paper", "expert_inquiries", "expert_inquiry", "explain",
    "explanations", "file", "identity", "openings", "order_expert", "outstanding", "paper", "question_paper",
    "receipt", "reply_paper",
]  # fmt: skip
