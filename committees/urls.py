"""Addresses of committees."""

from django.urls import URLPattern, URLResolver, path

from committees.announcements import views as announcements
from committees.documents import views as documents
from committees.joining import applying, link_views
from committees.joining import views as joining
from committees.managing import views as managing
from committees.pictures import views as pictures
from committees.publications import views as publications
from committees.views import people
from committees.writing import views as writing

urlpatterns: list[URLPattern | URLResolver] = [
    # Joining and leaving
    path("apply/committee/", applying.apply_committee, name="apply_committee"),
    path("committees/<slug:slug>/join/", joining.committee_join, name="committee_join"),
    path("committees/<slug:slug>/write/", writing.committee_write, name="committee_write"),
    path("committees/<slug:slug>/ask/", joining.committee_ask, name="committee_ask"),
    path("committees/<slug:slug>/ask/withdraw/", joining.committee_withdraw, name="committee_withdraw"),
    path("committees/<slug:slug>/leave/", joining.committee_leave, name="committee_leave"),
    path("committees/<slug:slug>/leave/undo/", joining.committee_rejoin, name="committee_rejoin"),
    # People
    path("committees/<slug:slug>/people/", people.committee_people, name="committee_people"),
    path("committees/<slug:slug>/requests/", people.committee_requests, name="committee_requests"),
    path("q/<str:token>/", link_views.request_link, name="request_link"),
    path("committees/<slug:slug>/requests/<int:pk>/", people.committee_request_answer, name="committee_request_answer"),
    path("committees/<slug:slug>/manage/people/", managing.manage_people, name="manage_people"),
    path("committees/<slug:slug>/manage/people/add", managing.manage_people_add, name="manage_people_add"),
    path("committees/<slug:slug>/manage/people/<int:pk>/", managing.manage_person, name="manage_person"),
    path("committees/<slug:slug>/manage/people/<int:pk>/back/", managing.manage_person_back, name="manage_person_back"),
    path("committees/<slug:slug>/edit/", people.committee_edit, name="committee_edit"),
    # Announcements
    path("announcements/", announcements.announcement_list, name="announcement_list"),
    path(
        "committees/<slug:slug>/announcements/", announcements.committee_announcements, name="committee_announcements"
    ),
    path("committees/<slug:slug>/announcements/new/", announcements.announcement_new, name="announcement_new"),
    path("announcements/<int:pk>/", announcements.announcement_detail, name="announcement_detail"),
    path("announcements/<int:pk>/edit/", announcements.announcement_edit, name="announcement_edit"),
    path("announcements/<int:pk>/discard/", announcements.announcement_discard, name="announcement_discard"),
    path("announcements/<int:pk>/send/", announcements.announcement_send, name="announcement_send"),
    path("announcements/<int:pk>/sent/", announcements.announcement_sent, name="announcement_sent"),
    # Documents
    path("library/", documents.library, name="library"),
    path("committees/<slug:slug>/documents/", documents.committee_documents, name="committee_documents"),
    path("committees/<slug:slug>/documents/upload/", documents.document_upload, name="document_upload"),
    path("documents/<int:pk>/", documents.document_detail, name="document_detail"),
    path("documents/<int:pk>/new-version/", documents.document_new_version, name="document_new_version"),
    path("documents/<int:pk>/withdraw/", documents.document_withdraw, name="document_withdraw"),
    path("documents/<int:pk>/restore/", documents.document_restore, name="document_restore"),
    path("documents/<int:pk>/<int:number>/file", documents.document_file, name="document_file"),
    path("documents/<int:pk>/<int:number>/preview", documents.document_preview, name="document_preview"),
    # What is published
    path("pictures/<slug:key>/<int:width>.<slug:ending>", pictures.picture_file, name="picture_file"),
    path("issues/<slug:slug>/<slug:publication_slug>/pdf/", publications.publication_pdf, name="publication_pdf"),
]
