"""What people may do with people. Staff powers need a second factor or a passkey in the asking session."""

import rules

from members.models import StaffAppointment, User

MEMBERSHIP, ORGANIZER = StaffAppointment.Role.MEMBERSHIP, StaffAppointment.Role.ORGANIZER


@rules.predicate
def is_member(user: User) -> bool:
    return user.is_authenticated and user.is_member


@rules.predicate
def is_staff(user: User) -> bool:
    return user.is_authenticated and user.may_act_as_staff


@rules.predicate
def is_membership_staff(user: User) -> bool:
    return user.is_authenticated and user.may_act_as(MEMBERSHIP)


@rules.predicate
def is_organizer(user: User) -> bool:
    return user.is_authenticated and user.may_act_as(ORGANIZER)


@rules.predicate
def is_admin(user: User) -> bool:
    return user.is_authenticated and user.may_act_as()


@rules.predicate
def may_touch(user: User, person: User) -> bool:
    """Nobody their own standing; of staff and of whom an administrator ended, it is an administrator's to change."""
    return user != person and (user.may_act_as() or not person.is_administrators_to_decide)


@rules.predicate
def may_look_as(user: User, person: User | None) -> bool:
    """Members without a staff role; an administrator also others of staff, but no other administrator."""
    if person is None or user == person or not person.is_member:
        return False
    held = set(person.appointments.in_force().values_list("role", flat=True))
    return not held or (user.may_act_as() and StaffAppointment.Role.ADMIN not in held)


rules.add_perm("members.see_directory", is_member | is_staff)
rules.add_perm("members.ask_for_contact", is_member)
rules.add_perm("members.use_staff_desk", is_staff)
rules.add_perm("members.decide_application", is_membership_staff)
rules.add_perm("members.see_contact_details", is_membership_staff)
rules.add_perm("members.tag", is_staff)
rules.add_perm("members.merge_people", is_membership_staff)
rules.add_perm("members.import_members", is_membership_staff)
rules.add_perm("members.decide_standing", is_membership_staff & may_touch)
rules.add_perm("members.look_as", is_membership_staff & may_look_as)
rules.add_perm("members.appoint", is_admin)
rules.add_perm("members.arm_retention", is_admin)
rules.add_perm("members.see_activity", is_staff)
rules.add_perm("members.see_deliveries", is_staff)
rules.add_perm("members.handle_deliveries", is_staff)
rules.add_perm("members.download_raw_mail", is_admin)
