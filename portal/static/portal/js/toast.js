// One toast at a time: it stays 8 seconds, waits under pointer and focus, can be closed, and is kept in a log at the page's end.
const LIFE = 8000
const host = document.getElementById("toasts")

function log(text) {
  let list = document.querySelector("#toast-log ol")
  if (!list) {
    const main = document.getElementById("main")
    const page = main?.querySelector(":scope > .wrap:last-child") ?? main // as far from the edge as the page's words
    page?.insertAdjacentHTML("beforeend", '<details class="toast-log" id="toast-log"><summary></summary><ol></ol></details>')
    list = document.querySelector("#toast-log ol")
    if (!list) return
    list.previousElementSibling.textContent = host.dataset.log
  }
  const item = document.createElement("li")
  item.textContent = text
  list.append(item)
}

function start(toast) {
  if (toast.dataset.started) return
  toast.dataset.started = "1"
  for (const older of host.querySelectorAll("[data-started]:not([data-stay])")) if (older !== toast) older.remove()
  const close = toast.querySelector("[data-close]")
  if (close) {
    close.hidden = false
    close.addEventListener("click", () => toast.remove())
  }
  const text = toast.querySelector("p").textContent.trim()
  log(text)
  document.dispatchEvent(new CustomEvent("portal:say", { detail: { value: text } }))
  if (toast.hasAttribute("data-stay")) return
  let timer
  const wait = () => { clearTimeout(timer) }
  const run = () => { wait(); if (!toast.hidden) timer = setTimeout(() => toast.remove(), LIFE) }
  for (const name of ["pointerenter", "focusin"]) toast.addEventListener(name, wait)
  for (const name of ["pointerleave", "focusout"]) toast.addEventListener(name, run)
  // Hidden first: htmx looks for where to put the answer from the form's own place in the page.
  // It stays in the page, unseen, until the answer is there: an act that failed can be tried again.
  toast.addEventListener("submit", () => setTimeout(() => { wait(); toast.hidden = true; toast.dataset.stay = "" }, 0))
  toast.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) toast.remove() })
  run()
}

function startAll() {
  for (const toast of host.querySelectorAll("[data-toast]")) start(toast)
}

if (host) {
  startAll()
  new MutationObserver(startAll).observe(host, { childList: true })
}

// "Saved" must not stand over, or beside, the notice of a later save that failed.
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful || event.detail.requestConfig?.verb === "get") return
  for (const older of host?.querySelectorAll("[data-started]:not([data-stay])") ?? []) older.remove()
})

document.addEventListener("portal:toast", (event) => {
  const toast = document.createElement("div")
  toast.className = "toast"
  toast.dataset.toast = ""
  toast.append(Object.assign(document.createElement("p"), { textContent: event.detail.value }))
  host?.append(toast)
})
