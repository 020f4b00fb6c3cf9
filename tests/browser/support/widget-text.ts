import type { Page } from 'playwright-core'

/** What a reader sees of the page's widget, line by line. */
export async function widgetText(page: Page): Promise<string[]> {
  return (await page.locator('truycap-widget [part=box]').innerText()).split('\n')
}

/** What a reader sees where the page asks for views, in order. */
export function viewsText(page: Page): Promise<string[]> {
  return page.locator('[data-truycap-views]').allInnerTexts()
}

/** The lines of a widget in Vietnamese whose four counts are all `value`. */
export function widgetLines(value: number | string, cells = `00000000${value}`): string[] {
  const labels = ['Đang online', 'Trong tuần', 'Trong tháng', 'Trong năm']
  return ['Thống kê truy cập', cells, ...labels.map((label) => `${label}: ${value}`)]
}
