// A request that met no session says so in place. The act stays in this tab and is sent once, as soon as the same person
// has signed in again: by its own form when that happened in another tab, from sessionStorage when it happened in this one.
const ACTS = "portal:acts"
const SENT = "portal:sent"
const root = document.documentElement
const host = document.getElementById("toasts")
const channel = "BroadcastChannel" in window ? new BroadcastChannel("portal:account") : null
let waiting = [] // what this page still wants: { id, form, submitter, ... } or { reload: true }
let again = new WeakSet() // forms that were sent once more: a second refusal is shown, not repeated

const read = (store, key) => { try { return JSON.parse(store.getItem(key)) ?? [] } catch { return [] } }
const write = (store, key, list) => { try { store.setItem(key, JSON.stringify(list)) } catch { /* full or closed: the page itself still knows */ } }
const toast = (value) => document.dispatchEvent(new CustomEvent("portal:toast", { detail: { value } }))

// A duplicated tab holds the same act: the first one to ask takes it.
function take(act) {
  const sent = read(localStorage, SENT)
  if (sent.includes(act.id)) return false
  write(localStorage, SENT, [...sent.slice(-40), act.id])
  return true
}

function act(form, request) {
  const fields = [...request.formData.entries()].filter(([name, value]) => typeof value === "string" && !["csrfmiddlewaretoken", "typed_by"].includes(name))
  return {
    id: `${Date.now()}-${Math.random()}`,
    action: request.path,
    account: root.dataset.account ?? "",
    fields,
    form,
    submitter: request.triggeringEvent?.submitter,
  }
}

// Beside what was pressed, or at the top of the page when that is a menu, a toast or a single button.
function show(form, html) {
  const roomy = form && !form.closest(".menu, .toasts") && (form.matches("[data-rsvp]") || form.querySelector("textarea, input:not([type=hidden])"))
  const place = roomy ? form.closest(".rsvp-box") ?? form : document.getElementById("main")
  place.querySelector(":scope > [data-signed-out]")?.remove()
  place.insertAdjacentHTML(roomy ? "beforeend" : "afterbegin", html)
  const notice = place.querySelector(":scope > [data-signed-out]")
  notice.scrollIntoView({ block: "nearest" })
  return notice
}

async function meet(form, request, html) {
  const repeated = form && again.has(form)
  const what = request.verb === "get" ? { reload: true } : act(form, request)
  waiting = [...waiting.filter((each) => (what.reload ? !each.reload : each.form !== form || !form)), what]
  write(sessionStorage, ACTS, [...read(sessionStorage, ACTS).filter((each) => waiting.some((one) => one.id === each.id)), ...(what.reload ? [] : [{ ...what, form: undefined, submitter: undefined }])])
  form?.dispatchEvent(new CustomEvent("portal:signed-out", { bubbles: true }))
  if (repeated || !(await goOn())) what.notice = show(form, html)
}

function post(what, token) {
  const form = Object.assign(document.createElement("form"), { method: "post", action: what.action, hidden: true })
  for (const [name, value] of [["csrfmiddlewaretoken", token], ["typed_by", what.account], ...what.fields]) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }))
  }
  document.body.append(form)
  document.dispatchEvent(new CustomEvent("portal:sending", { detail: new URL(form.action).pathname }))
  form.submit()
}

function send(what, token) {
  what.notice?.remove()
  if (what.reload) return location.reload()
  if (!take(what)) return
  if (!what.form?.isConnected) return post(what, token)
  again.add(what.form)
  // A click, for htmx sends a button's name only while that button has the focus or was pressed last.
  if (what.submitter?.isConnected) what.submitter.click()
  else what.form.requestSubmit()
}

// Whoever is signed in now: the same person's acts go on with a fresh token, another person's are dropped.
async function goOn() {
  if (!waiting.length || !host) return false
  const reply = await fetch(host.dataset.standing).catch(() => null)
  const now = reply?.ok ? await reply.json() : null
  if (!now?.account || !waiting.length) return false
  const acts = waiting
  waiting = []
  write(sessionStorage, ACTS, [])
  if (now.account !== root.dataset.account) {
    for (const each of acts) each.notice?.remove()
    toast(host.dataset.another)
    return true
  }
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = now.token
  for (const each of acts) send(each, now.token)
  return true
}

document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { xhr, requestConfig } = event.detail
  if (xhr.status !== 401 || !xhr.getResponseHeader("X-Signed-Out")) return
  event.preventDefault()
  meet(requestConfig.elt?.closest?.("form"), requestConfig, xhr.responseText)
})
document.addEventListener("portal:no-session", (event) => meet(event.target, { verb: "get" }, event.detail)) // a script of its own asked: afterwards the page begins anew
document.addEventListener("htmx:afterOnLoad", (event) => { if (event.detail.successful) again = new WeakSet() })
document.addEventListener("htmx:historyCacheMissLoadError", () => location.reload())

channel?.addEventListener("message", goOn)
for (const name of ["focus", "visibilitychange"]) addEventListener(name, () => { if (!document.hidden) goOn() }, true)

function start() {
  const account = root.dataset.account
  if (!account) return
  channel?.postMessage(account)
  const kept = read(sessionStorage, ACTS)
  const [next, ...later] = kept.filter((each) => each.account === account)
  if (kept.some((each) => each.account !== account)) toast(host.dataset.another)
  const asked = document.querySelector("form[data-unsent]")
  if (asked || document.querySelector(".form-errors")) return asked?.requestSubmit()
  write(sessionStorage, ACTS, later)
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value
  if (next && token && take(next)) post(next, token)
}

queueMicrotask(start) // when every part of the page listens
