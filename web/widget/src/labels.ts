/** The languages the widget speaks. */
export type Language = 'vi' | 'en'

/** What a line can show, by the names of the numbers in the widget's JSON. */
export type LineField = 'online' | 'today' | 'yesterday' | 'week' | 'month' | 'year'

/** Every text of the widget in one language. */
export interface Labels extends Record<LineField | 'heading' | 'total' | 'views' | 'asOf', string> {
  locale: string
}

const LABELS: Record<Language, Labels> = {
  vi: {
    locale: 'vi-VN',
    heading: 'Thống kê truy cập',
    total: 'Tổng lượt truy cập',
    online: 'Đang online',
    today: 'Hôm nay',
    yesterday: 'Hôm qua',
    week: 'Trong tuần',
    month: 'Trong tháng',
    year: 'Trong năm',
    views: 'Lượt xem',
    asOf: 'Số liệu lúc',
  },
  en: {
    locale: 'en',
    heading: 'Visitor statistics',
    total: 'Total visits',
    online: 'Online now',
    today: 'Today',
    yesterday: 'Yesterday',
    week: 'This week',
    month: 'This month',
    year: 'This year',
    views: 'Views',
    asOf: 'Figures as of',
  },
}

/** The texts for a `lang` attribute: English for `en` and its variants, Vietnamese for everything else. */
export function labelsFor(lang: string | null): Labels {
  return LABELS[/^en\b/i.test(lang || '') ? 'en' : 'vi']
}
