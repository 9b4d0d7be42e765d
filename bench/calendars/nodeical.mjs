// The same by node-ical.
import ical from "node-ical";

console.warn = console.error = (...words) => console.log("!", ...words);
for (const entry of Object.values(ical.sync.parseFile(process.argv[2]))) {
  if (entry.type === "VEVENT") console.log(entry.uid, entry.start.getTime() / 1000, entry.end.getTime() / 1000);
}
