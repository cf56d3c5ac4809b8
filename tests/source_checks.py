"""The house rules of DESIGN sections 1, 3 and 4 as checkers: each reads the text of one file and says what it found.

`tests/test_architecture.py` runs them over the rooms, and over source that breaks each rule.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from applications.models import Application
from applications.pipeline import steps_of

ROOT = Path(settings.BASE_DIR)
# from the bottom up: a room knows those before it
ROOMS = (
    "organizations", "documents", "awards", "applications", "publicity", "reviews", "objections", "supervision",
)  # fmt: skip
Findings = list[str]

# -- what is allowed, and why ------------------------------------------------------------------------------------------

# Reverse names across rooms. Each serves the querysets of the room that owns the key and of those above it; that no
# lower room reaches up through one is tested below, which is what "+" is for.
REVERSE_NAMES = {
    "applications.Application.round": "applications",
    "applications.Application.organization": "applications",
    "applications.Consultation.round": "consultations",
    "publicity.Notice.round": "notices",
    "publicity.NoticeItem.application": "notice_items",
    "reviews.Meeting.round": "meetings",
    "reviews.ShortlistEntry.application": "shortlist_entry",
    "reviews.Approval.round": "approvals",
    "reviews.Panel.round": "panels",
    "reviews.PanelOpinion.application": "panel_opinions",
}

# (file, what it assigns to) → whose state that is. An application's is in none of them.
OTHER_STATES = {
    ("organizations/claims.py", "claim"): "organizations.Claim",
    ("reviews/criteria.py", "version"): "reviews.CriteriaVersion",
    ("reviews/expert_sanctions.py", "locked"): "reviews.Expert",
    ("reviews/invitations.py", "locked"): "reviews.Invitation",
    ("reviews/leaving.py", "locked"): "reviews.Invitation",
    ("reviews/recusal.py", "locked"): "reviews.Recusal",
    ("reviews/recusal.py", "recusal"): "reviews.Recusal",
    ("reviews/reopening.py", "locked"): "reviews.SheetReopening",
    ("reviews/meetings.py", "meeting"): "reviews.Meeting",
    ("reviews/annulling.py", "ballot"): "reviews.Ballot",
    ("reviews/ballots.py", "ballot"): "reviews.Ballot",
    ("reviews/deputies.py", "deputy"): "reviews.Deputy",
    ("reviews/paper_ballots.py", "ballot"): "reviews.Ballot",
    ("reviews/roll_calls.py", "ballot"): "reviews.Ballot",
    ("reviews/deciding.py", "meeting"): "reviews.Meeting",
    ("supervision/reissuing.py", "reissue"): "supervision.CertificateReissue",
    ("supervision/spending.py", "use"): "supervision.BonusUse",
    ("supervision/yearly_reports.py", "report"): "supervision.YearlyReport",
    ("supervision/revoking.py", "award"): "awards.Award",
}
# the doors: the only files that call a transition of their pipeline
DOORS = {
    "applications/moves.py", "objections/handling.py", "objections/investigating.py", "objections/outcomes.py",
    "objections/completing.py", "objections/filing.py", "objections/merging.py", "supervision/case_door.py",
    "supervision/discipline.py",
}  # fmt: skip

# A lock that reads no other table may leave `of` out: the model has no select_related path.
PLAIN_LOCKS = {"organizations/once.py", "organizations/outbox.py"}
JUNK_NAMES = {"utils", "util", "helpers", "common", "misc", "services", "service", "manager", "managers", "tools"}
LONG_FILE = 450
# templates that become PDFs: the renderer fetches nothing, so the style stands in the page
PAPERS = ("documents/", "applications/applicant/compiled/")


# -- reading the source ------------------------------------------------------------------------------------------------


def sources(*folders: str, suffix: str = ".py") -> Iterator[tuple[str, str]]:
    """Every file of the folders as (path from the root, text), migrations left out."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob(f"*{suffix}")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")


def dotted(node: ast.AST) -> str:
    """`a.b.c` of an expression; calls and subscripts are read through: `A.objects.filter(…).update` too."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            return f"{dotted(value)}.{attr}"
        case ast.Call(func=func):
            return dotted(func)
        case ast.Subscript(value=value):
            return dotted(value)
    return "?"


def calls_in(text: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))


def imports_in(text: str) -> Iterator[tuple[int, str]]:
    """Every module imported, inline and under TYPE_CHECKING too."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, one.name) for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.lineno, f"{node.module}.{one.name}") for one in node.names)


# -- the checkers ------------------------------------------------------------------------------------------------------


def upward_imports(path: str, text: str) -> Findings:
    """A room imports only those below it; `award_portal.lib` imports none."""
    room = path.split("/")[0]
    lower = ROOMS[: ROOMS.index(room)] if room in ROOMS else ()
    higher = set(ROOMS) - {room, *lower}
    return [f"{path}:{line} imports {name}" for line, name in imports_in(text) if name.split(".")[0] in higher]


def upward_reaches(path: str, text: str) -> Findings:
    """No room reads a reverse name of a key that a higher room owns: an import in disguise."""
    room = path.split("/")[0]
    found = []
    for key, name in REVERSE_NAMES.items():
        if ROOMS.index(room) >= ROOMS.index(key.split(".")[0]):
            continue
        for node in ast.walk(ast.parse(text)):
            match node:
                case ast.Attribute(attr=attr) if attr == name:
                    found.append(f"{path}:{node.lineno} reaches up by .{name}")
                case ast.keyword(arg=str(arg)) if arg.split("__")[0] == name and "__" in arg:
                    found.append(f"{path}:{node.value.lineno} reaches up by {arg}")
    return found


def state_writes(path: str, text: str) -> Findings:
    """Nothing but the door changes an application's state: no assignment, no update, no transition called."""
    steps, found = set(steps_of(Application)), []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            flat = [one for target in targets for one in ast.walk(target) if isinstance(one, ast.Attribute)]
            for one in flat:
                if one.attr == "state" and (path, dotted(one.value)) not in OTHER_STATES:
                    found.append(f"{path}:{node.lineno} assigns {dotted(one)}")
        if not isinstance(node, ast.Call) or path in DOORS:
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else dotted(node.func)
        keywords = {one.arg for one in node.keywords}
        strings = {one.value for arg in node.args for one in ast.walk(arg) if isinstance(one, ast.Constant)}
        if name in ("update", "update_or_create") and "state" in keywords:
            found.append(f"{path}:{node.lineno} updates state")
        elif name in ("bulk_update", "setattr", "__setattr__") and "state" in strings:
            found.append(f"{path}:{node.lineno} writes state by {name}")
        elif (
            name in ("create", "get_or_create") and "state" in keywords and dotted(node.func).startswith("Application.")
        ):
            found.append(f"{path}:{node.lineno} creates an application in a state of its choice")
        elif isinstance(node.func, ast.Attribute) and name in steps and not node.args and not node.keywords:
            found.append(f"{path}:{node.lineno} calls the transition {name}()")
        elif isinstance(node.func, ast.Call) and dotted(node.func) == "getattr" and dotted(node.func.args[0]) != "self":
            found.append(f"{path}:{node.lineno} calls a method by a computed name")
    return found


CLOCKS = re.compile(r"(^|\.)(timezone\.now|timezone\.localtime|timezone\.localdate|datetime\.(now|utcnow|today)|"
                    r"date\.today|time\.(time|time_ns)|functions\.Now)$|^Now$")  # fmt: skip


def clock_reads(path: str, text: str) -> Findings:
    """The domain has one clock: `award_portal.lib.clock`."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute | ast.Name) and CLOCKS.search(dotted(node)):
            found.append(f"{path}:{node.lineno} reads {dotted(node)}")
        if isinstance(node, ast.keyword) and node.arg in ("auto_now", "auto_now_add"):
            found.append(f"{path}:{node.value.lineno} {node.arg}")
    return found


def timers_for_law(path: str, text: str) -> Findings:
    """Nothing that matters waits in a queue: due moments stand on rows and a sweep finds them."""
    return [
        f"{path}:{call.lineno} {one.arg}"
        for call in calls_in(text)
        for one in call.keywords
        if one.arg in ("eta", "countdown") and dotted(call.func).rpartition(".")[2] in ("apply_async", "retry")
    ]


def wide_locks(path: str, text: str) -> Findings:
    """A lock names its own table: what is joined is not locked, and is read in later statements."""
    return [
        f"{path}:{call.lineno} select_for_update without of=('self',)"
        for call in calls_in(text)
        if dotted(call.func).endswith("select_for_update")
        and path not in PLAIN_LOCKS
        and not any(one.arg == "of" and ast.unparse(one.value) == "('self',)" for one in call.keywords)
    ]


def partial_rows(path: str, text: str) -> Findings:
    """An application is read whole: a deferred or refreshed state slips past the concurrent-transition check."""
    found = []
    for call in calls_in(text):
        name = dotted(call.func)
        if name.rpartition(".")[2] in ("only", "defer") and name.startswith(("Application.", "Objection.")):
            found.append(f"{path}:{call.lineno} {name}")
        if name.endswith(".refresh_from_db") and name.split(".")[0] in ("application", "objection", "locked", "one"):
            found.append(f"{path}:{call.lineno} {name}")
    return found


def signals_and_saves(path: str, text: str) -> Findings:
    """What a step does is written where the step is taken: no signals, no effects in save() or delete()."""
    found = [f"{path}:{line} imports {name}" for line, name in imports_in(text) if "signals" in name.split(".")]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef):
            named = [one.name for one in node.body if isinstance(one, ast.FunctionDef)]
            found += [f"{path}:{node.lineno} {node.name}.{one}" for one in named if one in ("save", "delete")]
    return found


def unhinted(path: str, text: str) -> Findings:
    """A public function of a business file says the types of what it takes and gives."""
    found = []
    for node in ast.parse(text).body:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        found += [f"{path}:{node.lineno} {node.name}({one.arg})" for one in given if one.annotation is None]
        if node.returns is None:
            found.append(f"{path}:{node.lineno} {node.name} →")
    return found


def inline_code(path: str, text: str) -> Findings:
    """Pages carry no style and no script of their own (CSP), and no clock of the server's."""
    bare = re.sub(r"{%\s*comment.*?endcomment\s*%}|{#.*?#}", "", text, flags=re.S)
    found = ["a clock: {% now %}"] if re.search(r"{%-?\s*now\b", bare) else []
    bare = re.sub(r"{%.*?%}|{{.*?}}", "", bare, flags=re.S)
    tags = re.findall(r"<[a-zA-Z][^<>]*>", bare)
    if not path.removeprefix("templates/").startswith(PAPERS):
        found += ["<style>"] if re.search(r"<style\b", bare, re.I) else []
        found += [f"style attribute: {one}" for one in tags if re.search(r"\sstyle\s*=", one, re.I)]
    found += [f"handler: {one}" for one in tags if re.search(r"\son[a-z]+\s*=", one, re.I)]
    found += [f"inline script: {one}" for one in tags if re.match(r"<script\b(?!.*\ssrc=)", one, re.I)]
    found += ["javascript: address"] if re.search(r"=[\"']?\s*javascript:", bare, re.I) else []
    return [f"{path} {one}" for one in found]


def too_long(path: str, text: str) -> Findings:
    lines = text.count("\n")
    return [f"{path} has {lines} lines"] if lines >= LONG_FILE else []


def junk_name(path: str, text: str) -> Findings:
    names = {part.removesuffix(".py") for part in Path(path).parts}
    return [f"{path} is named after nothing it does"] if names & JUNK_NAMES else []
