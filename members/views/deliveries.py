"""Messages for staff: who was sent what, and why or why not."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from members.access import staff_page
from members.models import Delivery, User
from members.notifications.explain import explain
from members.notifications.letters import message_id
from members.notifications.notice import registry, scope_name
from members.paging import page_of

SEE = "members.see_deliveries"
SHOWN = 100
TONES = {
    Delivery.State.SENT: "good",
    Delivery.State.DEAD: "bad",
    Delivery.State.EXPIRED: "warn",
    Delivery.State.HANDING: "info",
    Delivery.State.LEASED: "info",
}


class FilterForm(forms.Form):
    q = forms.CharField(
        label=_("Name or email"),
        required=False,
        max_length=120,
        widget=forms.SearchInput(attrs={"placeholder": _("Name or email")}),
    )
    state = forms.ChoiceField(label=_("State"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [("", _("All states")), *Delivery.State.choices]
        kinds = sorted(((kind, str(notice.label)) for kind, notice in registry.items()), key=lambda choice: choice[1])
        self.fields["kind"].choices = [("", _("All kinds")), *kinds]

    def apply(self, deliveries: QuerySet[Delivery]) -> QuerySet[Delivery]:
        if not self.is_valid():
            return deliveries
        chosen = self.cleaned_data
        if chosen["q"]:
            deliveries = deliveries.filter(_to(chosen["q"]))
        return deliveries.filter(**{name: chosen[name] for name in ("state", "kind") if chosen[name]})


def _to(words: str) -> Q:
    """Messages to the people of that name or address, or to that address without an account."""
    people = User.objects.filter(email__iexact=words.strip()) | User.objects.filter(
        pk__in=User.objects.matching(words).values("pk")
    )
    return Q(recipient__in=people.values("pk")) | Q(address__iexact=words.strip())


@require_safe
@staff_page(SEE)
def staff_deliveries(request: HttpRequest) -> HttpResponse:
    form = FilterForm(request.GET or None)
    page = page_of(form.apply(Delivery.objects.for_listing()), ["-pk"], request.GET, size=SHOWN)
    rows = [(delivery, _label(delivery), TONES.get(delivery.state, "")) for delivery in page.rows]
    return render(
        request, "members/staff_deliveries.html", {"form": form, "page": page, "rows": rows, "nav": "deliveries"}
    )


@require_safe
@staff_page(SEE)
def staff_delivery(request: HttpRequest, pk: int) -> HttpResponse:
    delivery = get_object_or_404(Delivery.objects.select_related("recipient"), pk=pk)
    context = {
        "delivery": delivery,
        "label": _label(delivery),
        "tone": TONES.get(Delivery.State(delivery.state), ""),
        "sentence": explain(delivery),
        "scope": scope_name(delivery.scope),
        "message_id": message_id(delivery),
        "nav": "deliveries",
    }
    return render(request, "members/staff_delivery.html", context)


def _label(delivery: Delivery) -> str:
    notice = registry.get(delivery.kind)
    return str(notice.label) if notice else delivery.kind
