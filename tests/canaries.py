"""Where each private word may be read: one row a word, then the roles that may find it, wherever they look.

A word stands in one private field of the world that the crawl looks at (tests/test_canaries.py). Whoever is not named
finds it behind no address, plain or as a fragment. Whoever is named does find it: so the row is its own control.
"""

EVERYBODY_INSIDE = {"member", "chair", "organizer", "membership", "admin"}
STAFF = {"organizer", "membership", "admin"}
MANAGING = {"chair", *STAFF}
DECIDING = {"membership", "admin"}

ALLOWED: dict[str, set[str]] = {
    "Dialword": EVERYBODY_INSIDE,  # dial-in of a public call
    "Reasonword": EVERYBODY_INSIDE,  # why it was moved
    "Itemword": EVERYBODY_INSIDE,  # its agenda
    "Paperword": EVERYBODY_INSIDE,  # a paper of the committee
    "Newsword": EVERYBODY_INSIDE,  # what the committee was told
    "Noteword": {"member", *MANAGING},  # a note with an answer: whose it is, and who runs the call
    "Replyword": MANAGING,  # words that came with an answer by mail
    "Draftword": MANAGING,  # an announcement that nobody was sent
    "Requestword": MANAGING,  # why somebody asks to join
    "Hiddenword": STAFF,  # name of a confidential committee that no role is on
    "Quietword": STAFF,  # topic of its call
    "Issueword": STAFF,  # name of an issue that is not published
    "Whyword": {"applicant", *DECIDING},  # why somebody applies: their own page of the application, and who decides
    "Declineword": DECIDING,  # what the applicant was told
    "Closeword": DECIDING,  # why an account was closed
    "canary-mailbox": DECIDING,  # an address that a mail server repeats
    "555-0177": {"member"},  # a mobile number for staff alone: its owner's settings, and a POST that the log tells of
}
