import { watchNumbers } from './feed.js'
import type { FeedState } from './feed-state.js'
import { nearestLang } from './nearest-lang.js'
import { ATTRIBUTES, readOptions } from './options.js'
import { widgetModel } from './widget-model.js'
import { applyStyle } from './widget-style.js'
import { makeBox } from './widget-view.js'

/** Defines `<truycap-widget>`. The defaults are for widgets without `site` or `api`. */
export function defineWidget(defaults: { site: string; api: string }): void {
  class TruycapWidget extends HTMLElement {
    static get observedAttributes(): string[] {
      return ATTRIBUTES
    }

    private readonly root: ShadowRoot
    private unwatch: (() => void) | undefined
    private drawn: string | undefined
    private hid = false

    constructor() {
      super()
      this.root = this.attachShadow({ mode: 'open' })
      applyStyle(this.root)
    }

    connectedCallback(): void {
      this.disconnectedCallback()
      const read = (name: string) => (name === 'lang' ? nearestLang(this) : this.getAttribute(name))
      const options = readOptions(read, defaults)
      const draw = (state: FeedState) => {
        const model = widgetModel(options, state)
        // What the page itself hid stays hidden.
        if (!model || this.hid) this.hidden = this.hid = !model
        // Drawn only when something changed, so that a selection or a reading in progress is left alone.
        const drawn = JSON.stringify(model)
        if (!model || drawn === this.drawn) return
        this.drawn = drawn
        this.root.replaceChildren(makeBox(model))
      }
      this.unwatch = watchNumbers(options.api, options.site, { refreshMs: options.refreshMs, draw })
    }

    disconnectedCallback(): void {
      if (this.unwatch) this.unwatch()
      this.unwatch = undefined
    }

    attributeChangedCallback(): void {
      if (this.unwatch) this.connectedCallback()
    }
  }

  customElements.define('truycap-widget', TruycapWidget)
}
