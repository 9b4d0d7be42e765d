from members.models.applications import Application, ApplicationQuestion
from members.models.audit import AuditEntry
from members.models.bulk_acts import BulkAct
from members.models.cache_entries import CacheEntry
from members.models.codes import MailedCode
from members.models.contact_requests import ContactRequest
from members.models.counts import Count
from members.models.deliveries import Delivery, PermanentFailure
from members.models.enrollments import Enrollment
from members.models.erasures import ErasedAddress, Erasure
from members.models.exports import Export, ExportedPerson
from members.models.findables import Findable
from members.models.former_addresses import FormerAddress
from members.models.hours import CallHours, CouncilNight
from members.models.imports import Import, ImportLayout, ImportRow
from members.models.inbound import InboundMail
from members.models.jurisdictions import Jurisdiction
from members.models.kept_forms import KeptForm
from members.models.merges import Merge, MergedRow, PossibleDuplicate
from members.models.offices import Office
from members.models.pipeline import BulkSend, Pipeline
from members.models.preferences import MessageSettings, NotificationPreference
from members.models.profiles import Profile
from members.models.retention import RetentionCount, RetentionRule
from members.models.segments import Segment, TableView
from members.models.stumbles import Stumble
from members.models.submissions import Submission
from members.models.suppressions import Suppression
from members.models.tags import Tag, Tagging
from members.models.users import StaffAppointment, User
from members.models.vouchers import Voucher
from members.models.wrong_steps import WrongSteps

__all__ = [
    "Application",
    "ApplicationQuestion",
    "AuditEntry",
    "BulkAct",
    "BulkSend",
    "CacheEntry",
    "CallHours",
    "ContactRequest",
    "CouncilNight",
    "Count",
    "Delivery",
    "Enrollment",
    "ErasedAddress",
    "Erasure",
    "Export",
    "ExportedPerson",
    "Findable",
    "FormerAddress",
    "Import",
    "ImportLayout",
    "ImportRow",
    "InboundMail",
    "Jurisdiction",
    "KeptForm",
    "MailedCode",
    "Merge",
    "MergedRow",
    "MessageSettings",
    "NotificationPreference",
    "Office",
    "PermanentFailure",
    "Pipeline",
    "PossibleDuplicate",
    "Profile",
    "RetentionCount",
    "RetentionRule",
    "Segment",
    "StaffAppointment",
    "Stumble",
    "Submission",
    "Suppression",
    "TableView",
    "Tag",
    "Tagging",
    "User",
    "Voucher",
    "WrongSteps",
]
