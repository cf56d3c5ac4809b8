"""Who may open and post to every address, as a table to be read line by line.

`see` names the roles that get the page (GET), `do` those whose POST is heard: carried out, or refused in words.
Everybody else signed in gets `others`: 404, for what is another's is not there; 403 only on a desk's own front door,
which names no object. Who is not signed in is sent to sign in, unless `see` or `do` says `everyone`.
`do="405"`: nothing is ever posted there; `see="405"`: it is only posted to. `refused` are those among `do` who are
always refused in words, with nothing written. The object's name is a key of `World.args`.
"""

from __future__ import annotations

from typing import NamedTuple

EVERYONE = "everyone"
SIGNED_IN = "signed-in"
NEVER = "405"


class Row(NamedTuple):
    name: str
    object: str
    see: str
    do: str = NEVER
    others: int = 404
    # the page sends on or says that there is nothing yet
    answers: tuple[int, ...] = (200, 302)
    refused: str = ""
    query: str = ""
    # where nobody is asked to sign in, because some of these are everybody's
    anonymous: int = 302


STAFF_DESKS = "recommender other_recommender office other_office"
PREPARERS = "office other_office administrator"

TABLE = (
    # --- anybody ------------------------------------------------------------------------------------------------------
    Row("home", "none", EVERYONE),
    Row("large_text", "none", NEVER, EVERYONE),
    Row("styleguide", "none", "", "", anonymous=404),
    Row("publicity:cities", "none", EVERYONE),
    Row("publicity:city", "city", EVERYONE),
    Row("awards:face", "city", "office administrator", "office administrator"),
    Row("publicity:calls", "none", EVERYONE),
    Row("publicity:call", "open_round", EVERYONE, answers=(200, 302, 404)),
    Row("publicity:notices", "none", EVERYONE),
    Row("publicity:notice", "notice", EVERYONE),
    Row("publicity:register", "none", EVERYONE),
    Row("publicity:certificate_check", "none", EVERYONE),
    Row("publicity:certificate", "certificate", EVERYONE),
    Row("publicity:evidence_digests", "none", EVERYONE),
    Row("publicity:about", "none", EVERYONE),
    Row("publicity:how_to_object", "none", EVERYONE),
    Row("publicity:comment", "asking_notice", EVERYONE, EVERYONE),
    Row("objections:file", "notice", EVERYONE, EVERYONE),
    Row("objections:receipt", "receipt", EVERYONE, EVERYONE),
    Row("objections:reply_paper", "receipt", EVERYONE, answers=(404,)),
    # --- accounts -----------------------------------------------------------------------------------------------------
    Row("organizations:sign_in", "none", EVERYONE, EVERYONE),
    Row("organizations:sign_out", "none", NEVER, EVERYONE),
    Row("organizations:register", "none", EVERYONE, EVERYONE),
    Row("organizations:set_password", "password", EVERYONE, EVERYONE, answers=(410,)),
    Row("organizations:claim", "none", SIGNED_IN, SIGNED_IN),
    Row("organizations:claim_person", "none", SIGNED_IN, SIGNED_IN),
    Row("organizations:inbox", "none", SIGNED_IN, SIGNED_IN),
    Row("organizations:message", "message", "applicant"),
    Row("organizations:account", "none", SIGNED_IN, SIGNED_IN),
    Row("organizations:claims", "none", STAFF_DESKS, others=403),
    Row(
        "organizations:claim_decision",
        "claim",
        "recommender other_recommender office",
        "recommender other_recommender office",
    ),
    Row("organizations:claim_letter", "claim", "applicant recommender other_recommender office"),
    Row("organizations:claim_identity", "card", NEVER, "recommender other_recommender office"),
    Row("organizations:units", "none", "administrator", others=403),
    Row("organizations:new_unit", "none", "administrator", "administrator", others=403),
    Row("organizations:unit", "unit", "administrator", "administrator", others=403),
    Row("organizations:end_place", "place", "administrator", "administrator", others=403),
    Row("organizations:people", "none", "administrator", others=403),
    Row("organizations:new_person", "none", "administrator", "administrator", others=403),
    Row("organizations:person", "person", "administrator", "administrator", others=403),
    Row("organizations:password_link", "person", NEVER, "administrator", others=403),
    # --- preparing a round --------------------------------------------------------------------------------------------
    Row("awards:rounds", "none", "office other_office", others=403),
    Row("awards:choose_edition", "none", "office other_office", others=403),
    Row("awards:open_round", "edition", "office", "office"),
    Row("awards:round", "unannounced", "office"),
    Row("awards:round_draft", "unannounced", "office", "office"),
    Row("awards:round_criteria", "unannounced", "office", "office"),
    Row("awards:round_values", "unannounced", "office", "office"),
    Row("awards:set_value", "unannounced", "office", "office", query="?path=correction.days"),
    Row("awards:round_dates", "unannounced", "office", "office"),
    Row("awards:copy_round", "unannounced", "office", "office"),
    Row("publicity:publish_call", "unannounced", "office", "office"),
    Row("awards:editions", "none", PREPARERS, others=403),
    Row("awards:import_edition", "none", PREPARERS, PREPARERS, others=403),
    Row("awards:edition_keys", "none", PREPARERS, others=403),
    Row("awards:edition", "edition", PREPARERS),
    Row("awards:edition_text", "edition", PREPARERS),
    Row("awards:edition_changes", "edition", PREPARERS),
    Row("awards:revise_edition", "edition", PREPARERS, PREPARERS),
    Row("awards:edition_draft", "edition_draft", "office administrator", "office administrator"),
    Row("awards:edition_draft_text", "edition_draft", "office administrator"),
    Row("awards:edition_draft_preview", "edition_draft", "office administrator"),
    Row("awards:edition_draft_changes", "edition_draft", "office administrator"),
    Row(
        "awards:publish_edition",
        "edition_draft",
        "office administrator",
        "office administrator",
        refused="office administrator",
    ),
    Row("awards:calendar", "none", "administrator", others=403),
    Row("awards:import_calendar", "none", "administrator", "administrator", others=403),
    Row("awards:calendar_year", "year", "administrator", "administrator", others=403),
    Row("awards:imports", "none", "office other_office", others=403),
    Row("awards:import_awards", "none", "office other_office", "office other_office", others=403),
    Row("awards:awards_template", "scheme", "office"),
    Row("awards:register_import", "register", "office", "office"),
    Row("awards:import_listed", "none", "office other_office", "office other_office", others=403),
    # --- the applicant ------------------------------------------------------------------------------------------------
    Row("applications:mine", "none", SIGNED_IN),
    Row("applications:start", "open_round", SIGNED_IN, SIGNED_IN),
    Row("applications:overview", "draft", "applicant"),
    Row("applications:check", "draft", "applicant"),
    Row("applications:print", "draft", "applicant"),
    Row("applications:compiled", "draft", "applicant"),
    Row("applications:publicity", "draft", "applicant", "applicant"),
    Row("applications:publicity_proof", "running", "applicant", answers=(404,)),
    Row("applications:revise", "running", "applicant", "applicant"),
    Row("applications:hand_in", "running", "applicant", "applicant"),
    Row("applications:withdraw", "draft", "applicant", "applicant"),
    Row("applications:section", "section", "applicant", "applicant"),
    Row("applications:autosave", "section", NEVER, "applicant"),
    Row("applications:secret", "section", NEVER, "applicant"),
    Row("applications:attach", "attachment_key", "applicant", "applicant"),
    Row("applications:detach", "attachment", "applicant", "applicant"),
    Row("applications:own_file", "attachment", "applicant"),
    Row("reviews:ask_recusal", "reviewed", "applicant", "applicant"),
    Row("objections:explanations", "none", SIGNED_IN),
    Row("objections:explain", "case", "applicant", "applicant"),
    # --- recommender and office ---------------------------------------------------------------------------------------
    Row("applications:recommendation_desk", "none", "recommender other_recommender"),
    Row("applications:recommendation_export", "none", "recommender other_recommender"),
    Row("applications:recommendation_summary", "none", "recommender"),
    Row("applications:credit_records", "none", STAFF_DESKS),
    Row("applications:opinion", "none", "recommender other_recommender", "recommender other_recommender"),
    Row("applications:office", "none", "office other_office"),
    Row("applications:qualification_desk", "none", "office other_office"),
    Row("applications:intake", "none", "office other_office"),
    Row("applications:office_export", "none", "office other_office"),
    Row("applications:papers", "none", "office other_office"),
    Row("applications:papers_of_kind", "round_papers", "office"),
    Row("applications:consultations", "none", STAFF_DESKS),
    Row("applications:consultations_export", "none", STAFF_DESKS),
    Row("applications:consultation_summary", "letter_round", "recommender", "recommender", refused="recommender"),
    Row("applications:checklist_print", "submitted", "recommender office"),
    Row("applications:new_letters", "none", STAFF_DESKS, STAFF_DESKS),
    Row("applications:consultation", "letter", "recommender"),
    Row("applications:remind_department", "letter", NEVER, "recommender"),
    Row("applications:go_on_without", "letter_name", "recommender", "recommender"),
    Row("applications:consulted_desk", "none", "department other_department"),
    Row("applications:consulted_letter", "letter", "department", "department"),
    Row("applications:examine", "submitted", "recommender office"),
    Row("applications:run_machine_checks", "submitted", NEVER, "recommender office", refused="office"),
    Row("applications:checklist", "submitted", NEVER, "recommender office", refused="office"),
    Row("applications:settle", "finding", "recommender", "recommender"),
    Row("applications:listed_matches", "submitted", "recommender office", "recommender office"),
    Row("applications:credit_check", "submitted", "recommender office", "recommender office", refused="office"),
    Row("applications:credit_screenshot", "credit", "recommender office"),
    Row("applications:pass_on", "submitted", "recommender office", "recommender office", refused="office"),
    Row("applications:return_application", "submitted", "recommender office", "recommender office", refused="office"),
    Row("applications:refuse", "submitted", "recommender office", "recommender office", refused="office"),
    Row("applications:disqualify_application", "at_office", "office", "office"),
    Row("applications:dossier", "submitted", "applicant recommender office"),
    Row("applications:dossier_part", "dossier_part", "applicant recommender office", "applicant recommender office"),
    Row("applications:dossier_file", "dossier_file", "applicant recommender office", "applicant recommender office"),
    Row("applications:self_publicity_proof", "submitted", "recommender office", answers=(404,)),
    Row("applications:seek_consent", "leg", NEVER, "recommender office", refused="office"),
    Row("applications:enter_consent", "leg", "recommender office", "recommender office", refused="office"),
    Row("applications:consents_desk", "none", "consenter"),
    Row("applications:consent", "consent", "consenter", "consenter"),
    Row("applications:consent_paper", "consent", "consenter recommender office", answers=(404,)),
    # --- publishing ---------------------------------------------------------------------------------------------------
    Row("publicity:open_publicity", "none", STAFF_DESKS, others=403),
    Row("publicity:open_list", "list", "office", "office"),
    Row("publicity:comment_rounds", "none", "office other_office"),
    Row("publicity:comments", "asking_round", "office", "office"),
    Row("publicity:extend", "notice", "office", "office"),
    Row("publicity:correct", "notice", "office", "office"),
    Row("publicity:timetable", "open_round", "office"),
    Row("publicity:extend_applications", "open_round", "office", "office"),
    Row("documents:download", "paper", "recommender office department supervisor", answers=(200, 202), anonymous=404),
    Row("documents:sealed", "paper", "recommender office department supervisor", answers=(404,), anonymous=404),
    Row("documents:official", "paper", "recommender office", "recommender office"),
    # --- experts ------------------------------------------------------------------------------------------------------
    Row("reviews:mine", "none", "expert recused_expert"),
    Row("reviews:sheet", "assignment", "expert", "expert"),
    Row("reviews:autosave", "assignment", NEVER, "expert"),
    Row("reviews:recuse_self", "assignment", "expert", "expert"),
    Row("reviews:experts", "none", "office other_office", "office other_office"),
    Row("reviews:expert", "pool_expert", "office", "office"),
    Row("reviews:panels", "none", "office other_office"),
    Row("reviews:new_panel", "new_panel", "office", "office"),
    Row("reviews:recusals", "none", "office other_office"),
    Row("reviews:decide_recusal", "recusal", "office", "office"),
    Row("reviews:recusal_proof", "recusal", "office"),
    Row("reviews:report", "deliberation_round", "office", "office"),
    Row("reviews:report_autosave", "deliberation_round", NEVER, "office"),
    Row("reviews:report_preview", "deliberation_round", "office"),
    Row("reviews:session", "session", "office", "office"),
    Row("reviews:recuse_by_order", "assignment", "office", "office"),
    Row("reviews:move_reader", "assignment", "office", "office"),
    Row("reviews:panel", "panel", "office", "office"),
    Row("reviews:draw", "draw", "office"),
    Row("reviews:replace_member", "panel_member", "office", "office"),
    Row("reviews:sessions", "panel", "office", "office"),
    Row("reviews:cut", "panel", "office", "office"),
    Row("reviews:opinion", "panel_name", "office", "office"),
    # --- leading body and government ----------------------------------------------------------------------------------
    Row("reviews:meetings", "none", "office other_office leader supervisor"),
    Row("reviews:convene", "deliberation_round", "office", "office"),
    Row("reviews:paper", "ballot", "leader", "leader"),
    Row("reviews:ballot_closing", "ballot", "office", "office"),
    Row("reviews:ballot_voiding", "ballot", "office", "office"),
    Row("reviews:meeting", "meeting", "office leader supervisor"),
    Row("reviews:ballots_json", "meeting", "office leader supervisor"),
    Row("reviews:attendance", "meeting", "office", "office"),
    Row("reviews:member_recusal", "meeting", "office", "office"),
    Row("reviews:decision", "meeting", "office", "office"),
    Row("reviews:ballot_opening", "meeting_tier", "office", "office"),
    # the scheme of this world votes in secret: the pages of the other ways to decide are not there
    Row("reviews:proposal", "meeting", "", ""),
    Row("reviews:resolution", "meeting", "", ""),
    Row("reviews:ranking", "meeting", "", ""),
    Row("reviews:roll_call", "meeting_tier", "", ""),
    Row("reviews:approvals", "none", "office other_office government supervisor"),
    Row("reviews:approve", "approval_round", "office government", "office government"),
    Row("reviews:approval", "approval", "office government supervisor"),
    Row("reviews:packs", "deliberation_round", "office", "office"),
    Row("reviews:work_plan", "deliberation_round", "office", "office"),
    Row("reviews:meeting_materials", "meeting", "office"),
    Row("reviews:draws", "panel", "office"),
    Row("reviews:experts_export", "none", "office other_office"),
    # --- objections and after the award -------------------------------------------------------------------------------
    Row("objections:cases", "none", SIGNED_IN),
    Row("objections:case", "case", "office recommender"),
    Row("objections:identity", "case", NEVER, "office"),
    Row("objections:answer_paper", "case", "office recommender", answers=(404,)),
    Row("objections:paper", "case_file", "office"),
    Row("objections:act", "case_step", NEVER, "office recommender"),
    Row("supervision:honours", "none", SIGNED_IN),
    Row("supervision:share", "award", "applicant", "applicant"),
    Row("supervision:allocation", "approval_round", "office", "office", refused="office"),
    Row("supervision:records", "none", SIGNED_IN),
    Row("supervision:archive_rounds", "none", "office other_office supervisor", others=403),
    Row("supervision:archives", "open_round", "office supervisor", "office supervisor", refused="supervisor"),
    Row("supervision:archive", "archive", "office supervisor"),
    Row(
        "supervision:record",
        "record",
        "applicant recommender office supervisor",
        "applicant recommender office supervisor",
        refused="applicant",
    ),
    Row("supervision:proof", "record", "applicant recommender office supervisor"),
)

# the clock's own pages, there only in a rehearsal: tests/journeys/test_demo.py
ELSEWHERE = {"rehearsal_travel"}

# what the administrator may look at in Django's admin; never ballots, sheets, evidence or answers
ADMIN = {
    "Application", "CalendarYear", "Edition", "IssuedDocument", "Notice", "Round", "RoundParameter", "Scheme", "Unit",
    "User",
}  # fmt: skip
