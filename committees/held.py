"""What is held of a person in committees: seats, requests, and what they wrote and brought."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from committees.models import Document
from members.models import User
from members.privacy.holdings import Rows, Upload, about, acts, named_in


def _open_papers(versions: Rows, person: User) -> Rows:
    return versions.filter(document__in=Document.objects.visible_to(person))


def _end_seats(memberships: Rows, person: User) -> None:
    for membership in memberships.filter(ended_on=None).select_related("committee"):
        membership.end(person)


def _take_off_byline(publications: Rows, person: User) -> None:
    publications.update(author_name="")


about(
    "committees.Membership.user",
    "committee__name role started_on ended_on term_ends_on",
    ends=_end_seats,
    keeps=_("seats on committees, with their days"),
)
about("committees.MembershipEvent.user")
about(
    "committees.JoinRequest.user",
    "committee__name message asked_at closed_at outcome note",
    clears={"message": "", "note": ""},
)
about(
    "committees.Announcement.author",
    "committee__name headline body created_at sent_at",
    keeps=_("announcements that went out"),
)
about("committees.Mailing.author", "subject body created_at sent_at", keeps=_("emails to lists that went out"))
about(
    "committees.DocumentVersion.uploaded_by",
    "document__title name size uploaded_at",
    upload=Upload("file", "name", _open_papers),
    keeps=_("papers that you brought to committees"),
)
about("committees.Publication.author", "title dated_on", ends=_take_off_byline, keeps=_("publications"))
about("committees.Picture.uploaded_by", "description credit uploaded_at")
acts("committees.Membership.ended_by", "committees.MembershipEvent.ended_by", "committees.JoinRequest.closed_by")

named_in("committees.Announcement", "headline body")
named_in("committees.Publication", "author_name")
