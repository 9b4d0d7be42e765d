"""What is held of a person in members: the account, how we reach them, and what staff keep."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from members.models import MergedRow, Profile, User
from members.privacy.holdings import Fate, Rows, about, acts, named_in

GONE = Fate.DELETED


def _forget_lists(segments: Rows, person: User) -> None:
    """Of what all staff use, the query stays."""
    segments.filter(shared_at=None).delete()


# The account
about("members.Profile.user", "pronouns bio phone email_audience phone_audience rsvp_audience confirmed_at", clears={
    "pronouns": "", "bio": "", "phone": "", "email_audience": Profile.Audience.STAFF,
    "phone_audience": Profile.Audience.STAFF, "rsvp_audience": Profile.Audience.STAFF, "confirmed_at": None,
})  # fmt: skip
about("members.FormerAddress.user", "email until", GONE)
about("account.EmailAddress.user", "email verified primary", GONE)
about("mfa.Authenticator.user", "type created_at last_used_at", GONE)
about("usersessions.UserSession.user", "ip user_agent created_at last_seen_at", GONE)
about("knox.AuthToken.user", "created expiry", GONE)
about("members.Enrollment.person", "made_at used_at", GONE)
about("members.WrongSteps.user", "wrong wrong_at", GONE)
about("members.KeptForm.person", "page kept_at", GONE)
about("members.StaffAppointment.user", "role started_on ended_on")
about("members.User_groups.user", "", GONE)
about("members.User_user_permissions.user", "", GONE)


# Their other accounts: what was where before is forgotten, so that nothing of it can come back
def forget_what_was_merged(merges: Rows, _person: User) -> None:
    MergedRow.objects.filter(merge__in=merges.values("pk")).delete()


about("members.User.merged_into", "created_at")
about("members.Merge.kept", "merged_at undone_at", ends=forget_what_was_merged)
about("members.Merge.merged", "merged_at undone_at", ends=forget_what_was_merged)
about("members.PossibleDuplicate.one", "", GONE)
about("members.PossibleDuplicate.other", "", GONE)

# Office and application
OFFICE = "title level jurisdiction__label district started_on ended_on leaves confirmed_at"
about("members.Office.user", OFFICE, GONE)
about(
    "members.Application.applicant",
    "title jurisdiction__label place district started_on ended_on why wanted submitted_at decided_at decision note",
    GONE,
)

about("members.Voucher.member", "asked_at knows words said_at", GONE)

# How we reach them
about("members.MessageSettings.user", "quiet_from quiet_until quiet_reminders reminder_offsets publications", GONE)
about("members.NotificationPreference.user", "kind scope cadence before stopped_at", GONE)
about("members.CallHours.user", "opens closes told_at", GONE)
about("members.CouncilNight.user", "weekday weeks every_other_from begins minutes may_be_named", GONE)
about(
    "members.Delivery.recipient",
    "kind message_subject state reason due_at sent_at returned_at",
    clears={
        "address": "", "facts": {}, "message_subject": "", "last_reply": "", "returned_reason": "",
    },
)  # fmt: skip
about(
    "members.InboundMail.person",
    "received_at via subject words settled_at",
    clears={
        "raw": b"", "subject": "", "words": "", "sender": "", "envelope_from": None, "envelope_to": "", "last_error": "",
        "outcome": "",
    },
)  # fmt: skip

# Who looked, and who asked
ASKING = "message asked_at answered_at shows_email shows_phone taken_back_at"
about("members.ContactRequest.asker", f"owner__name {ASKING}", GONE)
about("members.ContactRequest.owner", f"asker__name {ASKING}", GONE)
about("members.ExportedPerson.person", "export__requested_at export__by__name")
about("members.AuditEntry.actor", "at verb", keeps=_("lines of the activity log, without your name"))

# What staff keep: numbers tell of notes that they make for themselves
about("members.Tagging.person", "", GONE)
about("members.BulkActPerson.person", "", clears={"note": ""})
about("members.ImportRow.member", "", GONE)
about("members.Segment.owner", "name created_at shared_at", ends=_forget_lists)
about("members.TableView.person", "columns rows", GONE)

about("members.Erasure.person", "asked_at due_at kept_at done_at")
acts("members.Erasure.asked_by", "members.Erasure.kept_by", "members.RetentionRule.armed_by")

# Their own files of people are theirs to know of, whom they hold is not
about("members.Export.by", "format requested_at")
acts(
    "members.Application.decided_by",
    "members.ApplicationQuestion.asked_by",
    "members.Voucher.asked_by",
    "members.BulkAct.by",
    "members.BulkSend.sent_by",
    "members.BulkSend.stopped_by",
    "members.Delivery.dismissed_by",
    "members.Enrollment.made_by",
    "members.Import.uploaded_by",
    "members.Import.confirmed_by",
    "members.Import.undo_asked_by",
    "members.ImportLayout.corrected_by",
    "members.InboundMail.settled_by",
    "members.Merge.by",
    "members.Merge.undone_by",
    "members.Pipeline.decided_by",
    "members.PossibleDuplicate.apart_by",
    "members.Suppression.lifted_by",
    "members.Tagging.given_by",
    "admin.LogEntry.user",
)

named_in("members.AuditEntry", "target_name before after reason")
named_in("members.BulkAct", "facts words reason")
named_in("members.Delivery", "facts message_subject reason")
named_in("members.Export", "words")
named_in("members.Import", "name sheet failure")
named_in("members.ImportRow", "person cells choices value wrote")
named_in("members.InboundMail", "subject outcome words")
named_in("members.Stumble", "reason")
named_in("admin.LogEntry", "object_repr change_message")
