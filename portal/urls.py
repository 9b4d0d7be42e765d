"""Every address of the portal."""

from django.urls import URLPattern, URLResolver, include, path

from portal.views import committees, home, issues, pages, people, search

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("api/", include("portal.api")),
    path("staff/", include("portal.staff.urls")),
    path("account/", include("allauth.urls")),
    path("", include("members.urls")),
    path("", include("committees.urls")),
    path("", include("events.urls")),
    # what everybody may see
    path("issues/", issues.issue_list, name="issue_list"),
    path("issues/<slug:slug>/", issues.issue_detail, name="issue_detail"),
    path("issues/<slug:slug>/news/", issues.publication_list, name="publication_list"),
    path("issues/<slug:slug>/<slug:publication_slug>/", issues.publication_detail, name="publication_detail"),
    path("committees/", committees.committee_list, name="committee_list"),
    path("committees/<slug:slug>/", committees.committee_detail, name="committee_detail"),
    path("about/", pages.about, name="about"),
    path("privacy/", pages.privacy, name="privacy"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("robots.txt", pages.robots, name="robots"),
    path("sitemap.xml", pages.sitemap, name="sitemap"),
    # members
    path("people/", people.people, name="people"),
    path("people/<int:pk>/", people.person, name="person"),
    path("search/", search.search, name="search"),
]
