/**
 * Parts of real browsers' User-Agents in which isbot 5.2.3 sees a crawler's word. They are blanked before a User-Agent
 * that isbot calls a crawler is judged again, so a crawler gains nothing by carrying one: its own words still count.
 */
export const BROWSER_MARKS: readonly RegExp[] = [
  // An app's description of its phone: `FBMF/Google`, `FBCR/Google Fi`, `motorola/google`.
  /\[FB(?:AN|_IAB)\/[^\]]*\]/,
  /\b(?:Instagram|Barcelona) [\d.]+ (?:Android )?\([^)]*\)/,
  // Names of phones: `M bot 60`, `GM Discovery II`, `HTC; Radar`.
  /; [^;()]+(?= Build\/)/,
  /HTC; Radar\b/,
  // Apps that people read pages in: `Grab/5.285.0 (Android 10; ...)`, package names such as `vn.com.vng.zalo`.
  /^Grab(?=\/\d)/,
  /\bvn\.com\b/,
  /newsapp|\b(?:NewsBreak|SmartNews|Opera News)\b/gi,
  /android:google/,
  /TTID\/\d+@\w+|@htao_\w+/,
  // Browsers: UC Mini, Sogou, an edition of Opera, Nintendo's and Samsung's of old.
  /SpeedMode; Proxy\b/,
  /Sogou(?:MSE|MobileBrowser)/gi,
  /Edition utorrent/,
  /Wii \w+ Channel\/1\.0/,
  /Bada\/1\.0/,
  /QQ-URL-Manager/,
  /http:\/\/www\.QtWeb\.net/i,
  // What programs added to Internet Explorer and Firefox on the same computer.
  /GWX:\w+/,
  /MSN Optimized\w*/gi,
  /chromeframe/gi,
  /FirePHP/gi,
  /FreemakeVideoDownloader/,
  /Splashtop/,
  /WebMoney Advisor/,
  /(?<=Safari\/[\d.]+|like Gecko) \(\)$/,
  /java_runtime_version|Java\/Jbed/,
]
