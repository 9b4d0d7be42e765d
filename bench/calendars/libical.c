/* The same by libical (Evolution, KDE's programs, GNOME Calendar), with its own check of the rules of RFC 5545 and 5546. */
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>

static long seconds(struct icaltimetype time) {
    return (long)icaltime_as_timet_with_zone(time, icaltime_get_timezone(time));
}

int main(int count, char **arguments) {
    FILE *file = fopen(arguments[1], "rb");
    static char content[4 << 20];
    content[fread(content, 1, sizeof content - 1, file)] = 0;
    icalcomponent *calendar = icalparser_parse_string(content);
    if (!calendar) return printf("! not a calendar\n"), 1;
    int unread = icalcomponent_count_errors(calendar);
    int allowed = icalrestriction_check(calendar);
    if (unread) printf("! %d lines not read\n", unread);
    if (!allowed) printf("! against a rule\n");
    for (icalcomponent *event = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT); event;
         event = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT))
        printf("%s %ld %ld\n", icalcomponent_get_uid(event), seconds(icalcomponent_get_dtstart(event)),
               seconds(icalcomponent_get_dtend(event)));
    return 0;
}
