"""Every address of the portal."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from portal.views import (
    chairing,
    committees,
    demo,
    developers,
    email,
    health,
    home,
    issues,
    messages,
    metrics,
    notifications,
    pages,
    people,
    search,
)

handler400 = "portal.views.errors.bad_request"
handler403 = "portal.views.errors.forbidden"
handler404 = "portal.gone.not_found"
handler500 = "portal.views.errors.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("api/", include("portal.api")),
    path("staff/", include("portal.staff.urls")),
    path("admin/", admin.site.urls),
    path("account/", include("members.account_urls")),
    path("settings/", include("members.settings_urls")),
    path("settings/notifications/", notifications.notifications, name="settings_notifications"),
    path("settings/messages/", messages.messages, name="settings_messages"),
    path("settings/email/", email.new_email, name="settings_email"),
    path("settings/email/code/", email.new_email_code, name="settings_email_code"),
    path("settings/email/again/", email.new_email_again, name="settings_email_again"),
    path("", include("members.urls")),
    path("", include("committees.urls")),
    path("", include("events.urls")),
    # is it well?
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    # demo mode only
    path("demo/", demo.people, name="demo"),
    path("demo/sign-in/", demo.sign_in, name="demo_sign_in"),
    path("demo/gallery/", demo.gallery, name="demo_gallery"),
    path("demo/gallery/<slug:kind>/<slug:look>", demo.letter, name="demo_letter"),
    path("demo/mail/", demo.mail, name="demo_mail"),
    path("demo/mail/<slug:pk>/", demo.message, name="demo_message"),
    path("demo/mail/<slug:pk>/html", demo.message_html, name="demo_message_html"),
    path("demo/mail/<slug:pk>/raw", demo.raw, name="demo_raw"),
    # what everybody may see
    path("issues/", issues.issue_list, name="issue_list"),
    path("issues/<slug:slug>/", issues.issue_detail, name="issue_detail"),
    path("issues/<slug:slug>/atom.xml", issues.issue_feed, name="issue_feed"),
    path("issues/<slug:slug>/news/", issues.publication_list, name="publication_list"),
    path("issues/<slug:slug>/<slug:publication_slug>/", issues.publication_detail, name="publication_detail"),
    path("committees/", committees.committee_list, name="committee_list"),
    path("committees/<slug:slug>/", committees.committee_detail, name="committee_detail"),
    path("committees/<slug:slug>/manage/", chairing.committee_manage, name="committee_manage"),
    path("committees/<slug:slug>/health/", chairing.committee_health, name="committee_health"),
    path("committees/<slug:slug>/handover/", chairing.committee_handover, name="committee_handover"),
    path("committees/<slug:slug>/handover.pdf", chairing.committee_handover_pdf, name="committee_handover_pdf"),
    path("about/", pages.about, name="about"),
    path("privacy/", pages.privacy, name="privacy"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("developers/", developers.developers, name="developers"),
    path("atom.xml", pages.feed, name="feed"),
    path("robots.txt", pages.robots, name="robots"),
    path("sitemap.xml", pages.sitemap, name="sitemap"),
    # members
    path("people/", people.people, name="people"),
    path("people/<int:pk>/", people.person, name="person"),
    path("search/", search.search, name="search"),
    path("search/suggestions/", search.search_suggestions, name="search_suggestions"),
]
if settings.WEBHOOK_SECRET:  # the mail provider's: mail that comes in, and what became of mail that went out
    urlpatterns.append(path("webhooks/mail/", include("members.mail.incoming.webhooks")))
