import type { Read } from './read.ts'
import type { Why } from './records.ts'

type Both = { zh: string; en: string }

/** What the device itself will not do, and what the person can do instead. */
export const DEVICE_SAYS: Record<
  Why | Extract<Read, { is: 'nothing' }>['why'] | 'tube_first' | 'not_here',
  Both
> = {
  label_mistyped: {
    zh: '条码校验不符，请核对后重扫或重输',
    en: 'The label does not check; look at it again',
  },
  label_used: { zh: '这个条码本机已用过，请换一支', en: 'This device has used this label; take another one' },
  tube_under_way: { zh: '还有一支管没封，请先封管', en: 'A tube is still open; seal it first' },
  tube_full: { zh: '管已满，请先封管', en: 'The tube is full; seal it first' },
  twice_in_tube: { zh: '此人已在这支管里', en: 'This person is in this tube already' },
  tube_empty: { zh: '管里还没有人', en: 'Nobody is in this tube yet' },
  bad_member: {
    zh: '有一人没有被认可，请先移除或改用证件',
    en: 'One person was not accepted; remove them or use a document',
  },
  in_other_box: { zh: '这支管已在另一个箱里', en: 'This tube lies in another box' },
  box_full: { zh: '一箱最多400支', en: 'A box takes 400 tubes' },
  box_empty: { zh: '箱里还没有管', en: 'No tube is in this box yet' },
  box_gone: { zh: '箱已装好，不能再改', en: 'The box is packed and does not change' },
  box_open: { zh: '还有一个箱没装好，请先封箱', en: 'A box is still open; close it first' },
  not_kept: {
    zh: '没有存上：手机存储可能满了。先不要继续，腾出空间再试',
    en: 'Not kept: the device may be full. Stop, free some space and try again',
  },
  no_tube: { zh: '请先扫管码', en: 'Scan a tube first' },
  id_number_wrong: { zh: '证件号码不对，请核对每一位', en: 'The number is not valid; check each character' },
  not_readable: { zh: '没有认出来，请重扫或手输', en: 'Not recognised; scan again or type' },
  tube_first: { zh: '请先扫管码，再扫人', en: 'Scan the tube first, then people' },
  not_here: { zh: '这里不能扫这个', en: 'This cannot be scanned here' },
}

/** Which ways a refusal by the city leaves open; what is not listed can be mended by hand. */
export type Way = 'mend' | 'aside' | 'move'

const CITY_SAYS: Record<string, { do: Both; ways: readonly Way[] }> = {
  tube_taken: {
    do: {
      zh: '看一眼管上的条码：输错了就改条码再送；没输错，把这支管单独放好，告诉负责人。名单已交居村核实，要不要重采由居村通知。',
      en: 'Look at the label: if it was misread, correct it and send again. If not, put the tube apart and tell whoever is in charge. The neighbourhood has the list and says whether these people sample again.',
    },
    ways: ['mend', 'aside'],
  },
  label_mistyped: {
    do: { zh: '对着管子重输条码。', en: 'Type the label again from the tube.' },
    ways: ['mend'],
  },
  twice_in_tube: {
    do: {
      zh: '同一人用两种方式登记了：移除其中一个再送，样本不用重采。',
      en: 'One person was entered in two ways: remove one of the two and send again. No new sample is needed.',
    },
    ways: ['mend'],
  },
  tube_overfull: { do: { zh: '移除多出的人。', en: 'Remove whoever is too many.' }, ways: ['mend'] },
  code_not_valid: {
    do: {
      zh: '有人的采样码已失效：移除后，用证件号或电话补上，再送。',
      en: 'Somebody’s code has run out: remove it, enter a document or telephone instead, and send again.',
    },
    ways: ['mend'],
  },
  person_not_found: {
    do: {
      zh: '有人的码对应的登记已注销：移除后用证件号补上，再送。',
      en: 'The register no longer has whom a code stands for: remove it, enter a document instead, and send again.',
    },
    ways: ['mend'],
  },
  id_number_wrong: {
    do: {
      zh: '核对证件号，移除错的，重新输入。',
      en: 'Check the numbers; remove the wrong one and type it again.',
    },
    ways: ['mend'],
  },
  session_ended: {
    do: {
      zh: '这次采样已在别处结束：转到新的一次采样（同一小区），会自动再送。',
      en: 'The session was ended elsewhere: move this to a new session at the same compound; it is sent again by itself.',
    },
    ways: ['move'],
  },
  session_unknown: {
    do: {
      zh: '转到新的一次采样，会自动再送。',
      en: 'Move this to a new session; it is sent again by itself.',
    },
    ways: ['move'],
  },
  box_taken: {
    do: {
      zh: '箱码已被别人用了：换一个箱码重新装箱。',
      en: 'Somebody else uses this box label: take another box.',
    },
    ways: ['aside'],
  },
  box_gone: {
    do: { zh: '箱已交接：剩下的管另装一箱。', en: 'The box has left: put what remains in another one.' },
    ways: ['aside'],
  },
}

const BY_HAND = {
  do: {
    zh: '核对条码和人员后再送；还不行请告诉负责人。',
    en: 'Check label and people and send again; else tell whoever is in charge.',
  },
  ways: ['mend', 'aside'],
} as const

export const adviceFor = (code: string): { do: Both; ways: readonly Way[] } => CITY_SAYS[code] ?? BY_HAND

/** Why a tube is not in the box, in the city's words. */
export const LEFT_OUT: Record<string, Both> = {
  unknown: { zh: '还没有上报', en: 'not reported yet' },
  other_box: { zh: '在另一个箱里', en: 'in another box' },
  not_sealed: { zh: '已被处理', en: 'already handled' },
}
