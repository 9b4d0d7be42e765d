"""One person's messages, each with the sentence that says why it went or not, and the calls of which they got none."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from committees.models import Membership
from events.messages.why_not import why_unsent_of_all
from events.models import Meeting
from members.mail_desk.explain import explain_all
from members.mail_desk.views.deliveries import SEE, TONES, label
from members.models import Delivery, User
from members.queries.paging import page_of
from members.sign_in.access import staff_page
from members.text.numbers import key_of
from members.times import clock
from members.web.pages import page_at

SHOWN = 50
AROUND = timedelta(days=30)  # how far from now calls are looked at
FEW = 5  # calls without a message, the nearest


@require_safe
@staff_page(SEE)
def staff_member_messages(request: HttpRequest, pk: int) -> HttpResponse:
    """Newest first; with `?about=meeting:12` those about that one thing."""
    person = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    about = request.GET.get("about", "").replace("\0", "")
    deliveries = Delivery.objects.for_listing().filter(recipient=person)
    page = page_of(deliveries.filter(about=about) if about else deliveries, ["-due_at", "-pk"], request.GET, size=SHOWN)
    silent = _silent(request.user, person, about)
    missing = why_unsent_of_all(silent, person, to_you=False) if silent else {}
    rows = zip(page.rows, explain_all(page.rows), strict=True)
    context = {
        "person": person,
        "about": about,
        "meeting": _meeting(request.user, about),
        "page": page,
        "rows": [(each, label(each), TONES.get(each.state, ""), sentence) for each, sentence in rows],
        "silent": [(call, missing[call.pk]) for call in silent if missing[call.pk]],
        **page_at("members"),
    }
    return render(request, "portal/staff/member_messages.html", context)


def _meeting(user: User, about: str) -> Meeting | None:
    sort, _colon, pk = about.partition(":")
    calls = Meeting.objects.visible_to(user).select_related("committee")
    return calls.filter(pk=key_of(pk)).first() if sort == "meeting" else None


def _silent(user: User, person: User, about: str) -> list[Meeting]:
    """The call asked about, or those around now of committees the person is or was on, about which they got nothing."""
    if about:
        asked = _meeting(user, about)
        return [asked] if asked else []
    told = Delivery.objects.filter(recipient=person, about__startswith="meeting:").values("about_id")
    calls = Meeting.objects.visible_to(user).select_related("committee").exclude(pk__in=told)
    memberships = Membership.objects.filter(user=person).values("committee")
    near = calls.of_committees(memberships).filter(starts_at__range=(clock.now() - AROUND, clock.now() + AROUND))
    return sorted(near, key=lambda call: abs(call.starts_at - clock.now()))[:FEW]
