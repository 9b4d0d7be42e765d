"""Who may do what: the permission document as data.

One letter a role, in the order of WRITTEN; the other roles get what the one gets that ALIKE names, unless the row says
otherwise in `besides`. Y let in, L sign in first, F forbidden, N not found (existence is private),
M no such method, P led on to the page its form stands on, B refused input, T too many; `?` in a method that a row leaves out: any refusal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

WRITTEN = (
    "anonymous",
    "applicant",
    "elsewhere",
    "member",
    "chair elsewhere",
    "chair",
    "staff, code only",
    "membership",
    "admin",
)
ALIKE = {
    "declined": "applicant",
    "ended": "applicant",  # whose membership ended, with a seat that was not given up
    "closed": "anonymous",  # whose account is closed
    "on a confidential one": "elsewhere",
    "organizer": "membership",
}
ROLES = (
    "anonymous",
    "applicant",
    "declined",
    "ended",
    "closed",
    "elsewhere",
    "on a confidential one",
    "member",
    "chair elsewhere",
    "chair",
    "staff, code only",
    "organizer",
    "membership",
    "admin",
)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ADMIN = "admin:"


@dataclass(frozen=True)
class Row:
    GET: str = ""
    POST: str = ""
    PUT: str = ""
    PATCH: str = ""
    DELETE: str = ""
    arguments: Callable[[Any], list] | None = None
    path: str = ""
    data: dict[str, str] = field(default_factory=dict)
    besides: dict[str, str] = field(default_factory=dict)  # by role, letters of GET and POST that differ: "FF", " F"

    def letters(self, method: str) -> dict[str, str]:
        """By role; nothing for a method that the row leaves out."""
        written = dict(zip(WRITTEN, getattr(self, method), strict=True)) if getattr(self, method) else {}
        told = {role: written[ALIKE.get(role, role)] for role in ROLES if written}
        if written and method in METHODS[:2]:
            differ = {role: both[METHODS.index(method)] for role, both in self.besides.items()}
            told |= {role: letter for role, letter in differ.items() if letter != " "}
        return told


ALL = "YYYYYYYYY"
SIGNED_IN = "LYYYYYYYY"
MEMBERS = "LFYYYYYYY"
STAFF = "LNNNNNFYY"

TABLE: dict[str, Row] = {
    "about": Row(GET="YYYYYYYYY", POST="MMMMMMMMM"),
    "accessibility": Row(GET="YYYYYYYYY", POST="MMMMMMMMM"),
    "account_code_again": Row(GET="PPPPPPPPP", POST="LLLLLLLLL"),
    "account_confirm_login_code": Row(GET="LLLLLLLLL", POST="LLLLLLLLL"),
    "account_unsent_forget": Row(GET="PPPPPPPPP", POST="YYYYYYYYY"),
    "account_login": Row(GET="YYYYYYYYY", POST="YYYYYYYYY"),
    "account_logout": Row(GET="YYYYYYYYY", POST="YYYYYYYYY"),
    "account_passkey": Row(GET="PPPPPPPPP", POST="YYYYYYYYY"),
    "account_passkey_options": Row(GET="PPPPPPPPP", POST="YYYYYYYYY"),
    "account_reauthenticate": Row(GET="LYYYYYYYY", POST="LYYYYYYYY"),
    "account_standing": Row(GET="YYYYYYYYY", POST="MMMMMMMMM"),
    "agenda_carry": Row(GET="LPPPPPPPP", POST="LNNFNYNYY", arguments=lambda w: [w.meeting.slug]),
    "agenda_copy": Row(GET="LPPPPPPPP", POST="LNNFNYNYY", arguments=lambda w: [w.meeting.slug]),
    "agenda_item_add": Row(GET="LPPPPPPPP", POST="LNNFNBNBB", arguments=lambda w: [w.meeting.slug]),
    "action_act": Row(
        GET="LPPPPPPPP", POST="LFFFFYFYY", arguments=lambda w: [w.committee.slug, w.action.pk], data={"act": "done"}
    ),
    "action_detail": Row(GET="LFFYFYFYY", POST="LFFFFYFYY", arguments=lambda w: [w.committee.slug, w.action.pk]),
    "action_link": Row(GET="YYYYYYYYY", POST="BBBBBBBBB", arguments=lambda w: [w.act_token]),
    "action_new": Row(GET="LFFFFYFYY", POST="LFFFFYFYY", arguments=lambda w: [w.committee.slug]),
    "agenda_item_edit": Row(GET="LNNFNYNYY", POST="LNNFNBNBB", arguments=lambda w: [w.meeting.slug, w.item.pk]),
    "agenda_item_minutes": Row(GET="LPPPPPPPP", POST="LNNFNYNYY", arguments=lambda w: [w.meeting.slug, w.item.pk]),
    "agenda_item_remove": Row(GET="LPPPPPPPP", POST="LNNFNYNYY", arguments=lambda w: [w.meeting.slug, w.item.pk]),
    "agenda_item_restore": Row(GET="LPPPPPPPP", POST="LNNFNYNYY", arguments=lambda w: [w.meeting.slug, w.item.pk]),
    "agenda_item_shift": Row(GET="LPPPPPPPP", POST="LNNFNYNYY", arguments=lambda w: [w.meeting.slug, w.item.pk]),
    "agenda_template_back": Row(
        GET="LPPPPPPPP", POST="LNNFNYNYY", arguments=lambda w: [w.meeting.slug, w.agenda_template.pk]
    ),
    "agenda_template_remove": Row(
        GET="LPPPPPPPP", POST="LNNFNYNYY", arguments=lambda w: [w.meeting.slug, w.agenda_template.pk]
    ),
    "agenda_template_save": Row(GET="LPPPPPPPP", POST="LNNFNBNBB", arguments=lambda w: [w.meeting.slug]),
    "agenda_template_start": Row(
        GET="LPPPPPPPP", POST="LNNFNYNYY", arguments=lambda w: [w.meeting.slug, w.agenda_template.pk]
    ),
    "announcement_detail": Row(GET="LNNYNYNYY", POST="LMMMMMMMM", arguments=lambda w: [w.announcement.pk]),
    "announcement_discard": Row(
        GET="LPPPPPPPP", POST="LNNNNYNFY", arguments=lambda w: [w.draft.pk], besides={"organizer": " Y"}
    ),
    "announcement_edit": Row(
        GET="LNNNNYNFY", POST="LNNNNYNFY", arguments=lambda w: [w.draft.pk], besides={"organizer": "YY"}
    ),
    "announcement_list": Row(GET="LFYYYYYYY", POST="LMMMMMMMM"),
    "announcement_new": Row(
        GET="LFFFFYFFY", POST="LFFFFYFFY", arguments=lambda w: [w.committee.slug], besides={"organizer": "YY"}
    ),
    "announcement_send": Row(
        GET="LNNNNYNFY", POST="LNNNNYNFY", arguments=lambda w: [w.draft.pk], besides={"organizer": "YY"}
    ),
    "announcement_sent": Row(GET="LNNFNYNYY", POST="LMMMMMMMM", arguments=lambda w: [w.announcement.pk]),
    "api-root": Row(GET="LYYYYYYYY", POST="LMMMMMMMM"),
    "api_action-detail": Row(GET="LFNYNYNYY", POST="LFMMMMMMM", arguments=lambda w: [w.action.pk]),
    "api_action-done": Row(
        GET="LFNYNYNYY", POST="LFMMMMMMM", PUT="LFNFNYNYY", DELETE="LFNFNYNYY", arguments=lambda w: [w.action.pk]
    ),
    "api_action-list": Row(GET="LFYYYYYYY", POST="LFMMMMMMM"),
    "api_committee-detail": Row(GET="LFYYYYYYY", POST="LFMMMMMMM", arguments=lambda w: [w.committee.slug]),
    "api_committee-people": Row(GET="LFFYFYFYY", POST="LFMMMMMMM", arguments=lambda w: [w.committee.slug]),
    "api_committee-list": Row(GET="LFYYYYYYY", POST="LFMMMMMMM"),
    "api_decision-detail": Row(GET="LFNYNYNYY", POST="LFMMMMMMM", arguments=lambda w: [w.decision.pk]),
    "api_decision-list": Row(GET="LFYYYYYYY", POST="LFMMMMMMM"),
    "api_document-detail": Row(GET="LFNYNYNYY", POST="LFMMMMMMM", arguments=lambda w: [w.document.pk]),
    "api_document-file": Row(GET="LFNYNYNYY", POST="LFMMMMMMM", arguments=lambda w: [w.document.pk]),
    "api_document-list": Row(GET="LFYYYYYYY", POST="LFMMMMMMM"),
    "api_me": Row(GET="LYYYYYYYY", POST="LMMMMMMMM"),
    "api_me_calendar": Row(GET="LFYYYYYYY", POST="LFMMMMMMM"),
    "api_meeting-agenda": Row(GET="LFNYNYNYY", POST="LFMMMMMMM", arguments=lambda w: [w.meeting.slug]),
    "api_meeting-attendance": Row(GET="LFNYNYNYY", POST="LFMMMMMMM", arguments=lambda w: [w.meeting.slug]),
    "api_meeting-detail": Row(GET="LFNYNYNYY", POST="LFMMMMMMM", arguments=lambda w: [w.meeting.slug]),
    "api_meeting-ics": Row(GET="LFNYNYNYY", POST="LFMMMMMMM", arguments=lambda w: [w.meeting.slug]),
    "api_meeting-list": Row(GET="LFYYYYYYY", POST="LFMMMMMMM"),
    "api_meeting-rsvp": Row(
        GET="LFNYNYNYY", POST="LFMMMMMMM", PUT="LFNBNBNFF", DELETE="LFNYNYNFF", arguments=lambda w: [w.meeting.slug]
    ),
    "api_series-detail": Row(GET="LFNYNYNYY", POST="LFMMMMMMM", arguments=lambda w: [w.series.key]),
    "api_series-list": Row(GET="LFYYYYYYY", POST="LFMMMMMMM"),
    "api_minutes-detail": Row(GET="LFNYNYNYY", POST="LFMMMMMMM", arguments=lambda w: [w.minutes.meeting.slug]),
    "api_minutes-list": Row(GET="LFYYYYYYY", POST="LFMMMMMMM"),
    "api_person-detail": Row(GET="LFYYYYYYY", POST="LFMMMMMMM", arguments=lambda w: [w.mo.pk]),
    "api_person-list": Row(GET="LFYYYYYYY", POST="LFMMMMMMM"),
    "api_publication-detail": Row(GET="LFYYYYYYY", POST="LFMMMMMMM", arguments=lambda w: [w.publication.pk]),
    "api_publication-list": Row(GET="LFYYYYYYY", POST="LFMMMMMMM"),
    "api_schema": Row(GET="YYYYYYYYY", POST="MMMMMMMMM"),
    "app_add": Row(GET="LYYYYYYYY", POST="LYYYYYYYY"),
    "app_remove": Row(GET="LNNNNNNNN", POST="LNNNNNNNN"),
    "apply": Row(GET="YYYYYYYYY", POST="YYYYYYYYY"),
    "apply_check": Row(GET="YYYYYYYYY", POST="YYYYYYYYY"),
    "apply_code": Row(GET="YYYYYYYYY", POST="YYYYYYYYY"),
    "apply_code_again": Row(GET="PPPPPPPPP", POST="YYYYYYYYY"),
    "apply_committee": Row(GET="YYYYYYYYY", POST="YYYYYYYYY"),
    "apply_email": Row(GET="YYYYYYYYY", POST="YYYYYYYYY"),
    "apply_office": Row(GET="YYYYYYYYY", POST="YYYYYYYYY"),
    "apply_place": Row(GET="YYYYYYYYY", POST="YYYYYYYYY"),
    "apply_sent": Row(GET="YYYYYYYYY", POST="MMMMMMMMM"),
    "apply_term": Row(GET="YYYYYYYYY", POST="YYYYYYYYY"),
    "apply_why": Row(GET="YYYYYYYYY", POST="YYYYYYYYY"),
    "calendar_reply_decide": Row(
        GET="LPPPPPPPP", POST="LNNYNNNFF", arguments=lambda w: [w.meeting.slug, w.calendar_reply.pk]
    ),
    "calendar_feed": Row(GET="YYYYYYYYY", POST="MMMMMMMMM", arguments=lambda w: [w.feed_token]),
    "committee_announcements": Row(GET="LFFYFYFYY", POST="LMMMMMMMM", arguments=lambda w: [w.committee.slug]),
    "committee_attendance": Row(GET="LFFYFYFYY", POST="LMMMMMMMM", arguments=lambda w: [w.committee.slug]),
    "committee_attendance_csv": Row(GET="LFFFFYFYY", POST="LMMMMMMMM", arguments=lambda w: [w.committee.slug]),
    "committee_ask": Row(GET="LFYYYYYYY", POST="LFYYYYYYY", arguments=lambda w: [w.asking.slug]),
    "contact_ask": Row(GET="LFYYYYYYY", POST="LFYYYYYYY", arguments=lambda w: [w.carla.pk]),
    "contact_request": Row(GET="LFNYNYNNN", POST="LFNYNYNNN", arguments=lambda w: [w.contact_request.pk]),
    "contact_requests": Row(GET="LFYYYYYYY", POST="LMMMMMMMM"),
    "contact_take_back": Row(GET="LPPPPPPPP", POST="LFNYNFNNN", arguments=lambda w: [w.contact_request.pk]),
    "committee_write": Row(GET="LFYYYYYYY", POST="LFYYYYYYY", arguments=lambda w: [w.committee.slug]),
    "committee_detail": Row(GET="YYYYYYYYY", POST="MMMMMMMMM", arguments=lambda w: [w.committee.slug]),
    "committee_actions": Row(GET="LFFYFYFYY", POST="LMMMMMMMM", arguments=lambda w: [w.committee.slug]),
    "committee_decisions": Row(GET="LFFYFYFYY", POST="LMMMMMMMM", arguments=lambda w: [w.committee.slug]),
    "committee_decisions_csv": Row(GET="LFFYFYFYY", POST="LMMMMMMMM", arguments=lambda w: [w.committee.slug]),
    "committee_documents": Row(GET="LFFYFYFYY", POST="LMMMMMMMM", arguments=lambda w: [w.committee.slug]),
    "committee_edit": Row(GET="LFFFFYFYY", POST="LFFFFYFYY", arguments=lambda w: [w.committee.slug]),
    "committee_handover": Row(GET="LFFFFYFYY", POST="LMMMMMMMM", arguments=lambda w: [w.committee.slug]),
    "committee_handover_pdf": Row(GET="LFFFFYFYY", POST="LMMMMMMMM", arguments=lambda w: [w.committee.slug]),
    "committee_health": Row(GET="LFFFFYFYY", POST="LMMMMMMMM", arguments=lambda w: [w.committee.slug]),
    "committee_join": Row(GET="LFYYYYYYY", POST="LFYYYYYYY", arguments=lambda w: [w.committee.slug]),
    "committee_leave": Row(GET="LYYYYYYYY", POST="LYYYYYYYY", arguments=lambda w: [w.committee.slug]),
    "committee_list": Row(GET="YYYYYYYYY", POST="MMMMMMMMM"),
    "committee_manage": Row(GET="LFFFFYFYY", POST="LMMMMMMMM", arguments=lambda w: [w.committee.slug]),
    "committee_meetings": Row(GET="LFFYFYFYY", POST="LMMMMMMMM", arguments=lambda w: [w.committee.slug]),
    "committee_people": Row(GET="LFFYFYFYY", POST="LMMMMMMMM", arguments=lambda w: [w.committee.slug]),
    "committee_rejoin": Row(GET="LPPPPPPPP", POST="LFFFFFFFF", arguments=lambda w: [w.committee.slug]),
    "committee_request_answer": Row(
        GET="LPPPPPPPP", POST="LFFFFBFBB", arguments=lambda w: [w.committee.slug, w.request.pk]
    ),
    "committee_requests": Row(GET="LFFFFYFYY", POST="LMMMMMMMM", arguments=lambda w: [w.committee.slug]),
    "committee_withdraw": Row(GET="LPPPPPPPP", POST="LYYYYYYYY", arguments=lambda w: [w.asking.slug]),
    "decision_correct": Row(
        GET="LFFFFYFYY", POST="LFFFFYFYY", arguments=lambda w: [w.committee.slug, w.decision.reference]
    ),
    "decision_detail": Row(
        GET="LFFYFYFYY", POST="LMMMMMMMM", arguments=lambda w: [w.committee.slug, w.decision.reference]
    ),
    "decision_new": Row(GET="LFFFFYFYY", POST="LFFFFYFYY", arguments=lambda w: [w.committee.slug]),
    "manage_people": Row(GET="LFFFFYFYY", POST="LMMMMMMMM", arguments=lambda w: [w.committee.slug]),
    "manage_people_add": Row(GET="LPPPPPPPP", POST="LFFFFNFNN", arguments=lambda w: [w.committee.slug]),
    "manage_person": Row(GET="LFFFFYFYY", POST="LFFFFYFYY", arguments=lambda w: [w.committee.slug, w.seat.pk]),
    "manage_person_back": Row(GET="LPPPPPPPP", POST="LFFFFNFNN", arguments=lambda w: [w.committee.slug, 10**9]),
    "demo": Row(GET="NNNNNNNNN", POST="NNNNNNNNN"),
    "demo_gallery": Row(GET="NNNNNNNNN", POST="NNNNNNNNN"),
    "demo_letter": Row(GET="NNNNNNNNN", POST="NNNNNNNNN", arguments=lambda w: ["reminder", "html"]),
    "demo_mail": Row(GET="NNNNNNNNN", POST="NNNNNNNNN"),
    "demo_message": Row(GET="NNNNNNNNN", POST="NNNNNNNNN", arguments=lambda w: ["no-such-mail"]),
    "demo_message_html": Row(GET="NNNNNNNNN", POST="NNNNNNNNN", arguments=lambda w: ["no-such-mail"]),
    "demo_raw": Row(GET="NNNNNNNNN", POST="NNNNNNNNN", arguments=lambda w: ["no-such-mail"]),
    "demo_sign_in": Row(GET="NNNNNNNNN", POST="NNNNNNNNN"),
    "device_end": Row(GET="LPPPPPPPP", POST="LNNNNNNNN", arguments=lambda w: [0]),
    "device_end_others": Row(GET="LPPPPPPPP", POST="LYYYYYYYY"),
    "developers": Row(GET="YYYYYYYYY", POST="MMMMMMMMM"),
    "document_detail": Row(GET="LNNYNYNYY", POST="MMMMMMMMM", arguments=lambda w: [w.document.pk]),
    "document_file": Row(GET="LNNYNYNYY", POST="MMMMMMMMM", arguments=lambda w: [w.document.pk, 1]),
    "document_new_version": Row(GET="LNNFNYNYY", POST="LNNFNYNYY", arguments=lambda w: [w.document.pk]),
    "document_preview": Row(GET="LNNNNNNNN", POST="MMMMMMMMM", arguments=lambda w: [w.document.pk, 1]),
    "document_restore": Row(GET="LPPPPPPPP", POST="LNNNNYNYY", arguments=lambda w: [w.document.pk]),
    "document_upload": Row(GET="LFFFFYFYY", POST="LFFFFYFYY", arguments=lambda w: [w.committee.slug]),
    "document_withdraw": Row(GET="LNNFNYNYY", POST="LNNFNYNYY", arguments=lambda w: [w.document.pk]),
    "attendance_check_in": Row(GET="LPPPPPPPP", POST="LNNYNYNFF", arguments=lambda w: [w.meeting.slug]),
    "attendance_mark": Row(GET="LPPPPPPPP", POST="LNNFNYNYY", arguments=lambda w: [w.meeting.slug, w.mo.pk]),
    "attendance_mark_offered": Row(GET="LPPPPPPPP", POST="LNNFNYNYY", arguments=lambda w: [w.meeting.slug]),
    "attendance_report": Row(GET="LNNFNYNYY", POST="LNNFNYNYY", arguments=lambda w: [w.meeting.slug]),
    "attendance_report_look": Row(
        GET="LNNFNYNNN",
        POST="LNNFNYNNN",
        arguments=lambda w: [w.meeting.slug, w.report_draft.pk],
    ),
    "attendance_times": Row(GET="LNNFNYNYY", POST="LNNFNYNYY", arguments=lambda w: [w.meeting.slug, w.mo.pk]),
    "feed": Row(GET=ALL, POST="MMMMMMMMM"),
    "healthz": Row(GET="YYYYYYYYY", POST="MMMMMMMMM"),
    "home": Row(GET="YYYYYYYYY", POST="MMMMMMMMM"),
    "issue_detail": Row(GET="YYYYYYYYY", POST="MMMMMMMMM", arguments=lambda w: [w.committee.issue.slug]),
    "issue_feed": Row(GET=ALL, POST="MMMMMMMMM", arguments=lambda w: [w.committee.issue.slug]),
    "issue_list": Row(GET="YYYYYYYYY", POST="MMMMMMMMM"),
    "jurisdiction_search": Row(GET="YYYYYYYYY", POST="MMMMMMMMM"),
    "library": Row(GET="LFYYYYYYY", POST="LMMMMMMMM"),
    "meeting_agenda": Row(GET="LNNFNYNYY", POST="LMMMMMMMM", arguments=lambda w: [w.meeting.slug]),
    "meeting_run": Row(GET="LNNFNYNYY", POST="LMMMMMMMM", arguments=lambda w: [w.meeting.slug]),
    "run_record": Row(GET="LPPPPPPPP", POST="LNNFNYNYY", arguments=lambda w: [w.meeting.slug]),
    "proposal_withdraw": Row(
        GET="LPPPPPPPP", POST="LNNYNNNFF", arguments=lambda w: [w.proposal.meeting.slug, w.proposal.pk]
    ),
    "meeting_agenda_publish": Row(GET="LPPPPPPPP", POST="LNNFNYNYY", arguments=lambda w: [w.meeting.slug]),
    "meeting_answer_for": Row(GET="LPPPPPPPP", POST="LNNFNBNBB", arguments=lambda w: [w.meeting.slug, w.mo.pk]),
    "meeting_answers": Row(GET="LNNYNYNYY", POST="LMMMMMMMM", arguments=lambda w: [w.meeting.slug]),
    "meeting_attendance": Row(GET="LNNYNYNYY", POST="LMMMMMMMM", arguments=lambda w: [w.meeting.slug]),
    "meeting_committees": Row(GET="LNNFNYNYY", POST="LNNFNYNYY", arguments=lambda w: [w.meeting.slug]),
    "meeting_committee_part": Row(
        GET="LPPPPPPPP", POST="LNNFNYNYY", arguments=lambda w: [w.meeting.slug, w.committee.slug]
    ),
    "meeting_cancel": Row(GET="LNNFNYNYY", POST="LNNFNYNYY", arguments=lambda w: [w.meeting.slug]),
    "meeting_detail": Row(GET="LNNYNYNYY", POST="LMMMMMMMM", arguments=lambda w: [w.meeting.slug]),
    "meeting_edit": Row(GET="LNNFNYNYY", POST="LNNFNYNYY", arguments=lambda w: [w.meeting.slug]),
    "meeting_ics": Row(GET="LNNYNYNYY", POST="LMMMMMMMM", arguments=lambda w: [w.meeting.slug]),
    "join_link": Row(GET="YYYYYYYYY", POST="BBBBBBBBB", arguments=lambda w: [w.join_token]),
    "meeting_join": Row(GET="LNNYNYNYY", POST="LMMMMMMMM", arguments=lambda w: [w.meeting.slug]),
    "meeting_list": Row(GET="LYYYYYYYY", POST="LMMMMMMMM"),
    "committee_minutes": Row(GET="LFFYFYFYY", POST="LMMMMMMMM", arguments=lambda w: [w.committee.slug]),
    "meeting_minutes": Row(GET="LNNYNYNYY", POST="LNNFNYNYY", arguments=lambda w: [w.minutes.meeting.slug]),
    "meeting_minutes_amend": Row(GET="LNNFNYNYY", POST="LNNFNYNYY", arguments=lambda w: [w.minutes.meeting.slug]),
    "meeting_minutes_approve": Row(GET="LNNFNYNYY", POST="LNNFNBNBB", arguments=lambda w: [w.minutes.meeting.slug]),
    "meeting_minutes_changes": Row(GET="LNNYNYNYY", POST="LMMMMMMMM", arguments=lambda w: [w.minutes.meeting.slug]),
    "meeting_minutes_comment": Row(GET="LNNYNYNFF", POST="LNNBNBNFF", arguments=lambda w: [w.minutes.meeting.slug]),
    "meeting_minutes_object": Row(GET="LNNYNYNFF", POST="LNNBNBNFF", arguments=lambda w: [w.minutes.meeting.slug]),
    "meeting_minutes_pdf": Row(GET="LNNYNYNYY", POST="LMMMMMMMM", arguments=lambda w: [w.minutes.meeting.slug]),
    "meeting_minutes_preview": Row(GET="LNNFNYNYY", POST="LMMMMMMMM", arguments=lambda w: [w.minutes.meeting.slug]),
    "meeting_minutes_print": Row(GET="LNNYNYNYY", POST="LMMMMMMMM", arguments=lambda w: [w.minutes.meeting.slug]),
    "meeting_minutes_send": Row(GET="LPPPPPPPP", POST="LNNFNYNYY", arguments=lambda w: [w.minutes.meeting.slug]),
    "meeting_minutes_settle": Row(
        GET="LPPPPPPPP",
        POST="LNNYNYNFF",
        arguments=lambda w: [w.minutes.meeting.slug, w.minutes.comments.get().pk],
    ),
    "meeting_move": Row(GET="LNNFNYNYY", POST="LNNFNYNYY", arguments=lambda w: [w.meeting.slug]),
    "meeting_tell": Row(GET="LPPPPPPPP", POST="LNNFNYNYY", arguments=lambda w: [w.meeting.slug]),
    "meeting_nudge": Row(GET="LPPPPPPPP", POST="LNNFNYNYY", arguments=lambda w: [w.meeting.slug]),
    "meeting_book": Row(GET="LNNYNYNYY", POST="LNNYNYNYY", arguments=lambda w: [w.meeting.slug]),
    "meeting_book_pdf": Row(GET="LNNYNYNYY", POST="LMMMMMMMM", arguments=lambda w: [w.meeting.slug]),
    "meeting_proposal": Row(
        GET="LNNFNYNYY", POST="LNNFNYNYY", arguments=lambda w: [w.proposal.meeting.slug, w.proposal.pk]
    ),
    "meeting_propose": Row(GET="LNNYNYNFF", POST="LNNYNYNFF", arguments=lambda w: [w.meeting.slug]),
    "meeting_print": Row(GET="LNNYNYNYY", POST="LMMMMMMMM", arguments=lambda w: [w.meeting.slug]),
    "meeting_rsvp": Row(GET="LPPPPPPPP", POST="LNNBNBNFF", arguments=lambda w: [w.meeting.slug]),
    "meeting_schedule": Row(GET="LFFFFYFYY", POST="LFFFFYFYY", arguments=lambda w: [w.committee.slug]),
    "find_a_time": Row(GET="LFFFFYFYY", POST="LMMMMMMMM", arguments=lambda w: [w.committee.slug]),
    "meeting_when": Row(GET="LFFFFYFYY", POST="LMMMMMMMM", arguments=lambda w: [w.committee.slug]),
    "mail_stopped": Row(GET="LPPPPPPPP", POST="LYYYYYYYY"),
    "metrics": Row(GET="NNNNNNNNN", POST="MMMMMMMMM"),
    "mfa_authenticate": Row(GET="LLLLLLLLL", POST="LLLLLLLLL"),
    "mfa_authenticate_options": Row(GET="PPPPPPPPP", POST="YYYYYYYYY"),
    "passkey_add": Row(GET="LYYYYYYYY", POST="LYYYYYYYY"),
    "passkey_add_options": Row(GET="LPPPPPPPP", POST="LYYYYYYYY"),
    "passkey_remove": Row(GET="LNNNNNNNN", POST="LNNNNNNNN", arguments=lambda w: [0]),
    "not_me_link": Row(GET="YYYYYYYYY", POST="YYYYYYYYY", arguments=lambda w: [w.not_me_token]),
    "people": Row(GET="LFYYYYYYY", POST="LMMMMMMMM"),
    "person": Row(GET="LFYYYYYYY", POST="LMMMMMMMM", arguments=lambda w: [w.mo.pk]),
    "picture_file": Row(GET=ALL, POST="MMMMMMMMM", arguments=lambda w: [w.picture.key, 320, "jpg"]),
    "privacy": Row(GET="YYYYYYYYY", POST="MMMMMMMMM"),
    "publication_detail": Row(
        GET="YYYYYYYYY", POST="MMMMMMMMM", arguments=lambda w: [w.committee.issue.slug, w.publication.slug]
    ),
    "publication_pdf": Row(
        GET="YYYYYYYYY", POST="MMMMMMMMM", arguments=lambda w: [w.committee.issue.slug, w.publication.slug]
    ),
    "publication_list": Row(GET="YYYYYYYYY", POST="MMMMMMMMM", arguments=lambda w: [w.committee.issue.slug]),
    "readyz": Row(GET="YYYYYYYYY", POST="MMMMMMMMM"),
    "reauthenticate_code": Row(GET="LPPPPPPPP", POST="LYYYYYYYY"),
    "reauthenticate_options": Row(GET="LPPPPPPPP", POST="LYYYYYYYY"),
    "recovery_codes": Row(GET="LNNNNNNNN", POST="LMMMMMMMM"),
    "recovery_codes_file": Row(GET="LNNNNNNNN", POST="LMMMMMMMM"),
    "recovery_codes_new": Row(GET="LPPPPPPPP", POST="LYYYYYYYY"),
    "reply_note_settle": Row(GET="LPPPPPPPP", POST="LNNFNYNYY", arguments=lambda w: [w.meeting.slug, w.reply_note.pk]),
    "request_link": Row(GET="YYYYYYYYY", POST="BBBBBBBBB", arguments=lambda w: [w.decide_token]),
    "robots": Row(GET="YYYYYYYYY", POST="MMMMMMMMM"),
    "application_answer": Row(GET="YYYYYYYYY", POST="YYYYYYYYY", arguments=lambda w: [w.answer_token]),
    "vouch_link": Row(GET="YYYYYYYYY", POST="YYYYYYYYY", arguments=lambda w: [w.vouch_token]),
    "office_link": Row(GET="YYYYYYYYY", POST="BBBBBBBBB", arguments=lambda w: [w.office_token]),
    "poll_ask": Row(GET="LPPPPPPPP", POST="LNNFNYNYY", arguments=lambda w: [w.poll.key]),
    "poll_choose": Row(GET="LNNFNYNYY", POST="LNNFNYNYY", arguments=lambda w: [w.poll.key, w.poll.slots.first().pk]),
    "poll_close": Row(GET="LPPPPPPPP", POST="LNNFNYNYY", arguments=lambda w: [w.poll.key]),
    "poll_detail": Row(GET="LNNYNYNYY", POST="LMMMMMMMM", arguments=lambda w: [w.poll.key]),
    "poll_discard": Row(GET="LPPPPPPPP", POST="LNNFNYNYY", arguments=lambda w: [w.poll.key]),
    "poll_edit": Row(GET="LNNFNYNYY", POST="LNNFNYNYY", arguments=lambda w: [w.poll.key]),
    "poll_link": Row(GET="YYYYYYYYY", POST="BBBBBBBBB", arguments=lambda w: [w.poll_token]),
    "poll_list": Row(GET="LFFYFYFYY", POST="LMMMMMMMM", arguments=lambda w: [w.committee.slug]),
    "poll_new": Row(GET="LFFFFYFYY", POST="LFFFFYFYY", arguments=lambda w: [w.committee.slug]),
    "poll_reopen": Row(GET="LPPPPPPPP", POST="LNNFNBNBB", arguments=lambda w: [w.poll.key]),
    "poll_times": Row(GET="LNNFNYNYY", POST="LNNFNYNYY", arguments=lambda w: [w.poll.key]),
    "poll_vote": Row(GET="LPPPPPPPP", POST="LNNBNBNFF", arguments=lambda w: [w.poll.key]),
    "rsvp_link": Row(GET="YYYYYYYYY", POST="BBBBBBBBB", arguments=lambda w: [w.rsvp_token]),
    "rsvp_link_calendar": Row(GET="YYYYYYYYY", POST="MMMMMMMMM", arguments=lambda w: [w.rsvp_token]),
    "rsvp_link_ics": Row(GET="YYYYYYYYY", POST="MMMMMMMMM", arguments=lambda w: [w.rsvp_token]),
    "search": Row(GET="LFYYYYYYY", POST="LMMMMMMMM"),
    "search_suggestions": Row(GET="LFYYYYYYY", POST="LMMMMMMMM"),
    "second_step_always": Row(GET="LPPPPPPPP", POST="LYYYYYYYY"),
    "second_step_later": Row(GET="LPPPPPPPP", POST="LYYYYYYYY"),
    "sending_again": Row(GET="LPPPPPPPP", POST="LNNNNYNYY", arguments=lambda w: [w.sending.pk]),
    "sending_bar": Row(GET="LNNNNYNYY", POST="LMMMMMMMM", arguments=lambda w: [w.sending.pk]),
    "sending_undo": Row(GET="LPPPPPPPP", POST="LNNNNYNYY", arguments=lambda w: [w.sending.pk]),
    "settings": Row(GET="LYYYYYYYY", POST="LMMMMMMMM"),
    "settings_hours": Row(GET="LNYYYYYYY", POST="LNYYYYYYY"),
    "council_night": Row(GET="LNYYYYYYY", POST="LNYYYYYYY"),
    "settings_calendar": Row(GET="LNYYYYYYY", POST="LNYYYYYYY"),
    "settings_calendar_new": Row(GET="LNYYYYYYY", POST="LNYYYYYYY"),
    "settings_details": Row(GET="LYYYYYYYY", POST="LYYYYYYYY"),
    "settings_email": Row(GET="LYYYYYYYY", POST="LYYYYYYYY"),
    "settings_email_again": Row(GET="LPPPPPPPP", POST="LYYYYYYYY"),
    "settings_email_code": Row(GET="LYYYYYYYY", POST="LYYYYYYYY"),
    "settings_email_works": Row(GET="LPPPPPPPP", POST="LYYYYYYYY"),
    "settings_messages": Row(GET="LYYYYYYYY", POST="LMMMMMMMM"),
    "settings_my_data": Row(GET=SIGNED_IN, POST="LMMMMMMMM"),
    "my_data_ask": Row(GET="LPPPPPPPP", POST="LYYYYYYYY"),
    "my_data_erase": Row(GET=SIGNED_IN, POST="LYYYYYYYF"),  # the last administrator stays
    "my_data_keep": Row(GET="LPPPPPPPP", POST="LYYYYYYYY"),
    "my_data_file": Row(GET="LNNNNNNNN", POST="LMMMMMMMM"),
    "settings_notifications": Row(GET="LYYYYYYYY", POST="LYYYYYYYY"),
    "settings_office": Row(GET=SIGNED_IN, POST="LMMMMMMMM"),
    "settings_office_add": Row(GET=MEMBERS, POST=MEMBERS),
    "settings_office_correct": Row(GET="LNNYNNNNN", POST="LNNYNNNNN", arguments=lambda w: [w.office.pk]),
    "settings_office_leave": Row(GET="LNNYNNNNN", POST="LNNYNNNNN", arguments=lambda w: [w.office.pk]),
    "settings_office_other": Row(GET="LNNYNNNNN", POST="LNNYNNNNN", arguments=lambda w: [w.office.pk]),
    "settings_office_right": Row(GET="LPPPPPPPP", POST="LNNYNNNNN", arguments=lambda w: [w.office.pk]),
    "settings_privacy": Row(GET="LYYYYYYYY", POST="LYYYYYYYY"),
    "settings_security": Row(GET="LYYYYYYYY", POST="LMMMMMMMM"),
    "sitemap": Row(GET="YYYYYYYYY", POST="MMMMMMMMM"),
    "staff_activity": Row(GET="LNNNNNFYY", POST="LMMMMMMMM"),
    "staff_activity_csv": Row(GET=STAFF, POST="LMMMMMMMM"),
    "staff_announcement_new": Row(GET="LNNNNNFFY", POST="LNNNNNFFY", besides={"organizer": "YY"}),
    "staff_announcements": Row(GET="LNNNNNFYY", POST="LMMMMMMMM"),
    "staff_mailings": Row(GET="LNNNNNFYY", POST="LMMMMMMMM"),
    "staff_mailing_new": Row(GET="LNNNNNFYY", POST="LNNNNNFYY"),
    "staff_mailing": Row(GET="LNNNNNFYY", POST="LMMMMMMMM", arguments=lambda w: [w.mailing.pk]),
    "staff_mailing_edit": Row(GET="LNNNNNFYY", POST="LNNNNNFYY", arguments=lambda w: [w.mailing.pk]),
    "staff_mailing_discard": Row(GET="LPPPPPPPP", POST="LNNNNNFYY", arguments=lambda w: [w.mailing.pk]),
    "staff_mailing_look": Row(GET="LNNNNNFYY", POST="LMMMMMMMM", arguments=lambda w: [w.mailing.pk, w.mo.pk]),
    "staff_mailing_test": Row(GET="LPPPPPPPP", POST="LNNNNNFYY", arguments=lambda w: [w.mailing.pk, w.mo.pk]),
    "staff_mailing_send": Row(GET="LNNNNNFYY", POST="LNNNNNFYY", arguments=lambda w: [w.mailing.pk]),
    "staff_mailing_pause": Row(GET="LPPPPPPPP", POST="LNNNNNFYY", arguments=lambda w: [w.mailing.pk]),
    "staff_mailing_go_on": Row(GET="LPPPPPPPP", POST="LNNNNNFYY", arguments=lambda w: [w.mailing.pk]),
    "staff_mailing_undo": Row(GET="LPPPPPPPP", POST="LNNNNNFYY", arguments=lambda w: [w.mailing.pk]),
    "staff_application": Row(
        GET="LNNNNNFYY", POST="LMMMMMMMM", arguments=lambda w: [w.application.pk], besides={"organizer": "F "}
    ),
    "staff_application_approve": Row(
        GET="LPPPPPPPP", POST="LNNNNNFYY", arguments=lambda w: [w.application.pk], besides={"organizer": " F"}
    ),
    "staff_application_ask": Row(
        GET="LNNNNNFYY", POST="LNNNNNFYY", arguments=lambda w: [w.application.pk], besides={"organizer": "FF"}
    ),
    "staff_application_vouch": Row(
        GET="LNNNNNFYY", POST="LNNNNNFBB", arguments=lambda w: [w.application.pk], besides={"organizer": "FF"}
    ),
    "staff_application_decline": Row(
        GET="LNNNNNFYY", POST="LNNNNNFYY", arguments=lambda w: [w.application.pk], besides={"organizer": "FF"}
    ),
    "staff_application_place": Row(
        GET="LNNNNNFYY", POST="LNNNNNFYY", arguments=lambda w: [w.application.pk], besides={"organizer": "FF"}
    ),
    "staff_applications": Row(GET="LNNNNNFYY", POST="LMMMMMMMM", besides={"organizer": "F "}),
    "staff_committee": Row(GET="LNNNNNFYY", POST="LMMMMMMMM", arguments=lambda w: [w.committee.slug]),
    "staff_committee_add": Row(GET="LPPPPPPPP", POST="LNNNNNFNN", arguments=lambda w: [w.committee.slug]),
    "staff_committee_archive": Row(GET="LNNNNNFYY", POST="LNNNNNFYY", arguments=lambda w: [w.committee.slug]),
    "staff_committee_edit": Row(GET="LNNNNNFYY", POST="LNNNNNFYY", arguments=lambda w: [w.committee.slug]),
    "staff_committee_new": Row(GET="LNNNNNFYY", POST="LNNNNNFYY"),
    "staff_committee_role": Row(GET="LPPPPPPPP", POST="LNNNNNFYY", arguments=lambda w: [w.committee.slug, w.seat.pk]),
    "staff_committees": Row(GET="LNNNNNFYY", POST="LMMMMMMMM"),
    "staff_deliveries": Row(GET="LNNNNNFYY", POST="LMMMMMMMM"),
    "staff_held": Row(GET="LNNNNNFYY", POST="LMMMMMMMM"),
    "staff_held_decide": Row(GET="LNNNNNFNN", POST="LNNNNNFNN"),
    "staff_member_messages": Row(GET="LNNNNNFYY", POST="LMMMMMMMM", arguments=lambda w: [w.mo.pk]),
    "staff_proof": Row(GET="LNNNNNFYY", POST="LMMMMMMMM"),
    "staff_refused": Row(GET="LNNNNNFYY", POST="LMMMMMMMM"),
    "staff_refused_dismiss": Row(GET="LPPPPPPPP", POST="LNNNNNFYY"),
    "staff_refused_send": Row(GET="LPPPPPPPP", POST="LNNNNNFYY"),
    "staff_refused_undo": Row(GET="LPPPPPPPP", POST="LNNNNNFYY", arguments=lambda w: [1]),
    "staff_unknown": Row(GET="LNNNNNFYY", POST="LMMMMMMMM"),
    "staff_delivery": Row(GET="LNNNNNFYY", POST="LMMMMMMMM", arguments=lambda w: [w.delivery.pk]),
    "staff_import": Row(
        GET="LNNNNNFYY", POST="LMMMMMMMM", arguments=lambda w: [w.imported.pk], besides={"organizer": "F "}
    ),
    "staff_import_again": Row(
        GET="LPPPPPPPP", POST="LNNNNNFYY", arguments=lambda w: [w.imported.pk], besides={"organizer": " F"}
    ),
    "staff_import_choose": Row(
        GET="LPPPPPPPP", POST="LNNNNNFYY", arguments=lambda w: [w.imported.pk], besides={"organizer": " F"}
    ),
    "staff_import_confirm": Row(
        GET="LPPPPPPPP", POST="LNNNNNFYY", arguments=lambda w: [w.imported.pk], besides={"organizer": " F"}
    ),
    "staff_import_columns": Row(
        GET=STAFF, POST=STAFF, arguments=lambda w: [w.imported.pk], besides={"organizer": "FF"}
    ),
    "staff_import_failed": Row(
        GET="LNNNNNFYY", POST="LMMMMMMMM", arguments=lambda w: [w.imported.pk], besides={"organizer": "F "}
    ),
    "staff_import_new": Row(GET=STAFF, POST=STAFF, besides={"organizer": "FF"}),
    "staff_import_plan": Row(
        GET="LNNNNNFYY", POST="LMMMMMMMM", arguments=lambda w: [w.imported.pk], besides={"organizer": "F "}
    ),
    "staff_import_stop": Row(
        GET="LPPPPPPPP", POST="LNNNNNFYY", arguments=lambda w: [w.imported.pk], besides={"organizer": " F"}
    ),
    "staff_import_undo": Row(
        GET="LPPPPPPPP", POST="LNNNNNFYY", arguments=lambda w: [w.imported.pk], besides={"organizer": " F"}
    ),
    "staff_imports": Row(GET="LNNNNNFYY", POST="LMMMMMMMM", besides={"organizer": "F "}),
    "staff_inbound": Row(GET="LNNNNNFYY", POST="LMMMMMMMM"),
    "staff_inbound_again": Row(GET="LPPPPPPPP", POST="LNNNNNFYY", arguments=lambda w: [w.inbound.pk]),
    "staff_inbound_answer": Row(
        GET="LNNNNNFYY", POST="LNNNNNFYY", arguments=lambda w: [w.waiting.pk], besides={"organizer": "FF"}
    ),
    "staff_inbound_back": Row(
        GET="LPPPPPPPP", POST="LNNNNNFYY", arguments=lambda w: [w.waiting.pk], besides={"organizer": " F"}
    ),
    "staff_inbound_done": Row(
        GET="LPPPPPPPP", POST="LNNNNNFYY", arguments=lambda w: [w.waiting.pk], besides={"organizer": " F"}
    ),
    "staff_inbound_hand_on": Row(
        GET="LNNNNNFYY", POST="LNNNNNFYY", arguments=lambda w: [w.waiting.pk], besides={"organizer": "FF"}
    ),
    "staff_inbound_mail": Row(GET="LNNNNNFYY", POST="LMMMMMMMM", arguments=lambda w: [w.inbound.pk]),
    "staff_inbound_raw": Row(GET="LPPPPPPPP", POST="LNNNNNFFY", arguments=lambda w: [w.inbound.pk]),
    "staff_issue": Row(GET="LNNNNNFYY", POST="LNNNNNFYY", arguments=lambda w: [w.committee.issue.slug]),
    "staff_issue_picture": Row(GET=STAFF, POST=STAFF, arguments=lambda w: [w.committee.issue.slug]),
    "staff_member": Row(GET="LNNNNNFYY", POST="LMMMMMMMM", arguments=lambda w: [w.mo.pk]),
    "staff_look_as": Row(GET="LNNNNNFYY", POST="LNNNNNFBB", arguments=lambda w: [w.mo.pk], besides={"organizer": "FF"}),
    "staff_look_stop": Row(GET="LPPPPPPPP", POST="LYYYYYYYY"),
    "staff_member_contact": Row(
        GET="LPPPPPPPP", POST="LNNNNNFYY", arguments=lambda w: [w.mo.pk], besides={"organizer": " F"}
    ),
    "staff_member_access": Row(GET="LNNNNNFFY", POST="LMMMMMMMM", arguments=lambda w: [w.mo.pk]),
    "staff_member_appoint": Row(GET="LPPPPPPPP", POST="LNNNNNFFY", arguments=lambda w: [w.mo.pk]),
    "staff_member_email": Row(GET="LNNNNNFFY", POST="LNNNNNFFY", arguments=lambda w: [w.mo.pk]),
    "staff_member_email_settle": Row(GET="LPPPPPPPP", POST="LNNNNNFFY", arguments=lambda w: [w.mo.pk]),
    "staff_member_forget_factors": Row(GET="LPPPPPPPP", POST="LNNNNNFFY", arguments=lambda w: [w.mo.pk]),
    "staff_member_role_end": Row(GET="LPPPPPPPP", POST="LNNNNNFFN", arguments=lambda w: [w.mo.pk, 0]),
    "staff_member_sign_out": Row(
        GET="LPPPPPPPP", POST="LNNNNNFYY", arguments=lambda w: [w.mo.pk], besides={"organizer": " F"}
    ),
    "staff_member_erase": Row(
        GET="LNNNNNFYY", POST="LNNNNNFYY", arguments=lambda w: [w.mo.pk], besides={"organizer": "FF"}
    ),
    "staff_member_keep": Row(
        GET="LPPPPPPPP", POST="LNNNNNFYY", arguments=lambda w: [w.mo.pk], besides={"organizer": " F"}
    ),
    "staff_retention": Row(GET="LNNNNNFFY", POST="LMMMMMMMM"),
    "staff_retention_arm": Row(GET="LPPPPPPPP", POST="LNNNNNFFY", arguments=lambda w: ["raw_mail"]),
    "staff_retention_disarm": Row(GET="LPPPPPPPP", POST="LNNNNNFFY", arguments=lambda w: ["raw_mail"]),
    "staff_member_standing": Row(
        GET="LNNNNNFNN", POST="LNNNNNFNN", arguments=lambda w: [w.mo.pk], besides={"organizer": "FF"}
    ),
    "staff_bulk_act": Row(GET="LNNNNNFYY", POST="LMMMMMMMM", arguments=lambda w: [w.bulk_act.pk]),
    "staff_bulk_act_stop": Row(
        GET="LPPPPPPPP", POST="LNNNNNFYY", arguments=lambda w: [w.bulk_act.pk], besides={"organizer": " F"}
    ),
    "staff_bulk_act_undo": Row(
        GET="LPPPPPPPP", POST="LNNNNNFYY", arguments=lambda w: [w.bulk_act.pk], besides={"organizer": " F"}
    ),
    "staff_bulk_acts": Row(GET="LNNNNNFYY", POST="LMMMMMMMM"),
    "staff_export": Row(
        GET="LNNNNNFYN", POST="LMMMMMMMM", arguments=lambda w: [w.export.pk], besides={"organizer": "FM"}
    ),
    "staff_export_file": Row(
        GET="LNNNNNFNN", POST="LMMMMMMMM", arguments=lambda w: [w.export.pk], besides={"organizer": "FM"}
    ),
    "staff_export_new": Row(GET=STAFF, POST=STAFF, besides={"organizer": "FF"}),
    "staff_export_stop": Row(
        GET="LPPPPPPPP", POST="LNNNNNFYN", arguments=lambda w: [w.export.pk], besides={"organizer": " F"}
    ),
    "staff_exports": Row(GET="LNNNNNFYY", POST="LMMMMMMMM", besides={"organizer": "FM"}),
    "staff_duplicate": Row(
        GET=STAFF, POST=STAFF, arguments=lambda w: [w.mo.pk, w.olga.pk], besides={"organizer": "FF"}
    ),
    "staff_duplicate_apart": Row(
        GET="LPPPPPPPP", POST=STAFF, arguments=lambda w: [w.mo.pk, w.olga.pk], besides={"organizer": " F"}
    ),
    "staff_duplicate_contact": Row(
        GET="LPPPPPPPP", POST=STAFF, arguments=lambda w: [w.mo.pk, w.olga.pk], besides={"organizer": " F"}
    ),
    "staff_duplicate_together": Row(
        GET="LPPPPPPPP", POST=STAFF, arguments=lambda w: [w.mo.pk, w.olga.pk], besides={"organizer": " F"}
    ),
    "staff_duplicates": Row(GET=STAFF, POST="LMMMMMMMM", besides={"organizer": "FM"}),
    "staff_merge": Row(GET=STAFF, POST="LMMMMMMMM", arguments=lambda w: [w.merge.pk], besides={"organizer": "FM"}),
    "staff_merge_undo": Row(GET="LPPPPPPPP", POST=STAFF, arguments=lambda w: [w.merge.pk], besides={"organizer": " F"}),
    "staff_members_act": Row(GET="LNNNNNFNN", POST="LNNNNNFNN"),
    "staff_member_tag": Row(GET="LPPPPPPPP", POST="LNNNNNFYY", arguments=lambda w: [w.mo.pk], data={"tag": "Donor"}),
    "staff_members": Row(GET="LNNNNNFYY", POST="LMMMMMMMM"),
    "staff_members_columns": Row(GET="LPPPPPPPP", POST="LNNNNNFYY"),
    "staff_office_add": Row(
        GET="LNNNNNFYY", POST="LNNNNNFYY", arguments=lambda w: [w.mo.pk], besides={"organizer": "FF"}
    ),
    "staff_office_correct": Row(
        GET="LNNNNNFYY", POST="LNNNNNFYY", arguments=lambda w: [w.mo.pk, w.office.pk], besides={"organizer": "FF"}
    ),
    "staff_office_leave": Row(
        GET="LNNNNNFYY", POST="LNNNNNFYY", arguments=lambda w: [w.mo.pk, w.office.pk], besides={"organizer": "FF"}
    ),
    "staff_office_other": Row(
        GET="LNNNNNFYY", POST="LNNNNNFYY", arguments=lambda w: [w.mo.pk, w.office.pk], besides={"organizer": "FF"}
    ),
    "staff_office_right": Row(
        GET="LPPPPPPPP", POST="LNNNNNFYY", arguments=lambda w: [w.mo.pk, w.office.pk], besides={"organizer": " F"}
    ),
    "staff_publication": Row(GET="LNNNNNFYY", POST="LNNNNNFYY", arguments=lambda w: [w.publication.pk]),
    "staff_publication_pdf": Row(GET=STAFF, POST=STAFF, arguments=lambda w: [w.publication.pk]),
    "staff_publication_picture": Row(GET=STAFF, POST=STAFF, arguments=lambda w: [w.publication.pk]),
    "staff_publication_new": Row(GET="LNNNNNFYY", POST="LNNNNNFYY"),
    "series_change": Row(GET="LNNFNYNYY", POST="LNNFNYNYY", arguments=lambda w: [w.series.key]),
    "series_dates": Row(GET="LFFFFYFYY", POST="LMMMMMMMM", arguments=lambda w: [w.committee.slug]),
    "series_detail": Row(GET="LNNYNYNYY", POST="LMMMMMMMM", arguments=lambda w: [w.series.key]),
    "series_edit": Row(GET="LNNFNYNYY", POST="LNNFNYNYY", arguments=lambda w: [w.series.key]),
    "series_end": Row(GET="LNNFNYNYY", POST="LNNFNYNYY", arguments=lambda w: [w.series.key]),
    "series_new": Row(GET="LFFFFYFYY", POST="LFFFFYFYY", arguments=lambda w: [w.committee.slug]),
    "series_pause": Row(GET="LNNFNYNYY", POST="LNNFNYNYY", arguments=lambda w: [w.series.key]),
    "series_restore": Row(GET="LPPPPPPPP", POST="LNNFNYNYY", arguments=lambda w: [w.series.key]),
    "series_resume": Row(GET="LPPPPPPPP", POST="LNNFNYNYY", arguments=lambda w: [w.series.key]),
    "series_tell": Row(GET="LPPPPPPPP", POST="LNNFNYNYY", arguments=lambda w: [w.series.key]),
    "series_answer": Row(GET="LPPPPPPPP", POST="LNNYNYNFF", arguments=lambda w: [w.series.key]),
    "series_ics": Row(GET="LNNYNYNYY", POST="LMMMMMMMM", arguments=lambda w: [w.series.key]),
    "series_join": Row(GET="LNNYNYNYY", POST="LMMMMMMMM", arguments=lambda w: [w.series.key]),
    "staff_publications": Row(GET="LNNNNNFYY", POST="LMMMMMMMM"),
    "staff_segment": Row(
        GET="LNNNNNFYN", POST="LNNNNNFYN", arguments=lambda w: [w.segment.pk], besides={"organizer": "NN"}
    ),
    "staff_segment_back": Row(
        GET="LPPPPPPPP", POST="LNNNNNFYN", arguments=lambda w: [w.segment.pk], besides={"organizer": " N"}
    ),
    "staff_segment_forget": Row(
        GET="LPPPPPPPP", POST="LNNNNNFYN", arguments=lambda w: [w.segment.pk], besides={"organizer": " N"}
    ),
    "staff_segment_new": Row(GET="LNNNNNFYY", POST="LNNNNNFYY"),
    "staff_reports": Row(GET=STAFF, POST="LMMMMMMMM"),
    "staff_reports_csv": Row(GET=STAFF, POST="LMMMMMMMM", arguments=lambda w: ["turnout"]),
    "staff_segments": Row(GET="LNNNNNFYY", POST="LMMMMMMMM"),
    "staff_suppression_lift": Row(GET="LPPPPPPPP", POST="LNNNNNFYY", arguments=lambda w: [w.suppression.pk]),
    "staff_suppressions_file": Row(GET="LPPPPPPPP", POST="LNNNNNFYY", besides={"organizer": " F"}),
    "staff_suppressions_import": Row(GET="LNNNNNFYY", POST="LNNNNNFYY", besides={"organizer": "FF"}),
    "staff_suppressions": Row(GET="LNNNNNFYY", POST="LMMMMMMMM"),
    "staff_terms": Row(GET=STAFF, POST="LMMMMMMMM"),
    "staff_terms_csv": Row(GET=STAFF, POST="LMMMMMMMM"),
    "staff_terms_settle": Row(GET=STAFF, POST=STAFF, besides={"organizer": "FF"}),
    "staff_terms_settle_undo": Row(GET="LPPPPPPPP", POST=STAFF, besides={"organizer": " F"}),
    "staff_today": Row(GET="LNNNNNFYY", POST="LMMMMMMMM"),
    "staff_unread": Row(GET="LNNNNNFYY", POST="LMMMMMMMM"),
    "staff_unread_again": Row(GET="LPPPPPPPP", POST="LNNNNNFYY", arguments=lambda w: [w.unread.pk]),
    "token_add": Row(GET="LPPPPPPPP", POST="LFYYYYYYY"),
    "token_revoke": Row(GET="LPPPPPPPP", POST="LNNNNNNNN", arguments=lambda w: ["00000000"]),
    "unsubscribe": Row(GET="YYYYYYYYY", POST="BBBBBBBBB", arguments=lambda w: [w.unsubscribe_token]),
}


# The same addresses of other things ------------------------------------------------------------------

A_CALL = (
    "meeting_detail",
    "meeting_agenda",
    "meeting_run",
    "meeting_answers",
    "meeting_attendance",
    "meeting_ics",
    "meeting_join",
    "meeting_print",
    "meeting_book",
    "meeting_book_pdf",
    "meeting_edit",
    "meeting_rsvp",
    "api_meeting-detail",
    "api_meeting-agenda",
    "api_meeting-ics",
    "api_meeting-rsvp",
)
A_COMMITTEE = (
    "committee_detail",
    "committee_announcements",
    "committee_actions",
    "committee_decisions",
    "committee_decisions_csv",
    "committee_documents",
    "decision_new",
    "decision_detail",
    "action_detail",
    "committee_meetings",
    "committee_people",
    "committee_requests",
    "manage_people",
    "committee_manage",
    "committee_health",
    "committee_handover",
    "committee_handover_pdf",
    "committee_join",
    "committee_ask",
    "committee_write",
    "committee_leave",
    "committee_edit",
    "document_upload",
    "meeting_schedule",
    "series_new",
    "poll_list",
    "poll_new",
    "find_a_time",
    "document_detail",
    "document_file",
    "announcement_detail",
    "api_committee-detail",
    "api_committee-people",
    "api_document-detail",
    "api_document-file",
    "staff_committee",
)
PUBLIC_CALL, CONFIDENTIAL, MARKED_PUBLIC = "a public call", "a confidential committee", "its call, marked public"
SHARED = "a call that a committee elsewhere shares"
# By kind of thing and address: letters of GET and of POST (over the API of PUT), each in the order of ROLES.
OTHERS: dict[str, dict[str, tuple[str, str]]] = {
    PUBLIC_CALL: {
        "meeting_detail": ("LYYYLYYYYYYYYY", "LMMMLMMMMMMMMM"),
        "meeting_agenda": ("LFFFLFFFFYFYYY", "LMMMLMMMMMMMMM"),
        "meeting_run": ("LFFFLFFFFYFYYY", "LMMMLMMMMMMMMM"),
        "meeting_answers": ("LFFFLFFYFYFYYY", "LMMMLMMMMMMMMM"),
        "meeting_attendance": ("LFFFLFFYFYFYYY", "LMMMLMMMMMMMMM"),
        "meeting_ics": ("LFFFLFFYFYFYYY", "LMMMLMMMMMMMMM"),
        "meeting_join": ("LFFFLFFYFYFYYY", "LMMMLMMMMMMMMM"),
        "meeting_print": ("LFFFLFFYFYFYYY", "LMMMLMMMMMMMMM"),
        "meeting_book": ("LFFFLFFYFYFYYY", "LFFFLFFYFYFYYY"),
        "meeting_book_pdf": ("LFFFLFFYFYFYYY", "LMMMLMMMMMMMMM"),
        "meeting_edit": ("LFFFLFFFFYFYYY", "LFFFLFFFFYFYYY"),
        "meeting_rsvp": ("LPPPLPPPPPPPPP", "LFFFLFFBFBFFFF"),
        "api_meeting-detail": ("LFFFLYYYYYYYYY", "LFFFLMMMMMMMMM"),
        "api_meeting-agenda": ("LFFFLFFYFYFYYY", "LFFFLMMMMMMMMM"),
        "api_meeting-ics": ("LFFFLFFYFYFYYY", "LFFFLMMMMMMMMM"),
        "api_meeting-rsvp": ("LFFFLYYYYYYYYY", "LFFFLFFBFBFFFF"),
    },
    CONFIDENTIAL: {
        "committee_detail": ("NNNNNNYNNNNYYY", "MMMMMMMMMMMMMM"),
        "committee_announcements": ("LNNNLNYNNNNYYY", "LMMMLMMMMMMMMM"),
        "committee_actions": ("LNNNLNYNNNNYYY", "LMMMLMMMMMMMMM"),
        "committee_decisions": ("LNNNLNYNNNNYYY", "LMMMLMMMMMMMMM"),
        "committee_decisions_csv": ("LNNNLNYNNNNYYY", "LMMMLMMMMMMMMM"),
        "committee_documents": ("LNNNLNYNNNNYYY", "LMMMLMMMMMMMMM"),
        "decision_new": ("LNNNLNFNNNNYYY", "LNNNLNFNNNNYYY"),
        "decision_detail": ("LNNNLNYNNNNYYY", "LMMMLMMMMMMMMM"),
        "action_detail": ("LNNNLNYNNNNYYY", "LNNNLNFNNNNYYY"),
        "committee_meetings": ("LNNNLNYNNNNYYY", "LMMMLMMMMMMMMM"),
        "committee_people": ("LNNNLNYNNNNYYY", "LMMMLMMMMMMMMM"),
        "committee_requests": ("LNNNLNFNNNNYYY", "LMMMLMMMMMMMMM"),
        "manage_people": ("LNNNLNFNNNNYYY", "LMMMLMMMMMMMMM"),
        "committee_manage": ("LNNNLNFNNNNYYY", "LMMMLMMMMMMMMM"),
        "committee_health": ("LNNNLNFNNNNYYY", "LMMMLMMMMMMMMM"),
        "committee_handover": ("LNNNLNFNNNNYYY", "LMMMLMMMMMMMMM"),
        "committee_handover_pdf": ("LNNNLNFNNNNYYY", "LMMMLMMMMMMMMM"),
        "committee_join": ("LNNNLNYNNNNYYY", "LNNNLNYNNNNYYY"),
        "committee_ask": ("LNNNLNYNNNNYYY", "LNNNLNYNNNNYYY"),
        "committee_write": ("LNNNLNYNNNNYYY", "LNNNLNYNNNNYYY"),
        "committee_leave": ("LNNNLNYNNNNYYY", "LNNNLNYNNNNYYY"),
        "committee_edit": ("LNNNLNFNNNNYYY", "LNNNLNFNNNNYYY"),
        "document_upload": ("LNNNLNFNNNNYYY", "LNNNLNFNNNNYYY"),
        "meeting_schedule": ("LNNNLNFNNNNYYY", "LNNNLNFNNNNYYY"),
        "series_new": ("LNNNLNFNNNNYYY", "LNNNLNFNNNNYYY"),
        "poll_list": ("LNNNLNYNNNNYYY", "LMMMLMMMMMMMMM"),
        "poll_new": ("LNNNLNFNNNNYYY", "LNNNLNFNNNNYYY"),
        "find_a_time": ("LNNNLNFNNNNYYY", "LMMMLMMMMMMMMM"),
        "document_detail": ("LNNNLNYNNNNYYY", "MMMMMMMMMMMMMM"),
        "document_file": ("LNNNLNYNNNNYYY", "MMMMMMMMMMMMMM"),
        "announcement_detail": ("LNNNLNYNNNNYYY", "LMMMLMMMMMMMMM"),
        "api_committee-detail": ("LFFFLNYNNNNYYY", "LFFFLMMMMMMMMM"),
        "api_committee-people": ("LFFFLNYNNNNYYY", "LFFFLMMMMMMMMM"),
        "api_document-detail": ("LFFFLNYNNNNYYY", "LFFFLMMMMMMMMM"),
        "api_document-file": ("LFFFLNYNNNNYYY", "LFFFLMMMMMMMMM"),
        "staff_committee": ("LNNNLNNNNNFYYY", "LMMMLMMMMMMMMM"),
        "meeting_detail": ("LNNNLNYNNNNYYY", "LMMMLMMMMMMMMM"),
        "meeting_agenda": ("LNNNLNFNNNNYYY", "LMMMLMMMMMMMMM"),
        "meeting_run": ("LNNNLNFNNNNYYY", "LMMMLMMMMMMMMM"),
        "meeting_answers": ("LNNNLNYNNNNYYY", "LMMMLMMMMMMMMM"),
        "meeting_attendance": ("LNNNLNYNNNNYYY", "LMMMLMMMMMMMMM"),
        "meeting_ics": ("LNNNLNYNNNNYYY", "LMMMLMMMMMMMMM"),
        "meeting_join": ("LNNNLNYNNNNYYY", "LMMMLMMMMMMMMM"),
        "meeting_print": ("LNNNLNYNNNNYYY", "LMMMLMMMMMMMMM"),
        "meeting_book": ("LNNNLNYNNNNYYY", "LNNNLNYNNNNYYY"),
        "meeting_book_pdf": ("LNNNLNYNNNNYYY", "LMMMLMMMMMMMMM"),
        "meeting_edit": ("LNNNLNFNNNNYYY", "LNNNLNFNNNNYYY"),
        "meeting_rsvp": ("LPPPLPPPPPPPPP", "LNNNLNBNNNNFFF"),
        "api_meeting-detail": ("LFFFLNYNNNNYYY", "LFFFLMMMMMMMMM"),
        "api_meeting-agenda": ("LFFFLNYNNNNYYY", "LFFFLMMMMMMMMM"),
        "api_meeting-ics": ("LFFFLNYNNNNYYY", "LFFFLMMMMMMMMM"),
        "api_meeting-rsvp": ("LFFFLNYNNNNYYY", "LFFFLNBNNNNFFF"),
    },
    SHARED: {
        "meeting_detail": ("LNNNLYNYYYNYYY", "LMMMLMMMMMMMMM"),
        "meeting_agenda": ("LNNNLFNFYYNYYY", "LMMMLMMMMMMMMM"),
        "meeting_run": ("LNNNLFNFYYNYYY", "LMMMLMMMMMMMMM"),
        "meeting_answers": ("LNNNLYNYYYNYYY", "LMMMLMMMMMMMMM"),
        "meeting_attendance": ("LNNNLYNYYYNYYY", "LMMMLMMMMMMMMM"),
        "meeting_ics": ("LNNNLYNYYYNYYY", "LMMMLMMMMMMMMM"),
        "meeting_join": ("LNNNLYNYYYNYYY", "LMMMLMMMMMMMMM"),
        "meeting_print": ("LNNNLYNYYYNYYY", "LMMMLMMMMMMMMM"),
        "meeting_book": ("LNNNLYNYYYNYYY", "LNNNLYNYYYNYYY"),
        "meeting_book_pdf": ("LNNNLYNYYYNYYY", "LMMMLMMMMMMMMM"),
        "meeting_edit": ("LNNNLFNFYYNYYY", "LNNNLFNFYYNYYY"),
        "meeting_rsvp": ("LPPPLPPPPPPPPP", "LNNNLBNBBBNFFF"),
        "api_meeting-detail": ("LFFFLYNYYYNYYY", "LFFFLMMMMMMMMM"),
        "api_meeting-agenda": ("LFFFLYNYYYNYYY", "LFFFLMMMMMMMMM"),
        "api_meeting-ics": ("LFFFLYNYYYNYYY", "LFFFLMMMMMMMMM"),
        "api_meeting-rsvp": ("LFFFLYNYYYNYYY", "LFFFLBNBBBNFFF"),
    },
    MARKED_PUBLIC: {
        "meeting_detail": ("LNNNLNYNNNNYYY", "LMMMLMMMMMMMMM"),
        "meeting_agenda": ("LNNNLNFNNNNYYY", "LMMMLMMMMMMMMM"),
        "meeting_run": ("LNNNLNFNNNNYYY", "LMMMLMMMMMMMMM"),
        "meeting_answers": ("LNNNLNYNNNNYYY", "LMMMLMMMMMMMMM"),
        "meeting_attendance": ("LNNNLNYNNNNYYY", "LMMMLMMMMMMMMM"),
        "meeting_ics": ("LNNNLNYNNNNYYY", "LMMMLMMMMMMMMM"),
        "meeting_join": ("LNNNLNYNNNNYYY", "LMMMLMMMMMMMMM"),
        "meeting_print": ("LNNNLNYNNNNYYY", "LMMMLMMMMMMMMM"),
        "meeting_book": ("LNNNLNYNNNNYYY", "LNNNLNYNNNNYYY"),
        "meeting_book_pdf": ("LNNNLNYNNNNYYY", "LMMMLMMMMMMMMM"),
        "meeting_edit": ("LNNNLNFNNNNYYY", "LNNNLNFNNNNYYY"),
        "meeting_rsvp": ("LPPPLPPPPPPPPP", "LNNNLNBNNNNFFF"),
        "api_meeting-detail": ("LFFFLNYNNNNYYY", "LFFFLMMMMMMMMM"),
        "api_meeting-agenda": ("LFFFLNYNNNNYYY", "LFFFLMMMMMMMMM"),
        "api_meeting-ics": ("LFFFLNYNNNNYYY", "LFFFLMMMMMMMMM"),
        "api_meeting-rsvp": ("LFFFLNYNNNNYYY", "LFFFLNBNNNNFFF"),
    },
}


def as_markdown() -> str:
    """The table for the documentation."""
    head = "# Who may do what\n\nMade by `python -m tests.access_table`; tests/test_access.py tries every cell.\n\n"
    head += "Y let in, L sign in first, F forbidden, N not found (existence is private), M no such method, P led on to the page its form stands on, "
    head += "B refused input.\n\n"
    head += "| address | method | " + " | ".join(ROLES) + " |\n|---|---|" + "---|" * len(ROLES) + "\n"
    lines = [
        f"| {name} | {method} | " + " | ".join(letters) + " |"
        for name, row in sorted(TABLE.items())
        for method in METHODS
        if (letters := row.letters(method).values())
    ]
    return head + "\n".join(lines) + "\n" + _others_as_markdown()


def _others_as_markdown() -> str:
    head = "\n# The same of other things\n\nThe table above is about a call, a paper and a committee that are neither public nor confidential.\n"
    for kind, rows in OTHERS.items():
        head += f"\n## {kind[0].upper()}{kind[1:]}\n\n| address | method | " + " | ".join(ROLES)
        head += " |\n|---|---|" + "---|" * len(ROLES) + "\n"
        for name, both in rows.items():
            for method, letters in zip(("GET", "PUT" if name == "api_meeting-rsvp" else "POST"), both, strict=True):
                head += f"| {name} | {method} | " + " | ".join(letters) + " |\n"
    return head


if __name__ == "__main__":
    print(as_markdown(), end="")
