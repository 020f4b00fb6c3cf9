/**
 * Key `d` of contract section 2: whole seconds, 1-3,600, that a page was visible since the last report; 0 while under
 * 3 s, which is no reading.
 */
export function engagedSeconds(visibleMs: number): number {
  return visibleMs < 3000 ? 0 : Math.min(3600, Math.round(visibleMs / 1000))
}
