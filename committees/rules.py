"""What people may do with committees and their papers."""

import rules

from committees.models import Announcement, Committee, Document, Membership
from members.models import User
from members.rules import is_member, is_membership_staff, is_organizer, is_staff


@rules.predicate
def is_on_committee(user: User, committee: Committee) -> bool:
    return bool(committee.role_of(user))


@rules.predicate
def chairs_committee(user: User, committee: Committee) -> bool:
    return committee.role_of(user) in Membership.CHAIRING


@rules.predicate
def is_open(user: User, committee: Committee) -> bool:
    return committee.join_policy == Committee.JoinPolicy.OPEN and committee.archived_at is None


@rules.predicate
def takes_requests(user: User, committee: Committee) -> bool:
    return committee.join_policy == Committee.JoinPolicy.ASK and committee.archived_at is None


@rules.predicate
def chairs_its_committee(user: User, document: Document) -> bool:
    return document.committee.role_of(user) in Membership.CHAIRING


@rules.predicate
def is_not_archived(user: User, committee: Committee) -> bool:
    return committee.archived_at is None


@rules.predicate
def is_from_its_chairs(user: User, announcement: Announcement) -> bool:
    """Co-chairs prepare theirs together; what staff write is staff's."""
    return (
        announcement.committee is not None
        and not announcement.by_staff
        and announcement.committee.role_of(user) in Membership.CHAIRING
    )


manages = (is_member & chairs_committee) | is_staff

rules.add_perm("committees.join_committee", is_member & ~is_on_committee & is_open)
rules.add_perm("committees.ask_to_join_committee", is_member & ~is_on_committee & takes_requests)
rules.add_perm("committees.write_to_committee", (is_member | is_staff) & is_not_archived)
rules.add_perm("committees.see_committee_people", (is_member & is_on_committee) | is_staff)
rules.add_perm("committees.manage_committee", manages)
rules.add_perm("committees.decide_request", manages)
rules.add_perm("committees.upload_document", manages)
rules.add_perm("committees.manage_document", (is_member & chairs_its_committee) | is_staff)
rules.add_perm("committees.add_many", is_staff)
rules.add_perm("committees.publish", is_staff)
rules.add_perm("committees.announce", is_not_archived & ((is_member & chairs_committee) | is_organizer))
rules.add_perm("committees.announce_to_all", is_organizer)
rules.add_perm("committees.mail_members", is_organizer | is_membership_staff)
rules.add_perm("committees.manage_announcement", (is_member & is_from_its_chairs) | is_organizer)
rules.add_perm("committees.see_announcement_results", (is_member & is_from_its_chairs) | is_staff)
