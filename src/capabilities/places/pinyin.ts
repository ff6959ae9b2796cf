import { pinyin } from 'pinyin-pro'

/** Readings that hold in Shanghai's place names where a dictionary's first reading is another. */
const CITY_READINGS: Readonly<Record<string, string>> = {
  莘: 'xin', // 莘庄 Xinzhuang, 莘松; dictionaries begin with shen (莘莘学子)
  行: 'hang', // 闵行 Minhang, 高行, 杨行, 庙行, 徐行, 殷行: the old guild-house sense
  重: 'chong', // 重固 Chonggu, 重庆路, 重华
  翟: 'di', // 诸翟 Zhudi, 北翟路 Beidi Road
  厦: 'xia', // 厦门路 Xiamen Road
  番: 'pan', // 番禺路 Panyu Road
  圩: 'wei', // polder fields of the delta: 钱圩, 北圩; xu is the southern market sense
  藏: 'zang', // 西藏路 Xizang Road
  都: 'du', // 乐都, 名都, 东都: a city, never the adverb dou
  仇: 'qiu', // the surname in village names
  大: 'da', // 大场 Dachang
  长: 'chang', // 长宁 Changning, 长寿路, 长征
  场: 'chang', // 大场, 场中路, 新场
}

/** Words in which the usual reading holds all the same. */
const WORD_READINGS: Readonly<Record<string, readonly string[]>> = {
  行知: ['xing', 'zhi'], // named after the teacher Tao Xingzhi
  步行: ['bu', 'xing'],
  行政: ['xing', 'zheng'],
  力行: ['li', 'xing'],
  番瓜: ['fan', 'gua'], // 番瓜弄 Fangualong
  大厦: ['da', 'sha'],
  华厦: ['hua', 'sha'],
  校长: ['xiao', 'zhang'],
}

const cache = new Map<string, string>()

// One reading per character, cached: 18 µs per whole-name call of the library would be 0.7 s for 37,000
// names; the cache holds the 2,500 characters that the names are made of.
const readingOf = (char: string): string => {
  const known = cache.get(char)
  if (known !== undefined) return known
  const reading =
    CITY_READINGS[char] ??
    (/\p{Script=Han}/u.test(char) ? pinyin(char, { toneType: 'none', v: true }) : char.toLowerCase())
  cache.set(char, reading)
  return reading
}

/** Syllables of a place name without tones, in Shanghai's readings; letters and digits stand for themselves. */
export const syllablesOf = (name: string): string[] => {
  const syllables: string[] = []
  const chars = Array.from(name)
  for (let i = 0; i < chars.length; i++) {
    const word = WORD_READINGS[`${chars[i]}${chars[i + 1] ?? ''}`]
    if (word) {
      syllables.push(...word)
      i++
      continue
    }
    syllables.push(readingOf(chars[i] ?? ''))
  }
  return syllables
}

/** A name for English readers: 花木街道 → Huamu, 浦东新区 → Pudong. Takes the everyday name. */
export const romanise = (everyday: string): string => {
  const joined = syllablesOf(everyday).join('').replaceAll('v', 'ü')
  return joined.charAt(0).toUpperCase() + joined.slice(1)
}
