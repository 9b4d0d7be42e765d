// The entries of a calendar as ical.js (Thunderbird's parser) reads them: uid, start and end in seconds, each date in a line; warnings after "!".
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const say = (...words) => console.log("!", ...words);
console.warn = console.error = say;
ICAL.design.strict = true;
const calendar = new ICAL.Component(ICAL.parse(readFileSync(process.argv[2], "utf8")));
for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
const tell = (event, start, end) => {
  for (const time of [start, end]) if (time.zone.tzid === "floating") say("floating", event.uid);
  console.log(event.uid, start.toUnixTime(), end.toUnixTime());
};
const parts = calendar.getAllSubcomponents("vevent");
const uid = (part) => part.getFirstPropertyValue("uid");
for (const part of parts.filter((each) => !each.hasProperty("recurrence-id"))) {
  const exceptions = parts.filter((each) => each.hasProperty("recurrence-id") && uid(each) === uid(part));
  const event = new ICAL.Event(part, { strictExceptions: true, exceptions });
  if (!event.isRecurring()) tell(event, event.startDate, event.endDate);
  else {
    const dates = event.iterator();
    for (let next = dates.next(); next; next = dates.next()) {
      const found = event.getOccurrenceDetails(next);
      tell(event, found.startDate, found.endDate);
    }
  }
}
