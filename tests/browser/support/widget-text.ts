import type { Page } from 'playwright-core'

/** What a reader sees of the page's widget, line by line. */
export async function widgetText(page: Page): Promise<string[]> {
  return (await page.locator('truycap-widget [part=box]').innerText()).split('\n')
}

/** What a reader sees where the page asks for views, in order. */
export function viewsText(page: Page): Promise<string[]> {
  return page.locator('[data-truycap-views]').allInnerTexts()
}
