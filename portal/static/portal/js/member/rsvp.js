// Answers paint at once, say so, and roll back when they did not save. The server's fragment replaces the control afterwards.
const page = crypto.randomUUID ? crypto.randomUUID() : String(Math.random()).slice(2)
let clicks = 0

const say = (text) => document.dispatchEvent(new CustomEvent("portal:say", { detail: { value: text } }))
const buttons = (form) => [...form.querySelectorAll("button[name=answer]")]

function paint(form, button) {
  for (const each of buttons(form)) each.setAttribute("aria-pressed", String(each === button))
  const group = form.querySelector("fieldset")
  if (button) group.dataset.answer = button.value
  else delete group.dataset.answer
}

function remember(form) {
  const box = form.closest("[data-rsvp-box]")
  const pressed = buttons(form).find((each) => each.getAttribute("aria-pressed") === "true")
  return { box, pressed, said: box.querySelector("[data-rsvp-say]")?.textContent }
}

function rollBack(form) {
  const { box, pressed, said } = form.before
  paint(form, pressed)
  form.removeAttribute("aria-busy")
  box.querySelector("[data-rsvp-say]").textContent = said
  box.querySelector(".notice")?.remove()
  const notice = document.getElementById("answer-failed").content.cloneNode(true)
  notice.querySelector("p").append(` ${pressed?.dataset.still ?? ""}`)
  box.append(notice)
}

document.addEventListener("htmx:configRequest", (event) => {
  const form = event.target.closest?.("form[data-rsvp]")
  if (!form) return
  event.detail.parameters.page = page
  event.detail.parameters.click = ++clicks
})

document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.target.closest?.("form[data-rsvp]")
  if (!form) return
  const button = event.detail.requestConfig.triggeringEvent?.submitter
  if (!form.hasAttribute("aria-busy")) form.before = remember(form)
  form.closest("[data-rsvp-box]").querySelector(".notice")?.remove()
  form.setAttribute("aria-busy", "true")
  if (!button) return
  paint(form, button)
  form.closest("[data-rsvp-box]").querySelector("[data-rsvp-say]").textContent = button.dataset.say
})

for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(failure, (event) => {
    const form = event.target.closest?.("form[data-rsvp]")
    if (form?.before) rollBack(form)
  })
}

// Nobody is signed in: nothing is saved yet, so the control shows what stands, and signedout.js says what to do.
document.addEventListener("portal:signed-out", (event) => {
  const form = event.target
  if (!form.before) return
  paint(form, form.before.pressed)
  form.removeAttribute("aria-busy")
  form.before.box.querySelector("[data-rsvp-say]").textContent = form.before.said
})

// A refusal comes with its reason inside the control: show that instead of the general sentence.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!event.detail.requestConfig?.elt?.matches?.("form[data-rsvp]")) return
  if (![400, 409].includes(event.detail.xhr.status)) return
  event.detail.shouldSwap = true
  event.detail.isError = false
})

// The new control takes the focus the old one lost, and the change is announced once.
document.addEventListener("htmx:afterSettle", (event) => {
  const request = event.detail.requestConfig
  if (!request?.elt?.matches?.("form[data-rsvp]")) return
  const box = event.detail.elt.closest("[data-rsvp-box]") ?? event.detail.elt
  const pressed = box.querySelector?.('button[aria-pressed="true"]')
  if (document.activeElement === document.body) pressed?.focus({ preventScroll: true })
  const said = box.querySelector?.("[data-rsvp-say]")?.textContent
  if (said) say(said.trim())
})
