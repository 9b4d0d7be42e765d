// The entries of a calendar as ical.js (Thunderbird's parser) reads them: uid, start and end in seconds, one a line; warnings after "!".
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const say = (...words) => console.log("!", ...words);
console.warn = console.error = say;
ICAL.design.strict = true;
const calendar = new ICAL.Component(ICAL.parse(readFileSync(process.argv[2], "utf8")));
for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
for (const event of calendar.getAllSubcomponents("vevent").map((each) => new ICAL.Event(each))) {
  for (const time of [event.startDate, event.endDate]) if (time.zone.tzid === "floating") say("floating", event.uid);
  console.log(event.uid, event.startDate.toUnixTime(), event.endDate.toUnixTime());
}
