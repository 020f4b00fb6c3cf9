// The colours are those of the forms without script (apps/api/src/widget/forms); a test holds them together. They are set
// on the box, not on the host, where the page's own names would win.
const CSS = `
:host{display:block}
:host([hidden]){display:none!important}
[part=box]{--b:#fff;--t:#222;--e:#c8ccd0;--c:#222;--d:#fff;box-sizing:border-box;max-width:20em;padding:.75em 1em;border:1px solid var(--truycap-edge,var(--e));border-radius:4px;background:var(--truycap-box,var(--b));color:var(--truycap-text,var(--t));line-height:1.6}
:host([theme=flat]) [part=box]{--b:#f1f5f9;--t:#1c2733;--e:#f1f5f9;--c:#f1f5f9;--d:#0b5cad}
:host([theme=led]) [part=box]{--b:#eee;--t:#222;--e:#bbb;--c:#141414;--d:#ff5a3c}
@media (prefers-color-scheme:dark){
[part=box]{--b:#1b1f24;--t:#e6e6e6;--e:#444c56;--c:#000;--d:#fff}
:host([theme=flat]) [part=box]{--b:#1d2733;--t:#dfe6ee;--e:#1d2733;--c:#1d2733;--d:#7db8ff}
:host([theme=led]) [part=box]{--b:#181818;--t:#ddd;--e:#333;--c:#000;--d:#ff6b4d}
}
[part=heading]{font-weight:700}
[part=total]{margin:.25em 0}
[part=digit]{display:inline-block;min-width:1.3em;margin:0 2px 2px 0;border-radius:2px;background:var(--truycap-cell,var(--c));color:var(--truycap-digit,var(--d));text-align:center;font-variant-numeric:tabular-nums}
:host([theme=flat]) [part=digit]{min-width:0;margin:0;font-size:1.6em;font-weight:700}
:host([theme=led]) [part=digit]{min-width:1.1em;margin:0;border-radius:0;font:700 1.25em/1.5 ui-monospace,'DejaVu Sans Mono',Consolas,monospace}
[part=lines]{margin:0}
[part=line]{padding:.1em 0}
[part=label],[part=value]{display:inline;margin:0}
[part=value]{font-weight:700;font-variant-numeric:tabular-nums}
[part=note]{font-size:.85em}
[data-state=stale] [part=total],[data-state=stale] [part=lines]{opacity:.7}
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
