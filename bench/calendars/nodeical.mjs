// The same by node-ical.
import ical from "node-ical";

console.warn = console.error = (...words) => console.log("!", ...words);
const year = { from: new Date("2027-01-01"), to: new Date("2028-01-01") };
for (const entry of Object.values(ical.sync.parseFile(process.argv[2]))) {
  if (entry.type !== "VEVENT") continue;
  for (const each of entry.rrule ? ical.expandRecurringEvent(entry, year) : [entry])
    console.log(entry.uid, each.start.getTime() / 1000, each.end.getTime() / 1000);
}
