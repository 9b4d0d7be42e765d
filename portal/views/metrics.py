"""Numbers for Prometheus, read from the database at each scrape: every process of gunicorn gives the same ones."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from members.accounts.guessing import Guessed, guessed_today
from members.accounts.strangers import Braked, brake, braked
from members.mail_desk.statistics import Statistics, Tally, recent_statistics
from members.models import Delivery, WrongSteps


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For whoever has the token, or asks from a network of METRICS_NETWORKS and not through a proxy; others learn nothing."""
    if not (_has_token(request) or _is_near(request)):
        raise Http404
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Messages(recent_statistics()))
    registry.register(Door(guessed_today(), braked()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _has_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(settings.METRICS_TOKEN) and constant_time_compare(given, settings.METRICS_TOKEN)


def _is_near(request: HttpRequest) -> bool:
    if request.headers.get("X-Forwarded-For") or request.headers.get("Forwarded"):
        return False
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(address in ip_network(network) for network in settings.METRICS_NETWORKS)


class Messages(Collector):
    """Of what was due in the last 24 hours, and of what waits now. The only labels: kind, state, quantile."""

    def __init__(self, found: Statistics) -> None:
        self.found = found

    def collect(self) -> Iterator[Metric]:
        found = self.found
        yield self._by_kind(found.kinds)
        yield self._lateness(found.all)
        yield _gauge("second_copies_day", "Mails of the last 24 hours that may have arrived twice.", found.all.repeats)
        yield _gauge("waited_on_purpose_day", "Of the last 24 hours, held for quiet hours or staff.", found.all.waited)
        yield _gauge("waiting", "Due and not handed over.", found.now.waiting)
        yield _gauge("held", "Held after a restore until staff decide.", found.now.held)
        yield _gauge("unknown", "Handed over, and the answer of the mail server is not known.", found.now.unknown)
        yield _gauge("refused", "Refused, and neither sent again nor put aside by staff.", found.now.refused)
        yield _gauge("oldest_unsent_seconds", "How long the oldest has waited that could go.", found.now.oldest_seconds)

    def _by_kind(self, kinds: dict[str, Tally]) -> Metric:
        family = GaugeMetricFamily("portal_messages_day", "Due in the last 24 hours.", labels=["kind", "state"])
        for kind, tally in sorted(kinds.items()):
            for state in Delivery.State:
                family.add_metric([kind, state], tally.states[state])
        return family

    def _lateness(self, tally: Tally) -> Metric:
        words = "From when it could go until the mail server took it."
        family = GaugeMetricFamily("portal_messages_lateness_seconds", words, labels=["quantile"])
        for share in (0.5, 0.99):
            late = tally.late(share)
            if late is not None:
                family.add_metric([str(share)], late)
        return family


class Door(Collector):
    """Who tries to get in since midnight UTC, and what strangers ask us to mail in the hour that runs."""

    def __init__(self, guessed: Guessed, braked: Braked) -> None:
        self.guessed, self.braked = guessed, braked

    def collect(self) -> Iterator[Metric]:
        guessed = self.guessed
        yield _gauge("wrong_codes_today", "Wrong codes from the mail.", guessed.wrong, "sign_in")
        words = "Where there were so many wrong ones today that codes are longer."
        family = GaugeMetricFamily("portal_sign_in_long_codes", words, labels=["where"])
        family.add_metric(["mailbox"], guessed.mailboxes)
        family.add_metric(["network"], guessed.networks)
        family.add_metric(["everywhere"], guessed.everybody)
        yield family
        words = "People of whose second step ten or more codes in a row were wrong within a day."
        yield _gauge("wrong_second_steps", words, WrongSteps.objects.many().count(), "sign_in")
        words = "Mails to people without an account that were asked for in the hour that runs."
        yield _gauge("asked_hour", words, self.braked.asked, "strangers")
        yield _gauge("most_an_hour", "Beyond this none of them goes.", brake(), "strangers")


def _gauge(name: str, words: str, value: float, part: str = "messages") -> Metric:
    return GaugeMetricFamily(f"portal_{part}_{name}", words, value=value)
