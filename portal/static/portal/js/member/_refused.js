// What a refusal says, for the notice of a save that failed: the words of the page that came instead of a fragment.
document.addEventListener("htmx:responseError", ({ detail }) => {
  if (detail.xhr.status >= 500) return
  const { body } = new DOMParser().parseFromString(detail.xhr.responseText, "text/html")
  const main = body.querySelector("main") ?? body
  const said = [main.querySelector("h1"), main.querySelector("h1 ~ p, p")].map((each) => each?.textContent.trim().replace(/\s+/g, " "))
  detail.why = said.filter(Boolean).map((each) => (/[.!?”]$/.test(each) ? each : `${each}.`)).join(" ").slice(0, 400)
})
