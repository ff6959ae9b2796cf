import { fileTypeFromBuffer } from 'file-type'
import { CityError } from '#kernel/errors.ts'

/**
 * What a picture needs to be shown, and nothing else: position, time, device, comments and thumbnails go. By what is
 * kept and not by what is dropped, because cameras invent new places to write; a library that looks for EXIF marks
 * alone left a second block behind a first unknown one.
 */
const CLEAN: Record<string, (file: Buffer) => Buffer> = {
  'image/jpeg': cleanJpeg,
  'image/png': cleanPng,
  'image/webp': cleanWebp,
  'application/pdf': (file) => file,
}

/** The type by the first bytes, whatever the name says, and the file without what tells of its maker. */
export async function cleanFile(file: Buffer): Promise<{ type: string; body: Buffer }> {
  const type = (await fileTypeFromBuffer(file))?.mime ?? ''
  const clean = CLEAN[type]
  if (!clean) throw new CityError('attachment_type')
  try {
    return { type, body: clean(file) }
  } catch (error) {
    // Cut off or not what its first bytes say.
    if (error instanceof RangeError) throw new CityError('attachment_type')
    throw error
  }
}

const part = (file: Buffer, from: number, to: number): Buffer => {
  if (to > file.length || from > to) throw new RangeError('cut off')
  return file.subarray(from, to)
}

/** The turn of the picture (EXIF tag 0x0112, 1 to 8), without which a telephone's picture lies on its side. */
function orientationOf(exif: Buffer): number {
  const tiff = exif.subarray(6)
  const little = tiff.toString('latin1', 0, 2) === 'II'
  const u16 = (at: number) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at))
  const u32 = (at: number) => (little ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at))
  try {
    const first = u32(4)
    for (let i = 0; i < u16(first); i++) {
      const entry = first + 2 + i * 12
      if (u16(entry) === 0x0112) return u16(entry + 8)
    }
  } catch {
    // A damaged block says nothing about the turn.
  }
  return 1
}

/** An EXIF block that holds the turn alone. */
function turned(orientation: number): Buffer {
  const b = Buffer.from('ffe100224578696600004d4d002a00000008000101120003000000010000000000000000', 'hex')
  b.writeUInt16BE(orientation, 28)
  return b
}

function cleanJpeg(file: Buffer): Buffer {
  const kept: Buffer[] = [part(file, 0, 2)]
  for (let at = 2; ;) {
    if (file.readUInt8(at) !== 0xff) throw new RangeError('no marker')
    const marker = file.readUInt8(at + 1)
    if (marker === 0xff) {
      at++
      continue
    }
    // Behind the picture's end some cameras hang a second picture with all its marks.
    if (marker === 0xd9) return Buffer.concat([...kept, part(file, at, at + 2)])
    const end = at + 2 + file.readUInt16BE(at + 2)
    const body = part(file, at, end)
    const name = body.toString('latin1', 4, 16)
    if (marker === 0xe1 && name.startsWith('Exif\0')) {
      const orientation = orientationOf(body.subarray(4))
      if (orientation >= 2 && orientation <= 8) kept.push(turned(orientation))
    }
    // Tables and frames; JFIF, the colour profile and Adobe's colour mark are needed to show the right colours.
    const isApp = marker >= 0xe0 && marker <= 0xef
    const isColour =
      (marker === 0xe0 && name.startsWith('JFIF\0')) ||
      (marker === 0xe2 && name.startsWith('ICC_PROFILE\0')) ||
      (marker === 0xee && name.startsWith('Adobe'))
    if (marker !== 0xfe && (!isApp || isColour)) kept.push(body)
    at = end
    if (marker !== 0xda) continue
    const next = endOfScan(file, at)
    kept.push(part(file, at, next))
    at = next
  }
}

/** Where the bits of a scan end: the next mark that is neither a stuffed FF nor a restart. */
function endOfScan(file: Buffer, from: number): number {
  for (let at = file.indexOf(0xff, from); at !== -1; at = file.indexOf(0xff, at + 1)) {
    const marker = file.readUInt8(at + 1)
    const isBits = marker === 0 || marker === 0xff || (marker >= 0xd0 && marker <= 0xd7)
    if (!isBits) return at
  }
  throw new RangeError('no end')
}

const PNG_KEPT = new Set([
  'IHDR',
  'PLTE',
  'IDAT',
  'IEND',
  'tRNS',
  'gAMA',
  'cHRM',
  'sRGB',
  'iCCP',
  'sBIT',
  'bKGD',
  'pHYs',
  'acTL',
  'fcTL',
  'fdAT',
])

function cleanPng(file: Buffer): Buffer {
  const kept = [part(file, 0, 8)]
  for (let at = 8; at < file.length;) {
    const end = at + 12 + file.readUInt32BE(at)
    const name = file.toString('latin1', at + 4, at + 8)
    const chunk = part(file, at, end)
    if (PNG_KEPT.has(name)) kept.push(chunk)
    if (name === 'IEND') break
    at = end
  }
  return Buffer.concat(kept)
}

const WEBP_KEPT = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF', 'ICCP'])
/** Flags of VP8X that promise EXIF (0x08) and XMP (0x04). */
const WEBP_META = 0x0c

function cleanWebp(file: Buffer): Buffer {
  const kept: Buffer[] = []
  for (let at = 12; at + 8 <= file.length;) {
    const size = file.readUInt32LE(at + 4)
    const end = at + 8 + size + (size % 2)
    const name = file.toString('latin1', at, at + 4)
    if (WEBP_KEPT.has(name)) {
      const chunk = Buffer.from(part(file, at, Math.min(end, file.length)))
      if (name === 'VP8X') chunk.writeUInt8(chunk.readUInt8(8) & ~WEBP_META, 8)
      kept.push(chunk)
    }
    at = end
  }
  const body = Buffer.concat(kept)
  const head = Buffer.from(part(file, 0, 12))
  head.writeUInt32LE(4 + body.length, 4)
  return Buffer.concat([head, body])
}
