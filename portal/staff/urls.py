"""Addresses of the staff desk, under /staff/."""

from django.urls import URLPattern, URLResolver, path

from committees.announcements import views as announcements
from committees.documents import unread_views
from members.applications import desk_views
from members.mail_desk.views import deliveries, failed, held, inbound, statistics, suppressions
from portal.staff.views import access, activity, committees, members, messages, pictures, publications, today

urlpatterns: list[URLPattern | URLResolver] = [
    path("", today.staff_today, name="staff_today"),
    path("applications/", desk_views.staff_applications, name="staff_applications"),
    path("applications/<int:pk>/", desk_views.staff_application, name="staff_application"),
    path("applications/<int:pk>/approve/", desk_views.staff_application_approve, name="staff_application_approve"),
    path("applications/<int:pk>/place/", desk_views.staff_application_place, name="staff_application_place"),
    path("applications/<int:pk>/decline/", desk_views.staff_application_decline, name="staff_application_decline"),
    path("members/", members.staff_members, name="staff_members"),
    path("members/<int:pk>/", members.staff_member, name="staff_member"),
    path("members/<int:pk>/messages/", messages.staff_member_messages, name="staff_member_messages"),
    path("members/<int:pk>/contact/", members.staff_member_contact, name="staff_member_contact"),
    path("members/<int:pk>/sign-out/", members.staff_member_sign_out, name="staff_member_sign_out"),
    path("members/<int:pk>/access/", access.staff_member_access, name="staff_member_access"),
    path("members/<int:pk>/access/appoint/", access.staff_member_appoint, name="staff_member_appoint"),
    path("members/<int:pk>/access/forget/", access.staff_member_forget_factors, name="staff_member_forget_factors"),
    path("members/<int:pk>/access/roles/<int:role>/end/", access.staff_member_role_end, name="staff_member_role_end"),
    path("members/<int:pk>/email/", access.staff_member_email, name="staff_member_email"),
    path("members/<int:pk>/standing/", members.staff_member_standing, name="staff_member_standing"),
    path("messages/", deliveries.staff_deliveries, name="staff_deliveries"),
    path("messages/refused/", failed.staff_refused, name="staff_refused"),
    path("messages/refused/send/", failed.staff_refused_send, name="staff_refused_send"),
    path("messages/refused/dismiss/", failed.staff_refused_dismiss, name="staff_refused_dismiss"),
    path("messages/refused/undo/<int:moment>/", failed.staff_refused_undo, name="staff_refused_undo"),
    path("messages/unknown/", deliveries.staff_unknown, name="staff_unknown"),
    path("messages/held/", held.staff_held, name="staff_held"),
    path("messages/held/decide/", held.staff_held_decide, name="staff_held_decide"),
    path("messages/inbound/", inbound.staff_inbound, name="staff_inbound"),
    path("messages/inbound/<int:pk>/", inbound.staff_inbound_mail, name="staff_inbound_mail"),
    path("messages/inbound/<int:pk>/again/", inbound.staff_inbound_again, name="staff_inbound_again"),
    path("messages/inbound/<int:pk>/raw/", inbound.staff_inbound_raw, name="staff_inbound_raw"),
    path("messages/proof/", statistics.staff_proof, name="staff_proof"),
    path("messages/<int:pk>/", deliveries.staff_delivery, name="staff_delivery"),
    path("messages/stopped/", suppressions.staff_suppressions, name="staff_suppressions"),
    path("messages/stopped/<int:pk>/lift/", suppressions.staff_suppression_lift, name="staff_suppression_lift"),
    path("papers/", unread_views.staff_unread, name="staff_unread"),
    path("papers/<int:pk>/again/", unread_views.staff_unread_again, name="staff_unread_again"),
    path("activity/", activity.staff_activity, name="staff_activity"),
    path("committees/", committees.staff_committees, name="staff_committees"),
    path("committees/new/", committees.staff_committee_new, name="staff_committee_new"),
    path("committees/<slug:slug>/", committees.staff_committee, name="staff_committee"),
    path("committees/<slug:slug>/edit/", committees.staff_committee_edit, name="staff_committee_edit"),
    path("committees/<slug:slug>/people/add/", committees.staff_committee_add, name="staff_committee_add"),
    path("committees/<slug:slug>/people/<int:pk>/", committees.staff_committee_role, name="staff_committee_role"),
    path("committees/<slug:slug>/archive/", committees.staff_committee_archive, name="staff_committee_archive"),
    path("announcements/", announcements.staff_announcements, name="staff_announcements"),
    path("announcements/new/", announcements.staff_announcement_new, name="staff_announcement_new"),
    path("publications/", publications.staff_publications, name="staff_publications"),
    path("publications/new/", publications.staff_publication_new, name="staff_publication_new"),
    path("publications/<int:pk>/", publications.staff_publication, name="staff_publication"),
    path("publications/<int:pk>/picture/", pictures.staff_publication_picture, name="staff_publication_picture"),
    path("publications/<int:pk>/pdf/", pictures.staff_publication_pdf, name="staff_publication_pdf"),
    path("issues/<slug:slug>/", publications.staff_issue, name="staff_issue"),
    path("issues/<slug:slug>/picture/", pictures.staff_issue_picture, name="staff_issue_picture"),
]
