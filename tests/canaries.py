"""Where each private word may be read: one row a word, then the roles that may find it, wherever they look.

A word stands in one private field or file of the world that the crawl looks at (tests/test_canaries.py). Whoever is not
named finds it behind no door. Whoever is named may: tests show each word to one of them, so the rows are no empty promise.
"""

ON = {"member", "holder of a token", "secretary", "vice chair", "staff organizer", "chair"}  # on the committee
CHAIRING = {"vice chair", "chair"}
STAFF = {"organizer", "membership", "admin"}
DECIDING = {"membership", "admin"}  # about people: the membership desk
INSIDE = {"on a confidential one", "chair of a confidential one"}  # on the confidential committee
MEMBERS = {"elsewhere", "chair elsewhere", "staff, code only", *ON, *INSIDE, *STAFF}
OUTSIDE = {"anonymous", "applicant", "declined", "ended", "closed", "holder of a link"}
ROLES = MEMBERS | OUTSIDE

ON_AND_STAFF = ON | STAFF
MANAGING = CHAIRING | STAFF
KEEPING = MANAGING | {"secretary"}  # the record of calls
HIDDEN = INSIDE | STAFF

ALLOWED: dict[str, set[str]] = {
    # A public call of the committee: everybody with an account reads topic and time, and no more
    "Dialword": ON_AND_STAFF,  # dial-in
    "videoword": ON_AND_STAFF,  # video link
    "Reasonword": ON_AND_STAFF,  # why it was moved
    "Cancelword": ON_AND_STAFF,  # why another was canceled
    "Itemword": ON_AND_STAFF,  # its agenda
    "Explainword": ON_AND_STAFF,  # what people need to know
    "Removedword": MANAGING,  # what was taken off the agenda
    "Proposeword": {"member", "holder of a token", *MANAGING},  # an item that the member proposes
    "Answeredword": {"member", "holder of a token", *MANAGING},  # what another was answered
    "Orderword": MANAGING,  # a template of agendas
    "Untoldword": MANAGING,  # a call that the committee is not told of yet
    "Unsaidword": MANAGING,  # on the agenda of a call whose time the committee knows, and no more yet
    "Typedword": {"chair"},  # a form that came back: for who typed it
    # Answers
    "Noteword": {"member", "holder of a token", *MANAGING},  # a note with an answer: whose it is, and who runs the call
    "Replyword": MANAGING,  # words that came with an answer by mail
    "canary-sender@": MANAGING,  # where they came from
    "Calendarword": {"member"},  # a calendar's answer from another address, which waits for the member
    "canary-other@": {"member"},  # that address
    # Papers and words of the committee
    "Paperword": ON_AND_STAFF,  # a title
    "Fileword": ON_AND_STAFF,  # the name of the file
    "Textword": ON_AND_STAFF,  # the text taken from it
    "Bytesword": ON_AND_STAFF,  # the file itself
    "Withdrawnword": MANAGING,  # a paper that was withdrawn
    "Newsword": ON_AND_STAFF,  # what the committee was told
    "Draftword": MANAGING,  # an announcement that nobody was sent
    "Requestword": MANAGING,  # why somebody asks to join
    "Askedword": set(),  # why somebody asked, once it is answered
    "Refusalword": STAFF,  # what they were answered by mail: the log has it
    # The record of the committee
    "Minuteword": ON_AND_STAFF,  # minutes that are out for comment
    "Commentword": ON_AND_STAFF,  # what somebody says about them
    "Objectword": ON_AND_STAFF,  # why somebody objects
    "Againword": {"member"},  # an answer to them that came back: for who typed it
    "Unsentword": KEEPING,  # minutes that nobody was sent
    "Logword": KEEPING,  # what was written down while the call ran
    "Erasedword": KEEPING,  # and taken back
    "Publicword": MEMBERS,  # approved minutes for all members
    "Struckword": ON_AND_STAFF,  # what stood in them before
    "Besideword": ON_AND_STAFF,  # and what was said about them
    "Motionword": ON_AND_STAFF,  # a decision
    "Correctword": ON_AND_STAFF,  # why it was corrected
    "Taskword": ON_AND_STAFF,  # who does what
    "Pollword": ON_AND_STAFF,  # a vote on times
    "Unaskedword": MANAGING,  # one that nobody was asked yet
    "Topicword": {"chair"},  # a report of who came, before it is taken: for who brought it
    # A confidential committee; its call is marked public, which changes nothing
    "Hiddenword": HIDDEN,  # its name
    "Purposeword": HIDDEN,
    "Quietword": HIDDEN,  # topic of its call
    "Whisperword": HIDDEN,  # agenda
    "Secretword": HIDDEN,  # paper
    "Murmurword": HIDDEN,  # announcement
    "Cycleword": HIDDEN,  # calls that repeat
    "Whenword": HIDDEN,  # vote on times
    "Ruleword": HIDDEN,  # decision
    "Choreword": HIDDEN,  # who does what
    "Recordword": HIDDEN,  # minutes
    # What is not out yet
    "Issueword": STAFF,  # name of an issue
    "Unprintedword": STAFF,  # a publication
    "Laterword": STAFF,  # one that comes out next week
    "Ghostword": STAFF,  # who wrote them
    "Sketchword": STAFF,  # what the pictures show
    "Brushword": STAFF,  # and who drew them
    # People
    "Whyword": {"applicant", *DECIDING},  # why somebody applies
    "Cameforword": {"applicant", *DECIDING},  # and which committee they came for
    "Wishword": {"declined", *DECIDING},  # the same of one who was declined
    "Declineword": {"declined", *DECIDING},  # what they were told
    "Endword": DECIDING,  # why a membership was ended
    "Closeword": DECIDING,  # why an account was closed
    "555-0177": {"member", *DECIDING},  # a mobile number for staff alone: its owner, and a reveal that is written down
    "canary-member@": {"member", "holder of a token", *DECIDING},  # the member's address
    "canary-former@": set(),  # an earlier one
    "203.0.113.77": {"member"},  # from where they are signed in
    # Messages and what came in
    "canary-mailbox@": DECIDING,  # an address that a mail server repeats
    "Codeword": set(),  # a code on its way
    "Subjectword": STAFF,
    "Outcomeword": STAFF,
    "Rawword": DECIDING,  # the words of a mail
    "Stumbleword": STAFF,  # what went wrong in planning
}

# Who is sent what in the story of tests/story.py: words, then the mailboxes that get them.
MAILED: dict[str, set[str]] = {
    "4817 2046": {"mo", "new", "applicant"},  # codes: to the address that asked
    "A passkey was added.": {"mo"},
    "has a staff role and added": {"stu"},
    "Not this time.": {"ana"},  # the answers to an application
    "Since <when>?": {"ana"},  # what staff ask about it
    "Welcome aboard.": {"ana"},
    "Let me <in>": {"chet"},  # why somebody asks to join
    "About the <hearing>.": {"mo"},  # why a member asks how to reach another
    "Gladly.": {"mo"},  # and what they were told
    "669-555-0199": {"carla", "mo", "olga"},  # dial-in
    "Hearings": {"carla", "mo", "olga"},  # why a call moved
    "No room": {"carla", "mo", "olga"},  # why it was canceled
    "Wage theft": {"carla", "mo", "olga"},  # agenda
    "A call nobody heard of": {"carla", "mo", "olga"},
    "What <rent> means": {"carla", "mo", "olga"},
    "Rents, <monthly>": {"carla", "mo", "olga", "another member"},  # whom it is taken back from, had it before
    "Night <buses>": {"mo"},  # an item that mo proposed, and what came of it
    "with the <director>": {"mo"},
    "hiring": {"carla", "mo", "olga", "chet", "stu", "ana", "another member"},  # of the committee; and to all members
}
