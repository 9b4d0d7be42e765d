"""Telling who proposed an item for an agenda what became of it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from events.messages import suppression
from events.messages.call_context import Calls
from events.messages.call_notice import CallNotice
from events.models import Proposal
from members.mail.kinds import Category
from members.mail.suppression import SuppressionRule
from members.models import Delivery


def tell_answered(proposal: Proposal) -> None:
    key = f"{ProposalAnswered.kind}:{proposal.pk}"
    ProposalAnswered.enqueue(
        [proposal.by], proposal.meeting.about, dedupe_key=key, scope=proposal.meeting.scope_of_each
    )


class ProposalAnswered(CallNotice):
    """An answer to what they asked for, so it comes at once."""

    kind, label, category = "proposal_answered", _("Answers to items I propose"), Category.ACCOUNT
    sent_label = _("They were told what became of an item they proposed")
    queued_label = _("They’re to be told what became of an item they proposed")
    unsent_label = _("They weren’t told what became of an item they proposed")
    mailer, method = "default", ""
    title = _("About the item you proposed")

    def suppress_if(self) -> Sequence[SuppressionRule]:
        return [suppression.GONE, suppression.CANCELLED, suppression.OVER, suppression.NOT_ON_COMMITTEE]

    def load(self, deliveries: Sequence[Delivery]) -> Calls:
        calls = super().load(deliveries)
        rows = Proposal.objects.filter(pk__in=[each.dedupe_number for each in deliveries]).select_related("answered_by")
        calls.proposals = {proposal.pk: proposal for proposal in rows}
        return calls

    def cache_key(self, delivery: Delivery, facts: Calls) -> Hashable:
        return delivery.pk

    def context(self, delivery: Delivery, facts: Calls) -> dict[str, Any]:
        return super().context(delivery, facts) | {"proposal": facts.proposals.get(delivery.dedupe_number)}
