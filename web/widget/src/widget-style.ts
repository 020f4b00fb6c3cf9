const CSS = `
:host{display:block}
:host([hidden]){display:none!important}
[part=box]{box-sizing:border-box;max-width:20em;padding:.75em 1em;border:1px solid #c8ccd0;border-radius:4px;background:#fff;color:#222;line-height:1.6}
[part=heading]{font-weight:700}
[part=total]{margin:.25em 0}
[part=digit]{display:inline-block;min-width:1.3em;margin:0 2px 2px 0;border-radius:2px;background:#222;color:#fff;text-align:center;font-variant-numeric:tabular-nums}
[part=lines]{margin:0}
[part=line]{padding:.1em 0}
[part=label],[part=value]{display:inline;margin:0}
[part=value]{font-weight:700;font-variant-numeric:tabular-nums}
[part=note]{font-size:.85em}
[data-state=stale] [part=total],[data-state=stale] [part=lines]{opacity:.6}
`

let sheet: CSSStyleSheet | undefined

/**
 * Styles a shadow root by a sheet that all widgets share. It is adopted, not written into the page, so it works under
 * `style-src 'self'`; a browser that cannot adopt sheets shows the plain text.
 */
export function applyStyle(root: ShadowRoot): void {
  try {
    if (!sheet) {
      sheet = new CSSStyleSheet()
      sheet.replaceSync(CSS)
    }
    root.adoptedStyleSheets = [sheet]
  } catch (error) {
    void error
  }
}
