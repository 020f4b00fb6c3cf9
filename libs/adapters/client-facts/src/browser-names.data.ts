/** A name and the mark that tells it; the first that matches wins. */
export type Naming = readonly [name: string, mark: RegExp]

/** Browsers that bowser takes for Chrome or Safari: apps first, since they carry the system's browser in their name too. */
export const APP_BROWSERS: readonly Naming[] = [
  ['Zalo', /\bZalo(?:Theme|\/| android| iOS)/],
  ['Messenger', /FBAN\/Messenger|FB_IAB\/(?:MESSENGER|Orca)/i],
  ['Instagram', /\bInstagram \d/],
  ['Threads', /\bBarcelona \d/],
  ['Facebook', /\bFB(?:AN|AV|_IAB)\/|\bMetaIAB Facebook/],
  ['TikTok', /\bmusical_ly|\btrill_|BytedanceWebview/],
  ['LINE', /\bLine\/\d/],
  ['Viber', /\bViber\//],
  ['Telegram', /\bTelegram-Android\//],
  ['KakaoTalk', /\bKAKAOTALK\b/],
  ['Snapchat', /\bSnapchat\//],
  ['Pinterest', /\[Pinterest\//],
  ['LinkedIn', /\bLinkedInApp\b/],
  ['X', /\bTwitter(?: for i|Android)/],
  ['Grab', /\bGrab\/\d/],
  ['Google App', /\bGSA\//],
  ['Cốc Cốc', /coc_?coc_?browser/i],
  ['Samsung Internet', /SamsungBrowser\//],
  ['Opera Mini', /\bOpera Mini\//],
  ['UC Browser', /\bUC(?:Browser|Mini|WEB)\//],
  ['MIUI Browser', /MiuiBrowser\//],
  ['Huawei Browser', /HuaweiBrowser\//],
  ['DuckDuckGo', /\b(?:DuckDuckGo|Ddg)\//],
  ['Brave', /\bBrave\b/],
  ['Ecosia', /\bEcosia\b/],
  ['Opera', /\bOP[TX]\//],
]

/** Apps without a name of their own: what bowser calls Chrome or Safari, shown inside some app. */
export const WEB_VIEWS: readonly Naming[] = [
  ['Android WebView', /; wv\)/],
  ['iOS WebView', /\(iP(?:hone|ad|od)(?!.*Safari\/)/],
]

/** Shorter names for bowser's; a name given here as '' is no browser. */
export const BROWSER_RENAMES: ReadonlyMap<string, string> = new Map([
  ['Microsoft Edge', 'Edge'],
  ['Samsung Internet for Android', 'Samsung Internet'],
  ['Google Search', 'Google App'],
  ['Generic', ''],
])

/** Systems that bowser does not know, or takes for Windows or Linux. */
export const SYSTEM_NAMES: readonly Naming[] = [
  ['PlayStation', /\bPlayStation\b/i],
  ['Xbox', /\bXbox\b/],
  ['Nintendo', /\bNintendo\b/],
  ['KaiOS', /\bKAIOS\b/i],
  ['BSD', /\b(?:Free|Open|Net)BSD\b/],
]

/** Devices that bowser leaves open or takes for a tablet or desktop. */
export const DEVICE_MARKS: readonly (readonly [device: 'tv' | 'desktop' | 'mobile', mark: RegExp])[] = [
  ['tv', /\b(?:Smart-?TV|Google ?TV|Android ?TV|Apple ?TV|HbbTV|BRAVIA|CrKey|Web0S|NetCast|AFT[A-Z]+)\b/i],
  ['tv', /\b(?:PlayStation|Xbox|Nintendo)\b/i],
  ['desktop', /\bCrOS\b|\b(?:Free|Open|Net)BSD\b/],
]
