"""Addresses of events."""

from django.urls import URLPattern, URLResolver, path

from events.agenda import proposal_views as proposals
from events.agenda import template_views as agenda_templates
from events.agenda import views as agendas
from events.answers import link_views, reply_views
from events.answers import series_views as series_answers
from events.answers import views as rsvps
from events.availability import hours_views
from events.availability import views as availability
from events.book import views as books
from events.calendar import series_views
from events.calendar import views as feeds
from events.polls import link_views as poll_links
from events.polls import making_views
from events.polls import views as polls
from events.record import attendance_views as attendances
from events.record import history_views as histories
from events.record import report_views as reports
from events.record.actions import link_views as action_links
from events.record.actions import views as actions
from events.record.decisions import views as decisions
from events.record.minutes import answering_views, deciding_views, writing_views
from events.record.minutes import views as minutes
from events.run import views as running
from events.schedule import sharing_views as shared
from events.schedule import telling_views
from events.schedule import views as scheduling
from events.series import page_views as series_pages
from events.series import views as series
from events.views import joining, meetings

urlpatterns: list[URLPattern | URLResolver] = [
    path("calls/", meetings.meeting_list, name="meeting_list"),
    path("calls/<slug:slug>/", meetings.meeting_detail, name="meeting_detail"),
    path("calls/<slug:slug>/committees/", shared.meeting_committees, name="meeting_committees"),
    path(
        "calls/<slug:slug>/committees/<slug:committee>/away",
        shared.meeting_committee_part,
        name="meeting_committee_part",
    ),
    path("calls/<slug:slug>/print/", meetings.meeting_print, name="meeting_print"),
    path("calls/<slug:slug>/call.ics", meetings.meeting_ics, name="meeting_ics"),
    path("calls/<slug:slug>/join", joining.meeting_join, name="meeting_join"),
    path("j/<str:token>/", joining.join_link, name="join_link"),
    # answers
    path("calls/<slug:slug>/rsvp", rsvps.meeting_rsvp, name="meeting_rsvp"),
    path("calls/<slug:slug>/answers/", rsvps.meeting_answers, name="meeting_answers"),
    path("calls/<slug:slug>/nudge/", telling_views.meeting_nudge, name="meeting_nudge"),
    path("calls/<slug:slug>/answers/<int:pk>", rsvps.meeting_answer_for, name="meeting_answer_for"),
    path(
        "calls/<slug:slug>/calendar-answers/<int:pk>", reply_views.calendar_reply_decide, name="calendar_reply_decide"
    ),
    path("calls/<slug:slug>/notes/<int:pk>", reply_views.reply_note_settle, name="reply_note_settle"),
    path("r/<str:token>/", link_views.rsvp_link, name="rsvp_link"),
    path("r/<str:token>/calendar/", link_views.rsvp_link_calendar, name="rsvp_link_calendar"),
    path("r/<str:token>/call.ics", link_views.rsvp_link_ics, name="rsvp_link_ics"),
    # who was there
    path("committees/<slug:slug>/attendance/", histories.committee_attendance, name="committee_attendance"),
    path("committees/<slug:slug>/attendance.csv", histories.committee_attendance_csv, name="committee_attendance_csv"),
    path("calls/<slug:slug>/attendance/", attendances.meeting_attendance, name="meeting_attendance"),
    path("calls/<slug:slug>/attendance/offered", attendances.attendance_mark_offered, name="attendance_mark_offered"),
    path("calls/<slug:slug>/attendance/report/", reports.attendance_report, name="attendance_report"),
    path(
        "calls/<slug:slug>/attendance/report/<int:pk>/", reports.attendance_report_look, name="attendance_report_look"
    ),
    path("calls/<slug:slug>/attendance/<int:pk>/", attendances.attendance_times, name="attendance_times"),
    path("calls/<slug:slug>/attendance/<int:pk>/mark", attendances.attendance_mark, name="attendance_mark"),
    path("calls/<slug:slug>/here", attendances.attendance_check_in, name="attendance_check_in"),
    # calls in a calendar
    path("calendar/<str:token>.ics", feeds.calendar_feed, name="calendar_feed"),
    path("settings/calendar/", feeds.settings_calendar, name="settings_calendar"),
    path("settings/calendar/new/", feeds.settings_calendar_new, name="settings_calendar_new"),
    path("committees/<slug:slug>/series/new/", series.series_new, name="series_new"),
    path("committees/<slug:slug>/series/dates/", series.series_dates, name="series_dates"),
    path("series/<slug:key>/", series_pages.series_detail, name="series_detail"),
    path("series/<slug:key>/tell/", series_pages.series_tell, name="series_tell"),
    path("series/<slug:key>/change/", series_pages.series_change, name="series_change"),
    path("series/<slug:key>/edit/", series_pages.series_edit, name="series_edit"),
    path("series/<slug:key>/pause/", series_pages.series_pause, name="series_pause"),
    path("series/<slug:key>/resume/", series_pages.series_resume, name="series_resume"),
    path("series/<slug:key>/end/", series_pages.series_end, name="series_end"),
    path("series/<slug:key>/restore/", series_pages.series_restore, name="series_restore"),
    path("series/<slug:key>/answer", series_answers.series_answer, name="series_answer"),
    path("series/<slug:key>/series.ics", series_views.series_ics, name="series_ics"),
    path("series/<slug:key>/join", series_views.series_join, name="series_join"),
    path("settings/hours/", hours_views.settings_hours, name="settings_hours"),
    path("settings/hours/council/", hours_views.council_night, name="council_night"),
    # what was decided, and who does what
    path("committees/<slug:slug>/decisions/", decisions.committee_decisions, name="committee_decisions"),
    path(
        "committees/<slug:slug>/decisions/decisions.csv",
        decisions.committee_decisions_csv,
        name="committee_decisions_csv",
    ),
    path("committees/<slug:slug>/decisions/new/", decisions.decision_new, name="decision_new"),
    path("committees/<slug:slug>/decisions/<slug:reference>/", decisions.decision_detail, name="decision_detail"),
    path(
        "committees/<slug:slug>/decisions/<slug:reference>/correct/",
        decisions.decision_correct,
        name="decision_correct",
    ),
    path("committees/<slug:slug>/actions/", actions.committee_actions, name="committee_actions"),
    path("committees/<slug:slug>/actions/new/", actions.action_new, name="action_new"),
    path("committees/<slug:slug>/actions/<int:pk>/", actions.action_detail, name="action_detail"),
    path("committees/<slug:slug>/actions/<int:pk>/act", actions.action_act, name="action_act"),
    path("a/<str:token>/", action_links.action_link, name="action_link"),
    # putting a call on
    path("committees/<slug:slug>/calls/", meetings.committee_meetings, name="committee_meetings"),
    path("committees/<slug:slug>/calls/new/", scheduling.meeting_schedule, name="meeting_schedule"),
    path("committees/<slug:slug>/calls/when/", scheduling.meeting_when, name="meeting_when"),
    path("committees/<slug:slug>/find-a-time/", availability.find_a_time, name="find_a_time"),
    path("calls/<slug:slug>/tell/", telling_views.meeting_tell, name="meeting_tell"),
    path("calls/<slug:slug>/edit/", scheduling.meeting_edit, name="meeting_edit"),
    path("calls/<slug:slug>/move/", scheduling.meeting_move, name="meeting_move"),
    path("calls/<slug:slug>/cancel/", scheduling.meeting_cancel, name="meeting_cancel"),
    # running it
    path("calls/<slug:slug>/run/", running.meeting_run, name="meeting_run"),
    path("calls/<slug:slug>/run/record", running.run_record, name="run_record"),
    # finding a time by asking
    path("committees/<slug:slug>/polls/", polls.poll_list, name="poll_list"),
    path("committees/<slug:slug>/polls/new/", making_views.poll_new, name="poll_new"),
    path("polls/<uuid:key>/", polls.poll_detail, name="poll_detail"),
    path("polls/<uuid:key>/vote", polls.poll_vote, name="poll_vote"),
    path("polls/<uuid:key>/send/", making_views.poll_ask, name="poll_ask"),
    path("polls/<uuid:key>/edit/", making_views.poll_edit, name="poll_edit"),
    path("polls/<uuid:key>/discard", making_views.poll_discard, name="poll_discard"),
    path("polls/<uuid:key>/times/", making_views.poll_times, name="poll_times"),
    path("polls/<uuid:key>/close", polls.poll_close, name="poll_close"),
    path("polls/<uuid:key>/reopen", polls.poll_reopen, name="poll_reopen"),
    path("polls/<uuid:key>/choose/<int:slot>/", making_views.poll_choose, name="poll_choose"),
    path("v/<str:token>/", poll_links.poll_link, name="poll_link"),
    # the agenda
    path("calls/<slug:slug>/agenda/", agendas.meeting_agenda, name="meeting_agenda"),
    path("calls/<slug:slug>/agenda/add", agendas.agenda_item_add, name="agenda_item_add"),
    path("calls/<slug:slug>/agenda/publish/", telling_views.meeting_agenda_publish, name="meeting_agenda_publish"),
    path("calls/<slug:slug>/agenda/carry", agendas.agenda_carry, name="agenda_carry"),
    path("calls/<slug:slug>/agenda/copy", agendas.agenda_copy, name="agenda_copy"),
    path("calls/<slug:slug>/agenda/templates/save", agenda_templates.agenda_template_save, name="agenda_template_save"),
    path(
        "calls/<slug:slug>/agenda/templates/<int:pk>/start",
        agenda_templates.agenda_template_start,
        name="agenda_template_start",
    ),
    path(
        "calls/<slug:slug>/agenda/templates/<int:pk>/remove",
        agenda_templates.agenda_template_remove,
        name="agenda_template_remove",
    ),
    path(
        "calls/<slug:slug>/agenda/templates/<int:pk>/back",
        agenda_templates.agenda_template_back,
        name="agenda_template_back",
    ),
    path("calls/<slug:slug>/agenda/<int:pk>/", agendas.agenda_item_edit, name="agenda_item_edit"),
    path("calls/<slug:slug>/agenda/<int:pk>/shift", agendas.agenda_item_shift, name="agenda_item_shift"),
    path("calls/<slug:slug>/agenda/<int:pk>/minutes", agendas.agenda_item_minutes, name="agenda_item_minutes"),
    path("calls/<slug:slug>/agenda/<int:pk>/remove", agendas.agenda_item_remove, name="agenda_item_remove"),
    path("calls/<slug:slug>/agenda/<int:pk>/restore", agendas.agenda_item_restore, name="agenda_item_restore"),
    # what members propose for it
    path("calls/<slug:slug>/propose/", proposals.meeting_propose, name="meeting_propose"),
    path("calls/<slug:slug>/propose/<int:pk>/withdraw", proposals.proposal_withdraw, name="proposal_withdraw"),
    path("calls/<slug:slug>/proposals/<int:pk>/", proposals.meeting_proposal, name="meeting_proposal"),
    # the agenda book
    path("calls/<slug:slug>/book/", books.meeting_book, name="meeting_book"),
    path("calls/<slug:slug>/book.pdf", books.meeting_book_pdf, name="meeting_book_pdf"),
    # minutes
    path("calls/<slug:slug>/minutes/", minutes.meeting_minutes, name="meeting_minutes"),
    path("calls/<slug:slug>/minutes/preview/", minutes.meeting_minutes_preview, name="meeting_minutes_preview"),
    path("calls/<slug:slug>/minutes/print/", minutes.meeting_minutes_print, name="meeting_minutes_print"),
    path("calls/<slug:slug>/minutes.pdf", minutes.meeting_minutes_pdf, name="meeting_minutes_pdf"),
    path("calls/<slug:slug>/minutes/changes/", minutes.meeting_minutes_changes, name="meeting_minutes_changes"),
    path("calls/<slug:slug>/minutes/send/", writing_views.meeting_minutes_send, name="meeting_minutes_send"),
    path("calls/<slug:slug>/minutes/comment/", answering_views.meeting_minutes_comment, name="meeting_minutes_comment"),
    path(
        "calls/<slug:slug>/minutes/comments/<int:pk>",
        answering_views.meeting_minutes_settle,
        name="meeting_minutes_settle",
    ),
    path("calls/<slug:slug>/minutes/object/", answering_views.meeting_minutes_object, name="meeting_minutes_object"),
    path("calls/<slug:slug>/minutes/approve/", deciding_views.meeting_minutes_approve, name="meeting_minutes_approve"),
    path("calls/<slug:slug>/minutes/amend/", deciding_views.meeting_minutes_amend, name="meeting_minutes_amend"),
    path("committees/<slug:slug>/minutes/", minutes.committee_minutes, name="committee_minutes"),
]
