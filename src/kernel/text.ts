/**
 * Text as people type it, brought to one form for matching. Every result keeps where each character
 * came from, so that words understood can be highlighted in what was typed.
 */
export type NormalisedText = {
  readonly text: string
  /** from[i] and to[i]: the span in the original (UTF-16 units) that became character i of `text`. */
  readonly from: readonly number[]
  readonly to: readonly number[]
}

const DASHES = /[‐‑‒–—―−－﹣～〜~⁓]/u
const SAME_AS: Readonly<Record<string, string>> = {
  '：': ':',
  '﹕': ':',
  '∶': ':',
  '︰': ':',
  '，': ',',
  '﹐': ',',
  '､': ',',
  '、': ',',
  '；': ';',
  '﹔': ';',
  '（': '(',
  '）': ')',
  '﹙': '(',
  '﹚': ')',
  '【': '[',
  '】': ']',
  '〔': '(',
  '〕': ')',
  '。': '.',
  '｡': '.',
}
const INVISIBLE = /[\u200b-\u200f\u2060\ufeff\u00ad]/u
const SPACE = /\s/u

const foldOnce = (char: string): string => {
  const same = SAME_AS[char]
  if (same) return same
  if (DASHES.test(char)) return '-'
  if (INVISIBLE.test(char)) return ''
  if (SPACE.test(char)) return ' '
  // NFKC only where one character stays one character: ① would become a house number and ½ three
  // characters, while Ａ, ８ and the compatibility ideographs are what people mean by A, 8 and 村.
  if (/[\u2460-\u24ff\u2776-\u2793\u3200-\u32ff]/u.test(char)) return char
  const folded = char.normalize('NFKC')
  return Array.from(folded).length === 1 ? folded : char
}

/** Everyday text has some thousand different characters; a stranger one is folded each time. */
const folds = new Map<string, string>()
const MOST_FOLDS = 10_000

function foldCharacter(char: string): string {
  const known = folds.get(char)
  if (known !== undefined) return known
  // Twice: a presentation form of 、 folds to 、 and only then to a comma.
  const folded = foldOnce(foldOnce(char))
  if (folds.size < MOST_FOLDS) folds.set(char, folded)
  return folded
}

/** Half-width, unified dashes, colons, commas and spaces; trimmed; with the way back to the original. */
export const normalise = (original: string): NormalisedText => {
  const chars: string[] = []
  const from: number[] = []
  const to: number[] = []
  let at = 0
  for (const char of original) {
    const end = at + char.length
    const folded = foldCharacter(char)
    const skip = folded === '' || (folded === ' ' && (chars.length === 0 || chars.at(-1) === ' '))
    if (!skip)
      for (let unit = 0; unit < folded.length; unit++) {
        chars.push(folded.charAt(unit))
        from.push(at)
        to.push(end)
      }
    at = end
  }
  if (chars.at(-1) === ' ') {
    chars.pop()
    from.pop()
    to.pop()
  }
  return { text: chars.join(''), from, to }
}

const DIGITS: Readonly<Record<string, number>> = {
  零: 0,
  〇: 0,
  '○': 0,
  一: 1,
  二: 2,
  两: 2,
  三: 3,
  四: 4,
  五: 5,
  六: 6,
  七: 7,
  八: 8,
  九: 9,
}
const SCALES: Readonly<Record<string, number>> = { 十: 10, 百: 100, 千: 1000 }

/** 八百零一 → 801, 八零一 → 801, 十三 → 13, 一百五 → 150; undefined where it is not one number below 10,000. */
export const chineseNumber = (numeral: string): number | undefined => {
  const chars = Array.from(numeral)
  if (chars.length === 0) return undefined
  if (chars.every((char) => char in DIGITS)) {
    const value = Number(chars.map((char) => DIGITS[char]).join(''))
    return value < 10_000 ? value : undefined
  }
  let total = 0
  let digit: number | undefined
  let lastScale = 10_000
  let zero = false
  for (const char of chars) {
    const scale = SCALES[char]
    if (scale === undefined) {
      const next = DIGITS[char]
      if (next === undefined || (digit !== undefined && digit !== 0)) return undefined
      digit = next
      zero ||= next === 0
      continue
    }
    if (scale >= lastScale) return undefined
    total += (digit ?? 1) * scale
    lastScale = scale
    digit = undefined
  }
  if (digit === undefined) return total
  // 一百五 is said for 150 and 两千三 for 2300, unless a zero was spoken: 一百零五.
  return total + (lastScale >= 100 && !zero ? digit * (lastScale / 10) : digit)
}

const NUMERAL_RUN = /[零〇○一二两三四五六七八九十百千]+(?=支弄|街坊|单元|[路弄号室幢栋楼层村期组队街巷区])/gu

/** 二三村 is "second and third village": neighbours without a scale before 村 are a list, not 23. */
const isVillageList = (numeral: string, unit: string): boolean => {
  if (unit !== '村' || numeral.length < 2) return false
  const values = Array.from(numeral).map((char) => DIGITS[char])
  return values.every((value, i) => value !== undefined && (i === 0 || value === (values[i - 1] ?? 0) + 1))
}

/**
 * The form two texts are compared in: normalised, lower case, Chinese numerals before a unit in Arabic digits.
 * 平阳一村 and 平阳1村 meet in the same key; the original stays what is shown.
 */
export const matchKey = (original: string): NormalisedText => {
  const plain = normalise(original)
  const source = plain.text.toLowerCase()
  // Lower-casing one character may give two (İ): offsets would slip, so such a text keeps its case.
  const text = source.length === plain.text.length ? source : plain.text
  const out: string[] = []
  const from: number[] = []
  const to: number[] = []
  const copy = (start: number, end: number): void => {
    for (let i = start; i < end; i++) {
      out.push(text.charAt(i))
      from.push(plain.from[i] ?? 0)
      to.push(plain.to[i] ?? 0)
    }
  }
  let done = 0
  for (const match of text.matchAll(NUMERAL_RUN)) {
    const start = match.index
    const end = start + match[0].length
    const value = isVillageList(match[0], text.charAt(end)) ? undefined : chineseNumber(match[0])
    if (value === undefined) continue
    copy(done, start)
    for (const digit of String(value)) {
      out.push(digit)
      from.push(plain.from[start] ?? 0)
      to.push(plain.to[end - 1] ?? 0)
    }
    done = end
  }
  copy(done, text.length)
  return { text: out.join(''), from, to }
}

/** The span of the original text behind `text.slice(start, end)` of a normalised text. */
export const originalSpan = (n: NormalisedText, start: number, end: number): { from: number; to: number } => {
  if (end <= start) return { from: n.from[start] ?? 0, to: n.from[start] ?? 0 }
  return { from: n.from[start] ?? 0, to: n.to[end - 1] ?? 0 }
}
