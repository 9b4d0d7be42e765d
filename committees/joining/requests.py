"""Coming onto a committee and leaving it: the change and the message about it, in one transaction.

Everything here may be repeated: joining twice gives one membership, asking twice one request, and nobody is told twice.
"""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from committees.joining import messages
from committees.models import Committee, JoinRequest, Membership
from members.models import User


@transaction.atomic
def join(committee: Committee, user: User) -> Membership:
    """Join an open committee. Raises ValidationError when it is not open any more."""
    locked = committee.take_turn()
    if locked.join_policy != Committee.JoinPolicy.OPEN:
        raise ValidationError(_("%(name)s isn’t open to all members any more."), "closed", {"name": locked.name})
    membership, is_new = Membership.begin(committee, user, by=user)
    if is_new:
        messages.tell_joined(membership)
    return membership


@transaction.atomic
def add_member(committee: Committee, user: User, *, by: User, role: str) -> Membership:
    """Put somebody on a committee, or give who is on it another role; a new member is told."""
    membership, is_new = Membership.begin(committee, user, by=by, role=role)
    if not is_new:
        return give_role(membership, role, by=by) or membership
    messages.tell_joined(membership)
    return membership


@transaction.atomic
def put_on(committee: Committee, user: User, *, by: User, role: str) -> bool:
    """As `add_member`, but who is on it already keeps their role; whether they were not."""
    membership, is_new = Membership.begin(committee, user, by=by, role=role)
    if is_new:
        messages.tell_joined(membership)
    return is_new


@transaction.atomic
def give_role(membership: Membership, role: str, *, by: User, seen: str = "") -> Membership | None:
    """Another role, and a mail to whom it is given, unless they gave it to themselves.

    None when the person is not on the committee any more. Raises RoleChanged as `Membership.change_role` does.
    """
    was = membership.committee.take_turn().role_of(membership.user)
    changed = membership.change_role(role, by, seen=seen)
    if changed and was and changed.role != was and by.pk != changed.user_id:
        messages.tell_role(changed, was, by)
    return changed


@transaction.atomic
def appoint(
    membership: Membership, role: str, *, by: User, starts_on: date, term_ends_on: date | None = None, seen: str = ""
) -> Membership | None:
    """A role from a day on, and a mail to whom it is given, as `give_role` sends. Raises what `Membership.appoint` does."""
    was = membership.committee.take_turn().role_of(membership.user)
    changed = membership.appoint(role, by, starts_on=starts_on, term_ends_on=term_ends_on, seen=seen)
    if changed and was and changed.role != was and by.pk != changed.user_id:
        messages.tell_role(changed, was, by)
    return changed


@transaction.atomic
def ask(committee: Committee, user: User, message: str = "") -> JoinRequest:
    """Ask the co-chairs for a membership. The open request is given back when there is one already.

    What was asked within a day and taken back is the same request again: those who decide hear of it once. Raises
    ValidationError when there is nothing to ask for.
    """
    locked = committee.take_turn()
    locked.refuse_archived()
    mine = JoinRequest.objects.filter(committee=committee, user=user)
    if asked := mine.waiting().first():
        return asked
    if locked.role_of(user):
        raise ValidationError(_("You’re on %(name)s already."), "on_it", {"name": locked.name})
    request = mine.taken_back_lately().order_by("-asked_at").first()
    if request is None or not request.reopen(message):
        request = JoinRequest.objects.create(committee=committee, user=user, message=message)
    messages.tell_request(request)
    return request


def may_decide_from_a_mail(person: User, committee: Committee) -> bool:
    """Whether the link in a mail about a request lets this person decide: whoever decides by their membership, and the
    staff organizer of the committee, whose desk would ask for a strong session that a mail has not.
    """
    if person.has_perm("committees.decide_request", committee):
        return True
    return committee.role_of(person) == Membership.Role.LIAISON and person.is_staff_member


@transaction.atomic
def accept(request: JoinRequest, by: User, note: str = "") -> bool:
    """Put the person on the committee; False when the request was closed already."""
    accepted = request.accept(by, note)
    if accepted:
        messages.tell_request_answer(request)
    return accepted


@transaction.atomic
def decline(request: JoinRequest, by: User, note: str = "") -> bool:
    """Say no with a note; False when the request was closed already."""
    declined = request.decline(by, note)
    if declined:
        messages.tell_request_answer(request)
    return declined


@transaction.atomic
def withdraw(committee: Committee, user: User) -> bool:
    """Take back one's open request; False when there is none."""
    committee.take_turn()
    request = JoinRequest.objects.waiting().filter(committee=committee, user=user).first()
    return request is not None and request.withdraw()


@transaction.atomic
def leave(committee: Committee, user: User) -> Membership | None:
    """End the membership today; None when there is none."""
    committee.take_turn()
    membership = Membership.objects.of(user).filter(committee=committee).first()
    return membership.end(by=user) if membership else None


def left_today(user: User, slug: str) -> Committee | None:
    """The committee of this address if the person left it today, so that they may come back."""
    membership = Membership.objects.left_today(user).filter(committee__slug=slug).select_related("committee").first()
    return membership.committee if membership else None


@transaction.atomic
def rejoin(committee: Committee, user: User) -> Membership | None:
    """Undo `leave` on the same day, with the role held before; None when there is nothing to undo."""
    committee.take_turn()
    membership = Membership.objects.left_today(user).filter(committee=committee).order_by("-pk").first()
    if membership is None or Membership.objects.current().filter(committee=committee, user=user).exists():
        return None
    return membership.resume(by=user)
