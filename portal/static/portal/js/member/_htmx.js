// How htmx behaves under the content policy. It reads this when the document is ready, which is after every module has run.
if (window.htmx) {
  Object.assign(window.htmx.config, {
    includeIndicatorStyles: false, allowEval: false, historyCacheSize: 0, allowScriptTags: false, scrollBehavior: "instant",
    timeout: 20000, // then it counts as not saved, and can be tried again
  })
}
