from committees.models.announcements import Announcement
from committees.models.committees import Committee
from committees.models.documents import Document
from committees.models.drafts import WrittenMeanwhile
from committees.models.issues import IssueArea
from committees.models.mailings import Mailing
from committees.models.memberships import Membership, RoleChanged
from committees.models.pictures import Picture
from committees.models.publications import EarlierAddress, Publication
from committees.models.requests import JoinRequest
from committees.models.versions import DocumentVersion

__all__ = [
    "Announcement",
    "Committee",
    "Document",
    "DocumentVersion",
    "EarlierAddress",
    "IssueArea",
    "JoinRequest",
    "Mailing",
    "Membership",
    "Picture",
    "Publication",
    "RoleChanged",
    "WrittenMeanwhile",
]
