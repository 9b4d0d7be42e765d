"""Attendance reports as the video services write them, of a call at 3 PM Eastern on March 11, 2027."""

ZOOM = """\ufeffMeeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants
812 3456 7890,Economic Justice call,03/11/2027 02:55:02 PM,03/11/2027 04:01:10 PM,carla@portal.example,67,5

Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,In Waiting Room
Carla N.,carla@portal.example,03/11/2027 02:55:02 PM,03/11/2027 04:01:10 PM,67,No,No
Mo Haddad (he/him),,03/11/2027 03:11:00 PM,03/11/2027 03:20:00 PM,9,Yes,No
Mo Haddad (he/him),,03/11/2027 03:25:00 PM,03/11/2027 04:01:00 PM,36,Yes,No
iPad (3),,03/11/2027 03:00:00 PM,03/11/2027 04:00:00 PM,60,Yes,No
"Achterberg, Rosalind",,03/11/2027 03:00:00 PM,03/11/2027 03:30:00 PM,30,Yes,No
""".encode()

ZOOM_BARE = b"""Name (Original Name),User Email,Total Duration (Minutes),Guest
Mo Haddad,,45,Yes
"""

TEAMS = (
    "1. Summary\r\nMeeting title\tEconomic Justice call\r\nAttended participants\t3\r\n"
    "Start time\t3/11/27, 2:55:02 PM\r\nEnd time\t3/11/27, 4:01:10 PM\r\nMeeting duration\t1h 6m 8s\r\n"
    "Average attendance time\t50m 10s\r\n\r\n2. Participants\r\n"
    "Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole\r\n"
    "Carla Núñez-O'Hara\t3/11/27, 2:55:02 PM\t3/11/27, 4:01:10 PM\t1h 6m 8s\tcarla@portal.example\tc@x.example\tOrganizer\r\n"
    "Haddad, Mo (Guest)\t3/11/27, 3:11:00 PM\t3/11/27, 4:01:00 PM\t45m\t\t\tPresenter\r\n\r\n"
    "3. In-Meeting Activities\r\nName\tJoin Time\tLeave Time\tDuration\tEmail\tRole\r\n"
    "Haddad, Mo (Guest)\t3/11/27, 3:11:00 PM\t3/11/27, 3:20:00 PM\t9m\t\tPresenter\r\n"
).encode("utf-16")

TEAMS_OLD = (
    "Meeting Summary\r\nTotal Number of Participants\t2\r\nMeeting Title\tEconomic Justice call\r\n"
    "Meeting Start Time\t3/11/2027, 2:55:02 PM\r\n\r\n"
    "Full Name\tUser Action\tTimestamp\r\n"
    "Mo Haddad\tJoined\t3/11/2027, 3:11:00 PM\r\nMo Haddad\tLeft\t3/11/2027, 4:01:00 PM\r\n"
).encode("utf-16")

MEET = b"""First name,Last name,Email,Duration,Time joined,Time exited
Carla,N\xc3\xba\xc3\xb1ez-O'Hara,carla@portal.example,1 hr 6 min,2:55 PM,4:01 PM
Mo,Haddad,,45 min,3:11 PM,4:01 PM
"""

MEET_SEMICOLONS = b"""Name;Email;Duration;Time joined;Time exited
Mo Haddad;;45 min;2027-03-11 15:11:00;2027-03-11 16:01:00
"""

WEBEX = (
    "Meeting Name\tMeeting Start Time\tMeeting End Time\tDisplay Name\tFirst Name\tLast Name\tRole\tAttendee Email\t"
    "Join Time\tLeave Time\tAttendance Duration\tConnection Type\r\n"
    'Economic Justice call\t="2027-03-11 14:55:02"\t="2027-03-11 16:01:10"\tMo Haddad\t\t\tAttendee\t\t'
    '="2027-03-11 15:11:00"\t="2027-03-11 16:01:00"\t50 mins\tDesktop app\r\n'
).encode("utf-16")
