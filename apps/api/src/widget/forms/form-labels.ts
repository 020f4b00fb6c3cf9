/** The languages of the forms without script (contract section 4). */
export const LANGUAGES = ['vi', 'en'] as const
export type Language = (typeof LANGUAGES)[number]

/** The lines under the total, in the widget's default look. */
export const LINES = ['online', 'week', 'month', 'year'] as const
export type Line = (typeof LINES)[number]

export interface FormLabels extends Readonly<Record<Line | 'heading' | 'total' | 'asOf', string>> {
  /** Decides the grouping of digits: `7.667` or `7,667`. */
  readonly locale: string
}

/** The words of w.js, which is bundled apart; a test holds them together. */
export const LABELS: Readonly<Record<Language, FormLabels>> = {
  vi: {
    locale: 'vi-VN',
    heading: 'Thống kê truy cập',
    total: 'Tổng lượt truy cập',
    online: 'Đang online',
    week: 'Trong tuần',
    month: 'Trong tháng',
    year: 'Trong năm',
    asOf: 'Số liệu lúc',
  },
  en: {
    locale: 'en',
    heading: 'Visitor statistics',
    total: 'Total visits',
    online: 'Online now',
    week: 'This week',
    month: 'This month',
    year: 'This year',
    asOf: 'Figures as of',
  },
}
