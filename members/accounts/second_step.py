"""Who takes a second step after the mailed code: whoever has an app, chose it, or is asked by the organization.

A passkey signs in by itself. Somebody with a passkey and no app may use the mailed code alone, unless every sign-in is
to take the second step. Nobody is locked out for want of a factor: they are asked to add one at each sign-in.
"""

from __future__ import annotations

from allauth.mfa.models import Authenticator

from members.accounts import sessions
from members.models import User
from members.signals import second_step_wanted

TYPE = Authenticator.Type


def is_taken_by(person: User) -> bool:
    """Whether a mailed code alone does not sign this person in."""
    types = set(Authenticator.objects.filter(user=person).values_list("type", flat=True))
    return TYPE.TOTP in types or (TYPE.WEBAUTHN in types and is_always_wanted(person))


def is_always_wanted(person: User) -> bool:
    return person.second_step_since is not None or is_wanted_by_organization(person)


def is_wanted_by_organization(person: User) -> bool:
    """Whether the organization asks this person for it; the apps above register for which roles."""
    return any(answer for _receiver, answer in second_step_wanted.send(sender=User, person=person))


def is_missing(person: User) -> bool:
    """Whether the organization asks this person for a factor that they don't have yet."""
    return is_wanted_by_organization(person) and not sessions.has_factor(person)
