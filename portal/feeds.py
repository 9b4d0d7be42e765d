"""What is published, for feed readers (Atom, RFC 4287): all of it, and an issue at a time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from committees.models import IssueArea, Publication

NEWEST = 30


class PublicationFeed(Feed):
    """Addresses are those of the settings, whichever name somebody asked by."""

    feed_type = Atom1Feed

    def get_object(self, request: HttpRequest, issue: IssueArea | None = None) -> IssueArea | None:
        return issue

    def title(self, issue: IssueArea | None) -> str:
        return f"{issue.name} · {settings.ORG_NAME}" if issue else settings.ORG_NAME

    def subtitle(self, issue: IssueArea | None) -> str:
        return issue.tagline if issue else _("Reports, posts and news")

    def link(self, issue: IssueArea | None) -> str:
        return settings.SITE_URL + (issue.get_absolute_url() if issue else "/")

    def feed_url(self, issue: IssueArea | None) -> str:
        return settings.SITE_URL + (reverse("issue_feed", args=[issue.slug]) if issue else reverse("feed"))

    def items(self, issue: IssueArea | None) -> QuerySet[Publication]:
        published = Publication.objects.published().select_related("issue", "author")
        about = published.about(issue) if issue else published
        return about.prefetch_related("also_about").order_by("-published_at", "-pk")[:NEWEST]

    def item_title(self, item: Any) -> str:
        return str(item)

    def item_description(self, item: Any) -> str:
        return str(item.summary)

    def item_link(self, item: Publication) -> str:
        return item.external_url or settings.SITE_URL + item.get_absolute_url()

    def item_guid(self, item: Publication) -> str:
        """The same wherever it moves, so that no reader of feeds shows it twice (RFC 4287, 4.2.6; RFC 4151)."""
        return f"tag:{urlsplit(settings.SITE_URL).hostname},2026:publication:{item.pk}"

    def item_pubdate(self, item: Publication) -> datetime | None:
        return item.published_at

    item_updateddate = item_pubdate

    def item_author_name(self, item: Publication) -> str:
        return item.byline or settings.ORG_NAME

    def item_categories(self, item: Publication) -> Iterable[str]:
        return [item.issue.name, *(issue.name for issue in item.also_about.all() if issue.published_at)]


publication_feed = PublicationFeed()
