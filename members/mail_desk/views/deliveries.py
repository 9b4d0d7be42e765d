"""Messages for staff: who was sent what, and why or why not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from members.fields import LineField
from members.mail.emails import message_id
from members.mail.kinds import registry
from members.mail.scopes import scope_name, scope_names
from members.mail_desk.explain import explain, explain_all
from members.mail_desk.statistics import backlog
from members.models import Delivery, User
from members.models.deliveries import DeliveryQuerySet
from members.queries.paging import page_of
from members.sign_in.access import staff_page
from members.web import plain_forms
from members.web.pages import page_at

SEE, HANDLE = "members.see_deliveries", "members.handle_deliveries"
CONTACT = "members.see_contact_details"
SHOWN = 100
TONES = {
    Delivery.State.SENT: "good",
    Delivery.State.FAILED: "bad",
    Delivery.State.EXPIRED: "warn",
    Delivery.State.SENDING: "info",
    Delivery.State.CLAIMED: "info",
}


class FilterForm(plain_forms.Form):
    q = LineField(
        label=_("Name or email"),
        required=False,
        max_length=120,
        widget=forms.SearchInput(attrs={"placeholder": _("Name or email")}),
    )
    state = forms.ChoiceField(label=_("State"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    about = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)  # "announcement:12"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [("", _("All states")), *Delivery.State.choices]
        kinds = sorted(((kind, kind_label(kind)) for kind in registry), key=lambda choice: choice[1])
        self.fields["kind"].choices = [("", _("All kinds")), *kinds]

    def apply(self, deliveries: DeliveryQuerySet, reader: User) -> DeliveryQuerySet:
        if not self.is_valid():
            return deliveries
        chosen = self.cleaned_data
        if chosen["q"]:
            deliveries = deliveries.to_people_like(chosen["q"], by_address=reader.has_perm(CONTACT))
        if chosen["about"]:
            deliveries = deliveries.filter(about=chosen["about"].replace("\0", ""))
        return deliveries.filter(**{name: chosen[name] for name in ("state", "kind") if chosen[name]})


@require_safe
@staff_page(SEE)
def staff_deliveries(request: HttpRequest) -> HttpResponse:
    form = FilterForm(request.GET or None)
    page = page_of(form.apply(Delivery.objects.for_listing(), request.user), ["-pk"], request.GET, size=SHOWN)
    rows = [(*row, TONES.get(Delivery.State(row[0].state), "")) for row in labeled(page.rows)]
    context = {"form": form, "page": page, "rows": rows, "tabs": tabs("staff_deliveries"), **page_at("deliveries")}
    return render(request, "members/staff_deliveries.html", context)


@require_safe
@staff_page(SEE)
def staff_delivery(request: HttpRequest, pk: int) -> HttpResponse:
    delivery = get_object_or_404(Delivery.objects.select_related("recipient"), pk=pk)
    may_act = delivery.state == Delivery.State.FAILED and request.user.has_perm(HANDLE)
    context = {
        "delivery": delivery,
        "may_act": may_act,
        "label": label(delivery),
        "tone": TONES.get(Delivery.State(delivery.state), ""),
        "sentence": explain(delivery),
        "scope": scope_name(delivery.scope),
        "message_id": message_id(delivery),
        **page_at("deliveries"),
    }
    return render(request, "members/staff_delivery.html", context)


@require_safe
@staff_page(SEE)
def staff_unknown(request: HttpRequest) -> HttpResponse:
    """Handed over, and nobody knows whether they arrived."""
    page = page_of(Delivery.objects.unknown().for_listing(), ["-pk"], request.GET, size=SHOWN)
    rows = [(*row, why) for row, why in zip(labeled(page.rows), explain_all(page.rows), strict=True)]
    context = {"page": page, "rows": rows, "tabs": tabs("staff_unknown"), **page_at("deliveries")}
    return render(request, "members/staff_unknown.html", context)


def tabs(current: str) -> list[dict[str, Any]]:
    """The pages about messages, with how many wait on each."""
    now = backlog()
    pages = [
        ("staff_deliveries", _("All"), now.waiting),
        ("staff_refused", _("Refused"), now.refused),
        ("staff_unknown", _("Not known"), now.unknown),
        ("staff_held", _("Held"), now.held),
        ("staff_suppressions", _("Stopped"), now.stopped),
        ("staff_inbound", _("Came in"), now.unread),
        ("staff_proof", _("Proof"), None),
    ]
    return [
        {"label": words, "url": reverse(name), "current": name == current, "count": count or None}
        for name, words, count in pages
    ]


def kind_label(kind: str, state: str = Delivery.State.SENT) -> str:
    """What happened to the person, in a sentence that holds in this state of the message."""
    notice = registry.get(kind)
    if notice is None:
        return kind
    waits = state in (*Delivery.OPEN, Delivery.State.DIGESTED)
    words = notice.queued_label if waits else notice.sent_label if state == Delivery.State.SENT else notice.unsent_label
    return str(words or notice.label)


def label(delivery: Delivery) -> str:
    return kind_label(delivery.kind, delivery.state)


def labeled(deliveries: Sequence[Delivery]) -> list[tuple[Delivery, str, str]]:
    """Each with its sentence and what it is about: the subject of its mail, before it is written the committee's name."""
    names = scope_names({delivery.scope for delivery in deliveries if not delivery.message_subject})
    return [
        (delivery, label(delivery), delivery.message_subject or names.get(delivery.scope, ""))
        for delivery in deliveries
    ]
