import { fillViews } from './views.js'
import { defineWidget } from './widget-element.js'

// Known only while the script runs for the first time.
const script = document.currentScript as HTMLScriptElement | null
const { origin } = new URL((script && script.src) || location.href)

function attributeOf(selector: string, name: string): string {
  const element = document.querySelector(selector)
  return (element && element.getAttribute(name)) || ''
}

function whenVisible(run: () => void): void {
  if (!document.hidden) return run()
  document.addEventListener('visibilitychange', () => run(), { once: true })
}

function start(): void {
  const tracked = attributeOf('script[data-site]', 'data-site')
  defineWidget({ api: origin, site: tracked })
  const site = tracked || attributeOf('truycap-widget[site]', 'site')
  whenVisible(() => fillViews({ api: origin, site }))
}

// A second copy does nothing.
if (!customElements.get('truycap-widget')) {
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start)
  else start()
}
