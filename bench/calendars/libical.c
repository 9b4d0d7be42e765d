/* The same by libical (Evolution, KDE's programs, GNOME Calendar), with its own check of the rules of RFC 5545 and 5546. */
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>

static long seconds(struct icaltimetype time) {
    return (long)icaltime_as_timet_with_zone(time, icaltime_get_timezone(time));
}

static struct icaltimetype other[64]; /* dates, by the clock, that the rule does not say: left out, or with an entry of their own */
static int others;

static int is_other(struct icaltimetype date) {
    for (int each = 0; each < others; each++)
        if (other[each].year == date.year && other[each].month == date.month && other[each].day == date.day) return 1;
    return 0;
}

static void say_dates(icalcomponent *series) {
    struct icaltimetype start = icalcomponent_get_dtstart(series);
    long length = icaldurationtype_as_int(icalcomponent_get_duration(series));
    for (icalproperty *each = icalcomponent_get_first_property(series, ICAL_EXDATE_PROPERTY); each;
         each = icalcomponent_get_next_property(series, ICAL_EXDATE_PROPERTY))
        other[others++ % 64] = icalproperty_get_exdate(each);
    icalproperty *rule = icalcomponent_get_first_property(series, ICAL_RRULE_PROPERTY);
    icalrecur_iterator *dates = icalrecur_iterator_new(icalproperty_get_rrule(rule), start);
    for (struct icaltimetype next = icalrecur_iterator_next(dates); !icaltime_is_null_time(next); next = icalrecur_iterator_next(dates))
        if (!is_other(next)) printf("%s %ld %ld\n", icalcomponent_get_uid(series), seconds(next), seconds(next) + length);
    icalrecur_iterator_free(dates);
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
    icalcomponent *series = 0;
    for (icalcomponent *event = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT); event;
         event = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT)) {
        if (icalcomponent_get_first_property(event, ICAL_RRULE_PROPERTY)) { /* one a file */
            series = event;
            continue;
        }
        if (icalcomponent_get_first_property(event, ICAL_RECURRENCEID_PROPERTY))
            other[others++ % 64] = icalcomponent_get_recurrenceid(event);
        printf("%s %ld %ld\n", icalcomponent_get_uid(event), seconds(icalcomponent_get_dtstart(event)),
               seconds(icalcomponent_get_dtend(event)));
    }
    if (series) say_dates(series);
    return 0;
}
