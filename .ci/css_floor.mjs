// Which browsers understand the style sheets (docs/browsers.md), asked of MDN's browser-compat-data.
//   python manage.py bundle_assets; node .ci/css_floor.mjs        what is sent: portal/static/portal/*.css
//   node .ci/css_floor.mjs some.css                               another sheet, to try something
// Two floors: from FULL on everything works; down to PLAIN a page is plain but usable. What is newer than a floor must
// stand below with what an older browser does instead, in an @supports that asks for it, or after a plainer twin.
import { readFileSync, readdirSync } from "node:fs"
import { createRequire } from "node:module"
import { basename, join } from "node:path"
import postcss from "postcss"
import selectors from "postcss-selector-parser"
import values from "postcss-value-parser"

const css = createRequire(import.meta.url)("@mdn/browser-compat-data").css

const FULL = { safari_ios: 16.2, safari: 16.2, firefox: 121, chrome: 111, samsunginternet_android: 22 }
const PLAIN = { safari_ios: 15.4, safari: 15.4, firefox: 97, chrome: 99, samsunginternet_android: 18 }

// Newer than FULL, and a page loses nothing that matters; the values of a property go with it.
const EXTRAS = {
  "at-rules.page": "the printer's own margins",
  "properties.cursor": "a phone has no pointer",
  "properties.field-sizing": "a text field scrolls instead of growing",
  "properties.forced-color-adjust": "Safari has no forced colors",
  "properties.hyphenate-limit-chars": "short words may be hyphenated in headings",
  "properties.overflow-anchor": "Safari 26 and older keep no anchor: there is none to give up",
  "properties.resize": "a phone has no corner to pull",
  "properties.scrollbar-width": "tabs show a thin bar while they are moved",
  "properties.size": "a descriptor of @page",
  "properties.text-size-adjust": "-webkit- stands beside it",
  "properties.text-wrap": "lines break less evenly",
  "selectors.selection": "what is selected is blue",
}
// Newer than PLAIN: what is seen there instead.
const FALLS_BACK = {
  "at-rules.container": "three answers stay beside each other where text is very large",
  "at-rules.media.forced-colors": "no such mode there",
  "properties.container-type": "as @container",
  "selectors.has": "a rule of its own (portal/bundles.py), for what only looks nicer",
  "types.length.container_query_length_units": "the size that stands before it",
}
const UNITS = [[/^cq/, "container_query_length_units"], [/^[dls]v/, "viewport_percentage_units_dynamic"]]
const THEIRS = /^(--|-webkit-|-moz-)/
const WRITTEN_ELSEWHERE = new Set(["initial", "inherit", "unset", "revert", "revert-layer"])

const wrong = []
const used = new Set()

function complain(node, why) {
  const place = node.type === "decl" ? node.parent.selector ?? node.parent.name : ""
  wrong.push(`${basename(node.source.input.from)}: ${place.slice(0, 100)} { ${node.toString().slice(0, 100)} }: ${why}`)
}

function version(said) {
  return said === true ? 0 : said === "preview" || !said ? Infinity : parseFloat(String(said).replace("≤", ""))
}

function tooNew(compat, floor) {
  return Object.entries(floor).flatMap(([browser, oldest]) => {
    const statements = [compat.support[browser] ?? []].flat()
    const plain = statements.filter((each) => !each.prefix && !each.alternative_name && !each.flags && (!each.version_removed || each.partial_implementation))
    const since = Math.min(Infinity, ...plain.map((each) => version(each.version_added)))
    return since <= oldest ? [] : [`${browser} ${since === Infinity ? "never" : since}`]
  })
}

function ask(node, path, feature, { prefixed = false, guarded = false, twin = false } = {}) {
  const compat = feature?.__compat
  if (!compat) return
  used.add(path)
  if (excused(EXTRAS, path) || guarded) return
  const report = (floor, late) => complain(node, `${path} needs ${late.join(", ")} (${floor})`)
  const full = tooNew(compat, FULL)
  if (full.length) { if (!prefixed) report("full", full); return }
  const plain = tooNew(compat, PLAIN)
  if (plain.length && !excused(FALLS_BACK, path) && !twin && !prefixed) report("plain", plain)
  // A value with a variable is judged when it is used, too late to fall back on the declaration before it.
  if (plain.length && node.type === "decl" && node.value.includes("var(")) report("plain, with var(): no twin is kept", plain)
}

function excused(table, path) {
  return Object.keys(table).some((each) => path === each || path.startsWith(`${each}.`))
}

function find(branch, name) {
  return Object.hasOwn(branch, name) ? branch[name] : undefined
}

function declaration(node) {
  if (THEIRS.test(node.prop) || node.parent.name === "font-face") return
  const property = find(css.properties, node.prop)
  if (!property) { complain(node, "no such property"); return }
  const siblings = node.parent.nodes.filter((each) => each.type === "decl")
  const context = {
    guarded: guards(node),
    twin: siblings.some((each) => each !== node && each.prop === node.prop && siblings.indexOf(each) < siblings.indexOf(node)),
    prefixed: siblings.some((each) => each.prop === `-webkit-${node.prop}`),
  }
  ask(node, `properties.${node.prop}`, property, context)
  const words = []
  values(node.value).walk((part) => {
    if (part.type === "function") {
      for (const place of ["color", "image", "gradient", "basic-shape", "transform-function", "easing-function"]) {
        const kind = css.types[place] && find(css.types[place], part.value)
        if (kind) ask(node, `types.${place}.${part.value}`, kind, context)
      }
      const alone = find(css.types, part.value)
      if (alone) ask(node, `types.${part.value}`, alone, context)
      if (part.value === "url") return false
    } else if (part.type === "word") {
      const unit = values.unit(part.value)
      if (unit && unit.unit) {
        const name = UNITS.find(([units]) => units.test(unit.unit))?.[1] ?? unit.unit
        ask(node, `types.length.${name}`, find(css.types.length, name), context)
      }
      else if (!WRITTEN_ELSEWHERE.has(part.value)) words.push(part.value)
    }
  })
  for (const word of words) ask(node, `properties.${node.prop}.${word}`, find(property, word), context)
  if (node.prop === "text-decoration" && values(node.value).nodes.filter((each) => each.type === "word").length > 1)
    complain(node, "Safari drops the whole declaration for the thickness in it")
}

function guards(node) {
  for (let each = node.parent; each; each = each.parent) if (each.type === "atrule" && each.name === "supports") return true
  return false
}

function rule(node) {
  if (node.parent.type === "atrule" && node.parent.name.endsWith("keyframes")) return
  if (node.parent.type === "rule") complain(node, "nested rules are dropped")
  selectors((root) => root.walkPseudos((pseudo) => {
    const name = pseudo.value.replace(/^::?/, "")
    if (!name.startsWith("-")) ask(node, `selectors.${name}`, find(css.selectors, name), { guarded: guards(node) })
  })).processSync(node.selector)
}

function atRule(node) {
  if (THEIRS.test(node.name)) return
  const kind = find(css["at-rules"], node.name)
  ask(node, `at-rules.${node.name}`, kind, { guarded: guards(node) })
  if (node.name === "media") {
    for (const [, name] of node.params.matchAll(/\(\s*([\w-]+)/g)) ask(node, `at-rules.media.${name}`, find(kind, name))
    if (/[<>]/.test(node.params)) complain(node, "a range in @media is dropped")
  }
}

const named = process.argv.slice(2)
const folder = new URL("../portal/static/portal/", import.meta.url).pathname
const files = named.length ? named : readdirSync(folder).filter((name) => name.endsWith(".css")).map((name) => join(folder, name))
if (!files.length) throw new Error(`no style sheets in ${folder}: manage.py bundle_assets writes them`)
for (const file of files) {
  const sheet = postcss.parse(readFileSync(file, "utf8"), { from: file })
  sheet.walkDecls(declaration)
  sheet.walkRules(rule)
  sheet.walkAtRules(atRule)
}
if (!named.length)
  for (const path of [...Object.keys(EXTRAS), ...Object.keys(FALLS_BACK)]) if (![...used].some((each) => excused({ [path]: 1 }, each))) wrong.push(`${path} is excused and used nowhere`)
for (const line of wrong) console.log(line)
console.log(`${files.length} style sheets, ${used.size} features, ${wrong.length} newer than docs/browsers.md allows`)
process.exit(wrong.length ? 1 : 0)
