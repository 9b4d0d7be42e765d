"""What co-chairs make of an item that somebody proposed; who proposed it is told in the same transaction."""

from __future__ import annotations

from django.db import transaction

from events.messages.proposals import tell_answered
from events.models import Proposal
from members.models import User


@transaction.atomic
def take(proposal: Proposal, by: User) -> bool:
    """Onto the agenda, once. Raises ValidationError when that is full."""
    taken = proposal.take(by)
    if taken:
        tell_answered(proposal)
    return taken


@transaction.atomic
def decline(proposal: Proposal, by: User, answer: str) -> bool:
    """Answered in words, once. Raises ValidationError without them."""
    answered = proposal.decline(by, answer)
    if answered:
        tell_answered(proposal)
    return answered
