import type { Gazetteer, NameForm } from './gazetteer.ts'
import type { Place } from './rules.ts'

/** A place named in a text, with the span of its name (and of its suffix) in the match key. */
export type Mention = {
  place: Place
  from: number
  to: number
  form: NameForm | 'suffixed'
  /** False where the words alone do not make a place: a road's name, a common word. */
  counts: boolean
}

/**
 * Names that are everyday words too. They count only beside the name of the place above them.
 * Found by reading all two-character names of the city's neighbourhoods and towns.
 */
const COMMON_WORDS = new Set(
  (
    '幸福 和平 光明 团结 胜利 新华 人民 中心 建设 新村 书院 海湾 中兴 向化 三星 新河 长征 长风 万里 中山 永丰 岳阳 ' +
    '友谊 阳光 北京 云南 江苏 陕西 太原 西安 兰州 唐山 昆山 海宁 大连 高雄 中华 市民 制造 学院 同济 复旦 财大 体院 ' +
    '大学 交通 电业 农场 文化 公元 世界 恒大 万科 保利 绿地 东方 中央 上影 大统 第一 第二 第三 第四 第五 第六 第七 第九 ' +
    '一村 二村 三村 四村 五村 六村 七村 八村 九村 十村 北街 南街 东街 西街 东门 南门 西门 北门 南区 北区 东区 西区 ' +
    '工农 勤奋 先锋 前进 跃进 解放 爱国 民主 联合 向阳 朝阳 星火 红旗 东风 红星 曙光 新建 太平 平安 吉祥 如意 兴隆 ' +
    '振兴 复兴 大同 世强 交暨 水电 航天 自建 友爱 友好 侨光 安居 小区 社区 医院 学校 青春 原野 花园 桃园 果园 水岸 ' +
    '青年 春天 百花 四季 明天 前程 秋月 春夏 晨光 华润 同心 协和 长乐 长江 江宁 安亭路'
  ).split(' '),
)

const SUFFIX =
  /^(?:社区)?(?:居民委员会|居委会|居委|居民区|村民委员会|村委会|村委)|^社区(?!卫生|医院|服务|食堂|团购|志愿|工作)|^小区/u
const ROAD_AFTER =
  /^[东西南北中新支]{0,2}\d{0,2}(?:路|街(?!道)|大道|公路|支路|弄|巷|东道|高速|高架|立交|大桥|隧道)/u
const INSTITUTION_AFTER =
  /^第?[一二三四五六七八九十\d]{0,3}(?:人民|中心|中西医结合|精神卫生|妇幼|中医|肿瘤|儿童|东院|西院|国际)*(?:医院|公园|机场|大学|学院|中学|小学|幼儿园|火车站|高铁站|站|广场|商场|超市|银行|体育|分院|药房|书店|宾馆|酒店)/u

const isDigit = (char: string): boolean => char >= '0' && char <= '9'

/** All names of places in a match key, longest at each position first; nothing is chosen yet. */
export const findMentions = (gazetteer: Gazetteer, key: string): Mention[] => {
  const mentions: Mention[] = []
  for (let from = 0; from < key.length - 1; from++) {
    const lengths = gazetteer.lengths.get(key.slice(from, from + 2))
    if (!lengths) continue
    for (const length of lengths) {
      const name = key.slice(from, from + length)
      const entries = name.length === length ? gazetteer.names.get(name) : undefined
      if (!entries || cutsNumber(key, from, from + length)) continue
      for (const { form, place } of entries) mentions.push(judge(key, from, from + length, form, place))
    }
  }
  return allowBesideParent(key, dropInside(mentions))
}

const cutsNumber = (key: string, from: number, to: number): boolean =>
  (isDigit(key.charAt(from)) && isDigit(key.charAt(from - 1))) ||
  (isDigit(key.charAt(to - 1)) && isDigit(key.charAt(to)))

const judge = (key: string, from: number, to: number, form: NameForm, place: Place): Mention => {
  const after = key.slice(to, to + 14)
  const name = key.slice(from, to)
  if (place.kind === 'neighbourhood') {
    const suffix = SUFFIX.exec(after)?.[0]
    if (suffix && form !== 'full')
      return { place, from, to: to + suffix.length, form: 'suffixed', counts: true }
    if (suffix) return { place, from, to: to + suffix.length, form: 'full', counts: true }
  }
  const isWhole = form === 'full' && /[区道镇乡会]$/.test(name)
  // 法华镇路 is a road; 花木街道路口 is a crossing in 花木街道.
  const isRoadName = /[镇乡会]$/.test(name) && /^[东西南北中]?(?:路(?![口上边面])|弄)/.test(after)
  if (isWhole && !isRoadName) return { place, from, to, form, counts: true }
  if (form === 'road' || ROAD_AFTER.test(after)) return { place, from, to, form: 'road', counts: false }
  const isWide = place.kind === 'district' || place.kind === 'city'
  if (!isWide && form === 'short' && INSTITUTION_AFTER.test(after))
    return { place, from, to, form: 'road', counts: false }
  const isShort = place.kind === 'neighbourhood' && name.length <= 2
  return { place, from, to, form, counts: isWide || !(isShort || COMMON_WORDS.has(name)) }
}

/** A name inside a longer name that counts is not a mention: 南京东路 in 南京东路街道. */
const dropInside = (mentions: Mention[]): Mention[] => {
  const wholes = mentions.filter(
    ({ form, place }) => form === 'full' && (place.kind === 'district' || place.kind === 'subdistrict'),
  )
  // 街道新村 is not the village 道新村: no name begins inside a complete district or town and runs out of it.
  const whole = mentions.filter(
    (mention) => !wholes.some(({ from, to }) => from < mention.from && mention.from < to && mention.to > to),
  )
  const longest = whole.filter(({ counts }) => counts)
  return whole.filter(
    (mention) =>
      !longest.some(
        ({ from, to }) => from <= mention.from && to >= mention.to && to - from > mention.to - mention.from,
      ),
  )
}

/**
 * A short or common name counts directly after the place above it: 花木街道牡丹, 崇明区建设. A common word
 * after a district may still be a word (浦东新区人民…), so there it takes the town above, or the district for a town.
 */
const allowBesideParent = (key: string, mentions: Mention[]): Mention[] =>
  mentions.map((mention) => {
    if (mention.counts || mention.form === 'road') return mention
    const isCommon = COMMON_WORDS.has(key.slice(mention.from, mention.to))
    const beside = mentions.some(
      ({ place, to, counts }) =>
        counts &&
        to <= mention.from &&
        /^[ ,-]?$/.test(key.slice(to, mention.from)) &&
        mention.place.code.startsWith(place.code) &&
        place.code !== mention.place.code &&
        place.kind !== 'city' &&
        (!isCommon || place.code === mention.place.parentCode),
    )
    return beside ? { ...mention, counts: true } : mention
  })
