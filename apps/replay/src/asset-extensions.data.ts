const LIST = `
  css js mjs map wasm json webmanifest xml rss atom txt xsl
  png jpg jpeg gif svg ico webp avif bmp tif tiff
  woff woff2 ttf otf eot
  mp3 mp4 m4a m4v ogg oga ogv wav webm flac avi mov wmv flv swf
  pdf doc docx xls xlsx ppt pptx odt ods odp csv
  zip gz tgz bz2 xz 7z rar tar jar exe msi dmg iso deb rpm apk bin
`

/** Extensions of what a browser fetches for a page, or a person downloads: a request for one is never a page view. */
export const ASSET_EXTENSIONS: ReadonlySet<string> = new Set(LIST.trim().split(/\s+/))
