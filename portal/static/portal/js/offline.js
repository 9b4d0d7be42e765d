// Without a connection the page says so, and how old what it shows is.
const bar = document.getElementById("offline")
const loaded = new Date()

function tell() {
  bar.hidden = navigator.onLine
  bar.querySelector("[data-since]").textContent = loaded.toLocaleTimeString(document.documentElement.lang, { hour: "numeric", minute: "2-digit" })
}

if (bar) {
  addEventListener("offline", tell)
  addEventListener("online", tell)
  if (!navigator.onLine) tell()
}
