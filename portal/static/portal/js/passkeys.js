// Passkeys: a form marked data-passkey ("get" to prove one, "create" to add one) fetches a challenge by POST from
// data-options, asks the browser, and posts the answer in its field `credential`.
const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0))
const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "")
const listed = (credentials) => credentials?.map((each) => ({ ...each, id: toBytes(each.id) }))

const onAnAddressWithoutName = /^[\d.]+$|:/.test(location.hostname)
const usable = window.PublicKeyCredential && window.isSecureContext && !onAnAddressWithoutName

function prepared(options) {
  const ready = { ...options, challenge: toBytes(options.challenge) }
  if (options.user) ready.user = { ...options.user, id: toBytes(options.user.id) }
  if (options.allowCredentials) ready.allowCredentials = listed(options.allowCredentials)
  if (options.excludeCredentials) ready.excludeCredentials = listed(options.excludeCredentials)
  return ready
}

function answered(credential) {
  const response = {}
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name])
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports()
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  }
}

async function ask(form) {
  const reply = await fetch(form.dataset.options, { method: "POST", headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value } })
  if (reply.status === 401 && reply.headers.has("X-Signed-Out")) throw Object.assign(new Error("signed out"), { notice: await reply.text() })
  if (!reply.ok || reply.redirected) throw new Error(`challenge: ${reply.status}`)
  const publicKey = prepared(await reply.json())
  const credential = form.dataset.passkey === "create" ? await navigator.credentials.create({ publicKey }) : await navigator.credentials.get({ publicKey })
  form.elements.credential.value = JSON.stringify(answered(credential))
}

function complain(form, error) {
  if (error.notice) return form.dispatchEvent(new CustomEvent("portal:no-session", { bubbles: true, detail: error.notice }))
  const trouble = form.querySelector("[data-trouble]")
  trouble.lastElementChild.textContent = (error.name === "InvalidStateError" && trouble.dataset.known) || trouble.dataset.failed
  trouble.hidden = false
}

async function submit(event) {
  event.preventDefault()
  const form = event.target
  try {
    await ask(form)
  } catch (error) {
    complain(form, error)
    return
  }
  form.submit()
}

if (usable) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false
    form.addEventListener("submit", submit)
  }
  for (const part of document.querySelectorAll("[data-passkeys]")) part.hidden = false
  for (const part of document.querySelectorAll("[data-no-passkeys]")) part.hidden = true
}
