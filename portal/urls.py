"""Every address of the portal."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", include("allauth.urls")),
    path("", include("members.urls")),
    path("", include("committees.urls")),
    path("", include("events.urls")),
]
