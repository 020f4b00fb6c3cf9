/** The `lang` of an element or of the nearest one around it, also out of a shadow root; null when none says any. */
export function nearestLang(element: Element): string | null {
  const holder = element.closest('[lang]')
  if (holder) return holder.getAttribute('lang')
  const { host } = element.getRootNode() as Partial<ShadowRoot>
  return host ? nearestLang(host) : null
}
