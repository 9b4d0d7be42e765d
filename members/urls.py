"""Addresses of members."""

from django.urls import URLPattern, URLResolver, path

from members.applications import asking_views
from members.applications import views as apply
from members.mail_desk.views import sendings
from members.places import views as jurisdictions
from members.privacy import views as contact
from members.settings import not_me_views, unsubscribe_views
from members.terms import link_views as office_links

urlpatterns: list[URLPattern | URLResolver] = [
    path("apply/", apply.name, name="apply"),
    path("apply/email/", apply.email, name="apply_email"),
    path("apply/code/", apply.code, name="apply_code"),
    path("apply/code/again/", apply.code_again, name="apply_code_again"),
    path("apply/office/", apply.office, name="apply_office"),
    path("apply/place/", apply.place, name="apply_place"),
    path("apply/term/", apply.term, name="apply_term"),
    path("apply/why/", apply.why, name="apply_why"),
    path("apply/check/", apply.check, name="apply_check"),
    path("apply/sent/", apply.sent, name="apply_sent"),
    path("w/<str:token>/", asking_views.application_answer, name="application_answer"),
    path("k/<str:token>/", asking_views.vouch_link, name="vouch_link"),
    path("n/<str:token>/", not_me_views.not_me_link, name="not_me_link"),
    path("o/<str:token>/", office_links.office_link, name="office_link"),
    path("u/<str:token>/", unsubscribe_views.unsubscribe, name="unsubscribe"),
    path("sendings/<int:pk>/", sendings.sending_bar, name="sending_bar"),
    path("sendings/<int:pk>/undo/", sendings.sending_undo, name="sending_undo"),
    path("sendings/<int:pk>/again/", sendings.sending_again, name="sending_again"),
    path("people/<int:pk>/contact/", contact.contact_ask, name="contact_ask"),
    path("contact-requests/", contact.contact_requests, name="contact_requests"),
    path("contact-requests/<int:pk>/", contact.contact_request, name="contact_request"),
    path("contact-requests/<int:pk>/take-back/", contact.contact_take_back, name="contact_take_back"),
    path("places/", jurisdictions.jurisdiction_search, name="jurisdiction_search"),
]
